//! Plays a case and prints the items it gives, as the contract prints them.

use std::collections::BTreeMap;
use std::fmt::Write;

use ringfold::dial::edit::{self, Changes, Stamp};
use ringfold::dial::event::GatewayStarted;
use ringfold::dial::row::{ProvisionalEnd, Row};
use ringfold::dial::{
    DialEvent, ItemKey, Limits, State, View, gateway, inject_into_row, item, latest_fact, rendered,
};
use ringfold::item::{CostSource, Item};
use ringfold::value::Micros;

use crate::support::dials::{Told, at, call, key};
use crate::support::orders::orders;
use crate::support::prices::sample;

/// One thing that happens to the rows.
#[derive(Clone, Debug)]
pub enum Step {
    /// An event is read.
    Read(Box<DialEvent>),
    /// A client edits `d-7`, so many milliseconds after the start.
    Edit(i64, Changes),
    /// The janitor writes a provisional end of `d-7` down.
    WriteDown(i64),
    /// A client deletes `d-7`.
    Delete(i64),
}

impl From<Told> for Step {
    fn from(told: Told) -> Self {
        Self::Read(Box::new(told.0))
    }
}

/// A case: what happens in the order of the contract, and as of when the items are shown.
#[derive(Clone, Debug)]
pub struct Case {
    steps: Vec<Step>,
    restart: Option<GatewayStarted>,
    now: Micros,
}

/// A case of events alone.
pub fn read(events: impl IntoIterator<Item = Told>) -> Case {
    let steps = events.into_iter().map(Step::from).collect();
    Case { steps, restart: None, now: at(3_600_000) }
}

impl Case {
    pub fn then(mut self, step: impl Into<Step>) -> Self {
        self.steps.push(step.into());
        self
    }

    pub fn restart(mut self, start: GatewayStarted) -> Self {
        self.restart = Some(start);
        self
    }

    pub fn now(mut self, ms: i64) -> Self {
        self.now = at(ms);
        self
    }

    /// The rows after these steps. A gateway's start concerns the rows when all is read.
    fn rows(&self, steps: &[Step]) -> BTreeMap<ItemKey, Row> {
        let mut rows = BTreeMap::new();
        for step in steps {
            take(&mut rows, step);
        }
        if let Some(start) = &self.restart {
            for row in rows.values_mut() {
                row.provisional = gateway::ended_by(start, row).or(row.provisional);
            }
        }
        rows
    }

    fn items(&self, steps: &[Step]) -> Vec<Item> {
        let (book, limits) = (sample(), Limits::default());
        let view = View { book, limits: &limits, now: self.now };
        let rows = self.rows(steps);
        rows.values().filter(|row| row.deletion.is_none()).map(|row| item(row, &view)).collect()
    }

    /// Checks the items in the case's order, then that every other order gives the same ones.
    pub fn shows(self, wanted: &[&str]) {
        let items = self.items(&self.steps);
        let printed: Vec<String> = items.iter().map(print).collect();
        assert_eq!(printed, wanted);
        for item in &items {
            assert_eq!(item.call, Some(call()));
            let wanted = item.created_at.get() + 2 * i64::from(item.kept.revision);
            assert_eq!(item.kept.write_version, wanted);
        }
        let timeless: Vec<Item> = items.into_iter().map(without_revision).collect();
        for order in self.other_orders() {
            let found: Vec<Item> = self.items(&order).into_iter().map(without_revision).collect();
            assert_eq!(found, timeless, "in the order {order:#?}");
        }
        self.writes_of_the_fold_agree();
    }

    /// Every order of the events; what clients and janitor do comes at every place behind the
    /// first event, in its own order.
    fn other_orders(&self) -> Vec<Vec<Step>> {
        let is_read = |step: &Step| matches!(step, Step::Read(_));
        let (events, rest): (Vec<Step>, Vec<Step>) = self.steps.iter().cloned().partition(is_read);
        let mut all = orders(&events);
        for step in rest.iter().rev() {
            all = all
                .iter()
                .flat_map(|order| {
                    (1..=order.len()).map(|place| {
                        let mut order = order.clone();
                        order.insert(place, step.clone());
                        order
                    })
                })
                .collect();
        }
        all
    }

