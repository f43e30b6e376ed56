//! `fold`: events in, items out, without a store. For gateway developers and pipes.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::args::FoldArgs;
use super::exit::Failure;
use super::lines::{Line, Lines};
use super::progress::Progress;
use super::tariff::read_book;
use super::{Context, Outcome};
use crate::config::Settings;
use crate::dial::event::{Gateway, GatewayStarted};
use crate::dial::{DialEvent, ItemKey, Limits, Row, State, View, gateway, item};
use crate::event::{DecodeLimits, Event, RECORD_BYTES_MAX, Reject, decode_line};
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::value::ProjectId;

pub(super) mod print;

pub(super) fn run(args: &FoldArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let files = if args.tariffs.is_empty() { &settings.tariff.files } else { &args.tariffs };
    let (book, _warnings) = read_book(files)?;
    let folded = Folded::read(&args.file, &settings)?;
    let limits = Limits { ringing: settings.item.ringing.0, connected: settings.item.connected.0 };
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let view = View { book: &book, limits: &limits, now };
    for (key, state) in &folded.states {
        let row = folded.row(*key, state);
        let shown = item(&row, &view);
        let mut object = json!({ "item": print::item(&shown), "kept": print::kept(&shown.kept) });
        if args.explain
            && let Some(object) = object.as_object_mut()
        {
            object.insert("facts".to_owned(), print::facts(&state.facts));
        }
        context.json(&object)?;
    }
    for (line, reject) in &folded.rejects {
        context.json(&json!({ "deadLetter": {
            "line": line,
            "reason": reject.reason(),
            "field": reject.field(),
            "error": reject.to_string(),
        } }))?;
    }
    context.note(&folded.summary())?;
    Ok(if folded.rejects.is_empty() { Exit::Done } else { Exit::Found })
}

/// What a file says.
#[derive(Default)]
struct Folded {
    states: BTreeMap<ItemKey, State>,
    /// The latest start of an instance, for one project or for all.
    starts: BTreeMap<(Gateway, Option<ProjectId>), GatewayStarted>,
    rejects: Vec<(u64, Reject)>,
    events: u64,
    unchanged: u64,
    references: u64,
    lines: u64,
}

impl Folded {
    fn read(path: &Path, settings: &Settings) -> Result<Self, Failure> {
        let limits = DecodeLimits { future: settings.ingest.future_limit.0 };
        let mut lines = Lines::open(path, RECORD_BYTES_MAX)?;
        let mut folded = Self::default();
        let mut progress = Progress::start("lines", None);
        while let Some(line) = lines.next_line()? {
            let decoded = match line {
                Line::TooLong => Err(Reject::too_large()),
                Line::Text(text) => decode_line(text, &limits),
            };
            match decoded {
                Ok(decoded) => folded.event(decoded.event),
                Err(reject) => folded.rejects.push((lines.number(), reject)),
            }
            progress.step();
        }
        progress.finish();
        folded.lines = lines.number();
        Ok(folded)
    }

    fn event(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Dial(event) => self.dial(&event),
            Event::Gateway(start) => self.start(start),
            Event::Reference(_) => self.references += 1,
        }
    }

    fn dial(&mut self, event: &DialEvent) {
        let injected = self.states.entry(event.key).or_default().inject(event);
        if !injected.is_change() {
            self.unchanged += 1;
        }
    }

    fn start(&mut self, start: GatewayStarted) {
        let known = self.starts.entry((start.gateway.clone(), start.project));
        known
            .and_modify(|known| {
                if known.at < start.at {
                    known.clone_from(&start);
                }
            })
            .or_insert(start);
    }

    /// The row as the janitor would leave it: gateway starts count wherever they stand.
    fn row(&self, key: ItemKey, state: &State) -> Row {
        let mut row = Row::of(key, state.clone());
        row.provisional = self.starts.values().find_map(|start| gateway::ended_by(start, &row));
        row
    }

    fn summary(&self) -> String {
        let Self { lines, events, unchanged, references, .. } = self;
        let (items, rejects) = (self.states.len(), self.rejects.len());
        format!(
            "{lines} lines, {events} events ({unchanged} unchanged, {references} references), \
             {items} items, {rejects} dead letters"
        )
    }
}
