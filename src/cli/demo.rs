//! `demo`: the whole process on a temporary folder, with a seeded gateway that places calls, and a
//! line per dial as it changes. Nothing else needs to be installed or running.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::args::DemoArgs;
use super::exit::Failure;
use super::keys::demo_key;
use super::runtime::block_on;
use super::{Context, Outcome};
use crate::app::{self, Running};
use crate::config::{LogKind, Settings, StoreKind};
use crate::dial::limits::Limits;
use crate::dial::render::{View, item};
use crate::embedded::{Embedded, LocalSink};
use crate::item::Item;
use crate::ports::changes::ChangeNotice;
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::ItemReader;
use crate::ports::world::{Entropy, WallClock};
use crate::simulator::traffic::{Traffic, TrafficPlan};
use crate::supervisor::{ComponentError, Exit, Supervisor};
use crate::system::{SystemClock, SystemEntropy};
use crate::tariff::{Book, read_files};
use crate::telemetry::{logs, metrics};
use crate::value::{Micros, ProjectId};

/// Prices of the demo: invented, every number has one.
const TARIFF: &str = include_str!("demo/tariff.toml");

pub(super) fn run(args: &DemoArgs, context: &mut Context) -> Outcome {
    let folder = Folder::new(args.keep.as_deref())?;
    let settings = settings(context.settings()?, folder.path())?;
    let level = context.global.log.clone().unwrap_or_else(|| "warn".to_owned());
    logs::install(settings.telemetry.log_format, &level)
        .map_err(|error| Failure::new(Exit::Settings, error.to_string()))?;
    let outcome = block_on(play(args, settings, context));
    folder.leave(context)?;
    outcome
}

async fn play(args: &DemoArgs, settings: Settings, context: &mut Context) -> Outcome {
    let began = Instant::now();
    let text = metrics::install()
        .map_err(|error| Failure::new(Exit::Failed, format!("metrics: {error}")))?;
    let supervisor = Supervisor::new();
    supervisor.listen_for_signals()?;
    let running = app::start(&settings, &supervisor.spawner(), text).await?;
    let plan = plan(args);
    let Running { api: Some(api), embedded: Some(store), .. } = running else {
        return Err(Failure::new(Exit::Failed, "the demo did not start its API and store"));
    };
    introduce(&store, api, project_of(plan)?, context).await?;
    let stop = supervisor.token();
    let sink = store.sink();
    supervisor.spawner().errand("gateway", gateway(plan, sink, stop.clone()));
    let shown = Shown { store, limits: Limits::default(), book: prices()?, seen: BTreeSet::new() };
    let answered = tokio::select! {
        () = stop.cancelled() => None,
        answered = follow(shown, args, context) => answered?,
    };
    if answered.is_some() {
        let seconds = began.elapsed().as_secs_f32();
        writeln!(context.out, "first answered dial after {seconds:.1} s")?;
    }
    stop.cancel();
    supervisor.run_to_end(settings.stop_grace.0).await?;
    Ok(Exit::Done)
}

fn plan(args: &DemoArgs) -> TrafficPlan {
    TrafficPlan {
        seed: args.seed,
        calls: u64::MAX,
        projects: 1,
        start: SystemClock.now(),
        call_every_us: 1_000_000_u64.div_euclid(u64::from(args.rate.max(1))),
        cost_after_ms: (5_000, 30_000),
        ..TrafficPlan::default()
    }
}

/// The one project of the demo: its events name it.
fn project_of(plan: TrafficPlan) -> Result<ProjectId, Failure> {
    let mut traffic = Traffic::new(plan);
    let event = traffic.next_event().map(|event| event.data().to_vec()).unwrap_or_default();
    let data: serde_json::Value = serde_json::from_slice(&event).unwrap_or_default();
    let project = data.get("projectId").and_then(serde_json::Value::as_str);
    let uuid = project.and_then(|text| uuid::Uuid::try_parse(text).ok());
    uuid.map(ProjectId::new)
        .ok_or_else(|| Failure::new(Exit::Failed, "the demo's gateway names no project"))
}

async fn introduce(
    store: &Embedded,
    api: SocketAddr,
    project: ProjectId,
    context: &mut Context,
) -> Result<(), Failure> {
    let (record, issued) = demo_key(project);
    store.put_key(&record).await.map_err(|e| Failure::new(Exit::Disk, e.to_string()))?;
    let key = issued.reveal();
    writeln!(
        context.out,
        "ringfold is running at http://{api}, project {project}\n\
         API key (shown once): {key}\n\n\
         List the newest items from another terminal:\n  \
         curl -s -H 'ApiKey: {key}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"select\":{{\"status\":true,\"isAnswered\":true,\
         \"callCostInUSDCents\":true}}}}' \\\n    \
         http://{api}/api/incoming-call-log-item/get-list\n\n\
         A gateway places calls now; a line per dial as it changes. Ctrl-C ends it.\n"
    )?;
    context.out.flush()?;
    Ok(())
}

