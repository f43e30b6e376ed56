//! `keys create | list | rotate | revoke | import`: API keys. A secret is shown once, when it is
//! made.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::args::{
    KeysCommand, KeysCreateArgs, KeysImportArgs, KeysListArgs, KeysRevokeArgs, KeysRotateArgs,
};
use super::exit::Failure;
use super::runtime::block_on;
use super::store::{AnyStore, read_failure};
use super::{Context, Outcome};
use crate::access::{ApiKeyRecord, IssuedKey, KEY_RANDOM_BYTES, KeyReach, PresentedKey, is_live};
use crate::ports::registry::KeyUses as _;
use crate::ports::world::{Entropy, WallClock};
use crate::supervisor::Exit;
use crate::system::{SystemClock, SystemEntropy};
use crate::value::{Micros, ProjectId};

/// Shown in place of a secret where nothing was made.
const NOT_MADE: &str = "(not made)";

pub(super) fn run(command: &KeysCommand, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let store = AnyStore::open(&settings).await?;
        match command {
            KeysCommand::Create(args) => create(args, &store, context).await,
            KeysCommand::List(args) => list(args, &store, context).await,
            KeysCommand::Rotate(args) => rotate(args, &store, context).await,
            KeysCommand::Revoke(args) => revoke(args, &store, context).await,
            KeysCommand::Import(args) => import(args, &store, context).await,
        }
    })
}

async fn create(args: &KeysCreateArgs, store: &AnyStore, context: &mut Context) -> Outcome {
    let (record, issued) = issue(args)?;
    if args.dry_run {
        let made = json!({ "keyId": null, "key": NOT_MADE, "name": &*record.name });
        context.line(&format!("{NOT_MADE}: {}", seen(&record)), &made)?;
        return Ok(Exit::Done);
    }
    store.put_key(&record).await?;
    let text = issued.reveal();
    let made = json!({ "keyId": &*record.key_id, "key": text, "name": &*record.name });
    context.line(&format!("{text}\n(shown once; its id is {})", record.key_id), &made)?;
    Ok(Exit::Done)
}

/// The API key of a demo: may do everything in its project.
pub(super) fn demo_key(project: ProjectId) -> (ApiKeyRecord, IssuedKey) {
    let issued = new_key();
    let record = ApiKeyRecord {
        key_id: Arc::clone(issued.key_id()),
        reach: KeyReach::Project(project),
        name: "demo".into(),
        hash: issued.hash(),
        allow: BTreeSet::from(["ProjectAdmin".into()]),
        block: BTreeSet::new(),
        created_at: SystemClock.now(),
        created_by: "demo".into(),
        expires_at: None,
        revoked_at: None,
    };
    (record, issued)
}

fn new_key() -> IssuedKey {
    let mut random = [0; KEY_RANDOM_BYTES];
    SystemEntropy.fill(&mut random);
    IssuedKey::make(&random)
}

fn issue(args: &KeysCreateArgs) -> Result<(ApiKeyRecord, IssuedKey), Failure> {
    let reach = match (args.gateway, args.projects.as_slice()) {
        (true, projects) => KeyReach::Gateway(projects.iter().copied().collect()),
        (false, [project]) => KeyReach::Project(*project),
        (false, _) => {
            return Err(Failure::new(Exit::Usage, "an API key reaches exactly one project")
                .at("--project")
                .remedy("name one project, or make a gateway key with --gateway"));
        }
    };
    if args.gateway && args.projects.is_empty() && !args.all_projects {
        return Err(Failure::new(Exit::Usage, "a gateway key needs its projects")
            .at("--gateway")
            .remedy("name them with --project, or say --all-projects"));
    }
    let issued = new_key();
    let record = ApiKeyRecord {
        key_id: Arc::clone(issued.key_id()),
        reach,
        name: args.name.as_str().into(),
        hash: issued.hash(),
        allow: args.allow.iter().map(|grant| grant.as_str().into()).collect(),
        block: args.block.iter().map(|grant| grant.as_str().into()).collect(),
        created_at: SystemClock.now(),
        created_by: "cli".into(),
        expires_at: args.expires_at,
        revoked_at: None,
    };
    Ok((record, issued))
}