    /// What the fold writes for other programs says what the row says, edits aside.
    fn writes_of_the_fold_agree(&self) {
        let (book, limits) = (sample(), Limits::default());
        for row in self.rows(&self.steps).values() {
            let now = latest_fact(&row.key, &row.state.facts);
            let view = View { book, limits: &limits, now };
            let bare = Row::of(row.key, row.state.clone());
            assert_eq!(rendered(&row.key, &row.state, &view), item(&bare, &view).kept.rendered);
        }
    }
}

fn take(rows: &mut BTreeMap<ItemKey, Row>, step: &Step) {
    let of_d7 = |rows: &mut BTreeMap<ItemKey, Row>| rows.remove(&key()).unwrap();
    let stamp = |ms| Stamp { now: at(ms), by: "key-1".into() };
    match step {
        Step::Read(event) => {
            let row = rows.entry(event.key).or_insert_with(|| Row::of(event.key, State::default()));
            inject_into_row(row, event);
        }
        Step::Edit(ms, changes) => {
            let row = of_d7(rows);
            let write = edit::update(&row, changes.clone(), &stamp(*ms)).unwrap();
            rows.insert(key(), row.edited_by(&write));
        }
        Step::Delete(ms) => {
            let row = of_d7(rows);
            let write = edit::delete(&row, &stamp(*ms)).unwrap();
            rows.insert(key(), row.edited_by(&write));
        }
        Step::WriteDown(ms) => {
            let mut row = of_d7(rows);
            let revision = row.state.revision;
            row.provisional = Some(ProvisionalEnd { at: at(*ms), revision });
            rows.insert(key(), row);
        }
    }
}

/// Revision and version count readings: they may differ between orders.
fn without_revision(mut item: Item) -> Item {
    item.version = 0;
    item.kept.revision = 0;
    item.kept.write_version = 0;
    item
}

fn time(at: Micros) -> String {
    at.to_string().chars().skip(11).take(12).collect()
}

/// The item as the contract prints it.
fn print(item: &Item) -> String {
    let kept = &item.kept;
    let shown = &kept.rendered;
    let mut line = format!("**{}**", item.status);
    let mut part = |text: String| write!(line, " · {text}").unwrap();
    part(if item.is_answered { "answered" } else { "not answered" }.to_owned());
    part(item.dial_duration_s.map_or("dial null".to_owned(), |s| format!("dial {s} s")));
    match (item.cost, shown.cost_source, shown.rating.unrated) {
        (Some(cost), Some(source), _) => {
            part(format!("cost {} ¢ ({})", cost.cents(), source.word()));
        }
        (None, None, Some(reason)) => part(format!("cost null (`{}`)", reason.label())),
        other => panic!("a cost without its source, or none without a reason: {other:?}"),
    }
    if let (Some(CostSource::Carrier), Some(cost)) = (shown.cost_source, shown.rating.estimate) {
        part(format!("estimate {} ¢", cost.cents()));
    }
    part(item.ended_at.map_or("ended null".to_owned(), |at| format!("ended {}", time(at))));
    match item.started_at {
        None => part("started null".to_owned()),
        Some(start) if start != at(0) => part(format!("started {}", time(start))),
        Some(_) => {}
    }
    if let Some(answered_at) = kept.answered_at {
        let talk = shown.talk_ms.map_or(String::new(), |ms| format!(", talk {ms} ms"));
        part(format!("answeredAt {}{talk}", time(answered_at)));
    }
    part(shown.finality.word().to_owned());
    for flag in shown.flags.words() {
        part(format!("flag `{flag}`"));
    }
    part(format!("revision {}", kept.revision));
    part(format!("updated {}", time(item.updated_at)));
    part(format!("“{}”", item.status_message.as_deref().unwrap_or("null")));
    line
}

/// The rows of a case in its own order.
pub fn rows(case: &Case) -> BTreeMap<ItemKey, Row> {
    case.rows(&case.steps)
}

/// The items of a case in its own order.
pub fn items(case: &Case) -> Vec<Item> {
    case.items(&case.steps)
}