/// The seeded gateway: publishes each event when its time has come.
async fn gateway(plan: TrafficPlan, sink: LocalSink, stop: tokio_util::sync::CancellationToken) {
    let mut traffic = Traffic::new(plan);
    while let Some(at) = traffic.next_at() {
        let wait = at.since(SystemClock.now()).max(0);
        let wait = Duration::from_micros(u64::try_from(wait).unwrap_or(0));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let Some(record) = traffic.next_event().map(crate::simulator::traffic::Encoded::to_record)
        else {
            return;
        };
        if let Err(error) = sink.append(vec![record]).await {
            tracing::warn!(%error, "the demo's gateway could not publish");
        }
    }
}

/// What is needed to show a dial, and which states were shown.
struct Shown {
    store: Embedded,
    limits: Limits,
    book: Book,
    seen: BTreeSet<ChangeNotice>,
}

/// Prints a line per change; ends at the first answered dial where that was asked for.
async fn follow(
    mut shown: Shown,
    args: &DemoArgs,
    context: &mut Context,
) -> Result<Option<()>, Failure> {
    let mut changes = shown.store.changes().follow();
    loop {
        let notice = match changes.recv().await {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Ok(None),
        };
        if !shown.seen.insert(notice) {
            continue;
        }
        let row = shown.store.get(&notice.key).await;
        let row = row.map_err(|error| Failure::new(Exit::Disk, error.to_string()))?;
        // What was deleted is no item any more.
        let Some(row) = row.filter(|row| row.deletion.is_none()) else { continue };
        let now = SystemClock.now();
        let item = item(&row, &View { book: &shown.book, limits: &shown.limits, now });
        writeln!(context.out, "{}", line(&item, now))?;
        context.out.flush()?;
        if args.until_answered && item.is_answered {
            return Ok(Some(()));
        }
    }
}

/// `12:00:31  Completed     +1•••••0143   talked 66 s   2.6 ¢   Answered; the call has ended.`
fn line(item: &Item, now: Micros) -> String {
    let [_, _, _, hour, minute, second, _] = now.civil();
    let phone = item.phone.as_ref().map_or_else(String::new, ToString::to_string);
    let length = item.dial_duration_s.map_or_else(String::new, |s| format!("{s} s"));
    let cost = item.cost.map_or_else(String::new, |cost| format!("{} ¢", cost.cents()));
    let text = item.status_message.as_deref().unwrap_or("");
    let status = &item.status;
    format!(
        "{hour:02}:{minute:02}:{second:02}  {status:<12}  {phone:<12}  {length:>6}  {cost:>9}  \
         {text}"
    )
}

fn prices() -> Result<Book, ComponentError> {
    let read = read_files(&[("the demo's tariff", TARIFF)], &|_| None);
    read.map(|(book, _)| book).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        ComponentError::new(Exit::Failed, faults.join("\n"))
    })
}

/// The settings of the demo: everything local, in its folder.
fn settings(mut settings: Settings, folder: &Path) -> Result<Settings, Failure> {
    let tariff = folder.join("tariff.toml");
    std::fs::write(&tariff, TARIFF)?;
    settings.log.kind = LogKind::Local;
    settings.store = StoreKind::Local;
    settings.data_dir = folder.join("data");
    settings.tariff.files = vec![tariff];
    settings.intake.enabled = Some(true);
    settings.http.listen = free_or_any(settings.http.listen);
    settings.admin.listen = free_or_any(settings.admin.listen);
    Ok(settings)
}

/// The address if it is free, else any free port of loopback: a demo does not fail over a port.
fn free_or_any(wanted: SocketAddr) -> SocketAddr {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    if TcpListener::bind(wanted).is_ok() { wanted } else { any }
}

/// The folder of the demo: removed at its end unless it is kept.
struct Folder {
    path: PathBuf,
    kept: Keep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        let temporary = || {
            // Nobody else can know the name, so what is deleted in the end is ours.
            let mut random = [0; 8];
            SystemEntropy.fill(&mut random);
            let name = format!("ringfold-demo-{:016x}", u64::from_be_bytes(random));
            (std::env::temp_dir().join(name), Keep::No)
        };
        let (path, kept) = keep.map_or_else(temporary, |path| (path.to_owned(), Keep::Yes));
        let made = DirBuilder::new().recursive(kept == Keep::Yes).mode(0o700).create(&path);
        made.map_err(|error| {
            Failure::new(Exit::Disk, format!("cannot make the demo's folder: {error}"))
                .at(path.display().to_string())
        })?;
        Ok(Self { path, kept })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn leave(&self, context: &mut Context) -> Result<(), Failure> {
        let path = self.path.display();
        match self.kept {
            Keep::Yes => writeln!(context.out, "kept {path}")?,
            Keep::No => {
                std::fs::remove_dir_all(&self.path).ok();
                writeln!(context.out, "deleted {path}")?;
            }
        }
        Ok(())
    }
}