async fn list(args: &KeysListArgs, store: &AnyStore, context: &mut Context) -> Outcome {
    for key in store.list_keys(args.project).await? {
        let now = SystemClock.now();
        let state = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            (None, _) => "live",
        };
        let used = store.get_key_use(&key.key_id).await.map_err(read_failure)?;
        let used = used.map(|day| day.to_string());
        let shown = json!({
            "keyId": &*key.key_id, "name": &*key.name, "kind": kind(&key),
            "projects": projects(&key), "allow": names(&key.allow),
            "block": names(&key.block),
            "expiresAt": key.expires_at.map(|time| time.to_string()), "state": state,
            "lastUsed": used,
        });
        let used = used.unwrap_or_else(|| "never used".to_owned());
        context.line(&format!("{}  {state}  {used}  {}", key.key_id, seen(&key)), &shown)?;
    }
    Ok(Exit::Done)
}

/// `project  3f2b…  ProjectMember  dashboard`
fn seen(key: &ApiKeyRecord) -> String {
    let projects = projects(key);
    let projects = if projects.is_empty() { "all".to_owned() } else { projects.join(",") };
    format!("{}  {projects}  {}  {}", kind(key), names(&key.allow).join(","), key.name)
}

fn names(grants: &BTreeSet<Arc<str>>) -> Vec<&str> {
    grants.iter().map(|grant| &**grant).collect()
}

fn kind(key: &ApiKeyRecord) -> &'static str {
    if matches!(key.reach, KeyReach::Gateway(_)) { "gateway" } else { "project" }
}

fn projects(key: &ApiKeyRecord) -> Vec<String> {
    match &key.reach {
        KeyReach::Project(project) => vec![project.to_string()],
        KeyReach::Gateway(projects) => projects.iter().map(ToString::to_string).collect(),
    }
}

/// A second key of the same reach and grants; the first ends when the overlap is over.
async fn rotate(args: &KeysRotateArgs, store: &AnyStore, context: &mut Context) -> Outcome {
    let mut first = known_key(store, &args.key_id).await?;
    let now = SystemClock.now();
    if !is_live(&first, now) {
        return Err(Failure::new(Exit::Failed, format!("the API key {} is over", args.key_id))
            .at("KEY_ID")
            .remedy("make a new one with ringfold keys create"));
    }
    let issued = new_key();
    let second = ApiKeyRecord {
        key_id: Arc::clone(issued.key_id()),
        hash: issued.hash(),
        created_at: now,
        created_by: "rotate".into(),
        expires_at: args.expires_at.or(first.expires_at),
        ..first.clone()
    };
    let end = now.plus(args.overlap.0);
    first.expires_at = Some(first.expires_at.map_or(end, |own| own.min(end)));
    if !args.dry_run {
        // The second is good before the first is to end.
        store.put_key(&second).await?;
        store.put_key(&first).await?;
    }
    let shown = if args.dry_run { NOT_MADE } else { issued.reveal() };
    let ends = first.expires_at.map(|end| end.to_string()).unwrap_or_default();
    let made = json!({
        "keyId": &*second.key_id, "key": shown, "name": &*second.name,
        "replaces": &*first.key_id, "replacedUntil": ends,
    });
    let told = format!(
        "{shown}\n(shown once; its id is {}; {} is good until {ends})",
        second.key_id, first.key_id
    );
    context.line(&told, &made)?;
    Ok(Exit::Done)
}

async fn known_key(store: &AnyStore, key_id: &str) -> Result<ApiKeyRecord, Failure> {
    let known = store.get_key(key_id).await?;
    known.ok_or_else(|| {
        Failure::new(Exit::Failed, format!("there is no API key {key_id}"))
            .at("KEY_ID")
            .remedy("ringfold keys list shows the ids")
    })
}

async fn revoke(args: &KeysRevokeArgs, store: &AnyStore, context: &mut Context) -> Outcome {
    let mut key = known_key(store, &args.key_id).await?;
    if args.dry_run {
        let state =
            if key.revoked_at.is_some() { "is revoked already" } else { "would be revoked" };
        let done = json!({ "keyId": &*key.key_id, "state": state });
        context.line(&format!("{} {state}", key.key_id), &done)?;
        return Ok(Exit::Done);
    }
    key.revoked_at = key.revoked_at.or_else(|| Some(SystemClock.now()));
    store.put_key(&key).await?;
    let done = json!({ "keyId": &*key.key_id, "state": "revoked" });
    context.line(&format!("{} is revoked", key.key_id), &done)?;
    Ok(Exit::Done)
}

/// One line of the file: a key of the product that is replaced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportLine {
    key: String,
    #[serde(default)]
    name: String,
    #[serde(rename = "projectId")]
    project: String,
    #[serde(default)]
    allow: Vec<GrantLine>,
    #[serde(default)]
    block: Vec<GrantLine>,
    #[serde(rename = "expiresAt", default)]
    expires_at: Option<String>,
}

/// A grant is a name, or a name with labels: labels never limit an allow entry and never weaken a
/// block entry.
#[derive(Deserialize)]
#[serde(untagged)]
enum GrantLine {
    Name(String),
    Labeled {
        permission: String,
        #[serde(rename = "labels", default)]
        _labels: Vec<String>,
    },
}

impl GrantLine {
    fn name(&self) -> Arc<str> {
        match self {
            Self::Name(name) | Self::Labeled { permission: name, .. } => name.as_str().into(),
        }
    }
}

async fn import(args: &KeysImportArgs, store: &AnyStore, context: &mut Context) -> Outcome {
    let file = std::fs::File::open(&args.file)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()).at(place(args, 0)))?;
    let mut records = Vec::new();
    for (index, line) in std::io::BufReader::new(file).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let read = record_of(&line);
            let at = place(args, index.saturating_add(1));
            records.push(read.map_err(|what| Failure::new(Exit::Failed, what).at(at))?);
        }
    }
    for mut record in records {
        let known = store.get_key(&record.key_id).await?;
        let done = if known.is_some() { "replaced" } else { "added" };
        // What was revoked here is not let in again by a file.
        record.revoked_at = known.and_then(|known| known.revoked_at);
        if !args.dry_run {
            store.put_key(&record).await?;
        }
        let project = match &record.reach {
            KeyReach::Project(project) => project.to_string(),
            KeyReach::Gateway(_) => String::new(),
        };
        let shown = json!({ "keyId": &*record.key_id, "projectId": project, "done": done });
        context.line(&format!("{}  {project}  {done}", record.key_id), &shown)?;
    }
    Ok(Exit::Done)
}

fn place(args: &KeysImportArgs, line: usize) -> String {
    format!("{}:{line}", args.file.display())
}

/// The record of a line. Errors never hold the key.
fn record_of(line: &str) -> Result<ApiKeyRecord, String> {
    let line: ImportLine = serde_json::from_str(line).map_err(|error| {
        format!("not a key line: {} (column {})", kind_of(&error), error.column())
    })?;
    let uuid = uuid::Uuid::try_parse(&line.key).map_err(|_| "key: expects a UUID".to_owned())?;
    let presented = PresentedKey::parse(&uuid.hyphenated().to_string())
        .ok_or_else(|| "key: expects a UUID".to_owned())?;
    let project =
        uuid::Uuid::try_parse(&line.project).map_err(|_| "projectId: expects a UUID".to_owned())?;
    let expires = line.expires_at.as_deref().map(super::args::instant).transpose();
    let grants = |lines: &[GrantLine]| lines.iter().map(GrantLine::name).collect::<BTreeSet<_>>();
    Ok(ApiKeyRecord {
        key_id: Arc::clone(presented.key_id()),
        reach: KeyReach::Project(ProjectId::new(project)),
        name: line.name.as_str().into(),
        hash: presented.hash(),
        allow: grants(&line.allow),
        block: grants(&line.block),
        // Importing twice gives the same record.
        created_at: Micros::new(0),
        created_by: "import".into(),
        expires_at: expires.map_err(|what| format!("expiresAt: {what}"))?,
        revoked_at: None,
    })
}

fn kind_of(error: &serde_json::Error) -> &'static str {
    if error.is_data() { "a name is unknown, missing or has another type" } else { "not JSON" }
}
