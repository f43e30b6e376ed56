//! A log, a store and a driver in memory, moved by a schedule: what the machine asks for is done
//! when the schedule says so, in its order, with its faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ringfold::dial::limits::Limits;
use ringfold::dial::{ItemKey, Row, State};
use ringfold::event::DecodeLimits;
use ringfold::event::{Event, RawRecord, decode};
use ringfold::ingest::effect::Effect;
use ringfold::ingest::floor::StoreContent;
use ringfold::ingest::machine::{Backlog, Context, Machine, Settings};
use ringfold::ports::log::{Assignment, Commit, LogPartition, RecordBatch};
use ringfold::ports::store::{Atomicity, ReadError, WriteError, WriteUnit};
use ringfold::tariff::Book;
use ringfold::value::Micros;

pub const LIMITS: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };
/// 2026-03-30T12:00:00Z.
pub const NOON_MS: i64 = 1_774_872_000_000;
const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

pub fn settings() -> Settings {
    Settings {
        decode: LIMITS,
        floor_margin: Duration::from_mins(5),
        cache_dials: 6,
        budget_bytes: 1 << 20,
        batch_rows: 3,
        batch_age: Duration::from_millis(50),
        units_in_flight: 2,
        unit_rows: 5,
        hand_back_within: Duration::from_secs(5),
    }
}

/// One record of the log in memory.
#[derive(Clone, Debug)]
pub struct Logged {
    pub key: String,
    pub kind: &'static str,
    pub value: String,
    pub time_ms: i64,
}

impl Logged {
    pub fn push(&self, batch: &mut RecordBatch, partition: LogPartition, offset: u64) {
        let time = Some(Micros::from_ms(self.time_ms));
        let (key, value) = (Some(self.key.as_bytes()), Some(self.value.as_bytes()));
        batch.push(partition, offset, time, key, value);
        for (name, value) in headers(self) {
            batch.push_header(name, Some(value.as_bytes()));
        }
    }
}

/// An event of dial `dial` in call `call`, as a gateway publishes it.
pub fn record(dial: u8, kind: &'static str, second: i64) -> Logged {
    let call = format!("674fd5fc-17ad-4cdb-9147-de680889f0{:02x}", dial % 5);
    let start = Micros::from_ms(NOON_MS + i64::from(dial) * 1_000);
    let at = Micros::from_ms(NOON_MS + i64::from(dial) * 1_000 + second * 1_000);
    let more = match kind {
        "dial.ringing" => format!(r#","ringingAt":"{at}""#),
        "dial.answered" => format!(r#","answeredAt":"{at}""#),
        "dial.ended" => format!(r#","endedAt":"{at}","reason":"busy""#),
        "dial.cost" => r#","amount":"0.0288","currency":"USD""#.to_owned(),
        _ => String::new(),
    };
    let value = format!(
        r#"{{"projectId":"{PROJECT}","incomingCallLogId":"{call}","dialId":"d-{dial}","startedAt":"{start}"{more}}}"#
    );
    Logged { key: call, kind, value, time_ms: NOON_MS + 600_000 }
}

#[derive(Debug)]
pub struct World {
    pub machine: Machine,
    pub log: Vec<Vec<Logged>>,
    pub position: Vec<usize>,
    pub committed: Vec<Option<Commit>>,
    pub rows: BTreeMap<ItemKey, State>,
    pub waiting: Vec<Effect>,
    pub now: Micros,
    pub atomicity: Atomicity,
    pub dead: Vec<(LogPartition, u64)>,
    pub held: Vec<bool>,
    tenure: u64,
}

impl World {
    pub fn new(log: Vec<Vec<Logged>>, atomicity: Atomicity) -> Self {
        let parts = log.len();
        let mut world = Self {
            machine: new_machine(atomicity),
            log,
            position: vec![0; parts],
            committed: vec![None; parts],
            rows: BTreeMap::new(),
            waiting: Vec::new(),
            now: Micros::from_ms(NOON_MS + 600_000),
            atomicity,
            dead: Vec::new(),
            held: vec![false; parts],
            tenure: 0,
        };
        (0..parts).for_each(|part| world.assign(part));
        world
    }

    /// The process is killed and starts again: only log, commits and rows remain.
    pub fn kill(&mut self) {
        self.machine = new_machine(self.atomicity);
        self.waiting.clear();
        (0..self.log.len()).for_each(|part| self.assign(part));
    }

    pub fn assign(&mut self, part: usize) {
        self.tenure += 1;
        let committed = self.committed[part];
        let start = committed.map_or(0, |commit| commit.next);
        self.position[part] = usize::try_from(start).unwrap();
        self.held[part] = true;
        let content = if self.rows.is_empty() { StoreContent::Empty } else { StoreContent::Some };
        let assignment = Assignment {
            partition: partition(part),
            tenure: self.tenure,
            start,
            committed: committed.map(|commit| commit.metadata),
            parts: u16::try_from(self.log.len()).unwrap(),
        };
        self.machine.on_assigned(&[assignment], content);
    }

    pub fn lose(&mut self, part: usize) {
        self.held[part] = false;
        self.machine.on_lost(&[partition(part)]);
    }

    pub fn revoke(&mut self, part: usize) {
        self.held[part] = false;
        self.input(|machine, context| machine.on_revoked(&[partition(part)], context));
    }

    pub fn poll(&mut self, part: usize, count: usize, backlog: Backlog) {
        if self.machine.room() == 0 || !self.held[part] {
            return;
        }
        let mut batch = RecordBatch::default();
        let from = self.position[part];
        for (offset, logged) in self.log[part].iter().enumerate().skip(from).take(count) {
            logged.push(&mut batch, partition(part), offset as u64);
            self.position[part] = offset + 1;
        }
        let batch = Arc::new(batch);
        self.input(|machine, context| machine.on_polled(&batch, backlog, context));
    }

    pub fn tick(&mut self, millis: u64) {
        self.now = self.now.plus(Duration::from_millis(millis));
        self.input(Machine::on_tick);
    }

    /// Time since the world began; here both clocks go alike.
    fn elapsed(&self) -> Duration {
        let micros = self.now.since(Micros::from_ms(NOON_MS));
        Duration::from_micros(u64::try_from(micros).unwrap())
    }

    fn input(&mut self, input: impl FnOnce(&mut Machine, &Context<'_>)) {
        let (book, limits) = (Book::default(), Limits::default());
        let (now, elapsed) = (self.now, self.elapsed());
        input(&mut self.machine, &Context { book: &book, limits: &limits, now, elapsed });
        self.collect();
    }

    fn collect(&mut self) {
        for effect in self.machine.take_effects() {
            match effect {
                Effect::Commit(commits) | Effect::HandBack(commits) => self.commit(&commits),
                Effect::Publish(_) => {}
                Effect::Load(..)
                | Effect::Write(..)
                | Effect::DeadLetter(..)
                | Effect::Reference(..)
                | Effect::GatewayStart(..) => self.waiting.push(effect),
            }
        }
    }

    fn commit(&mut self, commits: &[Commit]) {
        for commit in commits {
            let part = usize::from(commit.partition.number);
            self.check_durable(part, commit);
            let before = self.committed[part].map_or(0, |c| c.next);
            assert!(commit.next >= before, "a commit went back from {before} to {}", commit.next);
            self.committed[part] = Some(*commit);
        }
    }

    /// Everything below a commit is in the rows (or a dead letter), and below its floor.
    fn check_durable(&self, part: usize, commit: &Commit) {
        for (offset, logged) in
            self.log[part].iter().enumerate().take(usize::try_from(commit.next).unwrap())
        {
            let Ok(decoded) = decode_logged(logged) else {
                assert!(self.dead.contains(&(partition(part), offset as u64)));
                continue;
            };
            let Event::Dial(event) = decoded else { continue };
            let mut alone = State::default();
            alone.inject(&event);
            let row = self.rows.get(&event.key).expect("a committed event has a row");
            assert!(alone.facts.is_within(&row.facts), "a committed event is missing in its row");
            assert!(commit.metadata.floor >= event.key.created_at, "the floor is too low");
        }
    }

    /// Does the effect at `index`: `fault` 0 = well, 1 = not applied, 2 = applied but unknown.
    pub fn answer(&mut self, index: usize, fault: u8) {
        let effect = self.waiting.remove(index);
        match effect {
            Effect::Load(id, _) if fault > 0 => {
                let error = ReadError::Unavailable("down".to_owned());
                self.machine.on_load_failed(id, &error, 1_000, self.elapsed());
                self.collect();
            }
            Effect::Load(id, keys) => {
                let rows = keys
                    .iter()
                    .map(|key| Some(Row::of(*key, self.rows.get(key)?.clone())))
                    .collect();
                self.input(|machine, context| machine.on_loaded(id, rows, context));
            }
            Effect::Write(id, unit) => self.answer_write(id, &unit, fault),
            Effect::DeadLetter(ticket, letter) => {
                self.dead.push((letter.partition, letter.offset));
                self.machine.on_completed(ticket, self.elapsed());
                self.collect();
            }
            Effect::Reference(..)
            | Effect::GatewayStart(..)
            | Effect::Commit(_)
            | Effect::HandBack(_)
            | Effect::Publish(_) => panic!("unexpected effect {effect:?}"),
        }
    }

    fn answer_write(&mut self, id: u64, unit: &WriteUnit, fault: u8) {
        if fault != 1 {
            self.apply(unit);
        }
        let error = match fault {
            0 => return self.input(|machine, context| machine.on_written(id, context)),
            1 => WriteError::NotApplied("down".to_owned()),
            _ => WriteError::Unknown("timed out".to_owned()),
        };
        self.input(|machine, context| machine.on_write_failed(id, &error, 1_000, context));
    }

    /// Last write wins by version; equal versions must carry equal states.
    fn apply(&mut self, unit: &WriteUnit) {
        for write in unit.batches.iter().flat_map(|batch| &batch.rows) {
            let held = self.rows.entry(write.key).or_default();
            if held.revision == write.state.revision {
                assert_eq!(*held, write.state, "one version, two states");
            }
            if write.state.revision > held.revision {
                *held = write.state.clone();
            }
        }
        for cursor in &unit.cursors {
            let part = usize::from(cursor.number);
            let metadata =
                ringfold::ports::log::CommitMetadata { floor: cursor.floor, parts: cursor.parts };
            self.commit(&[Commit { partition: partition(part), next: cursor.next, metadata }]);
        }
    }

    /// No more faults: everything is read, answered and committed.
    pub fn settle(&mut self) {
        for part in 0..self.log.len() {
            if !self.held[part] {
                self.assign(part);
            }
        }
        for _ in 0..10_000 {
            for part in 0..self.log.len() {
                self.poll(part, 8, Backlog::None);
            }
            while !self.waiting.is_empty() {
                self.answer(0, 0);
            }
            self.tick(2_100);
            let is_read = (0..self.log.len()).all(|p| self.position[p] == self.log[p].len());
            if is_read && self.waiting.is_empty() && self.machine.is_drained() {
                self.tick(100);
                while !self.waiting.is_empty() {
                    self.answer(0, 0);
                }
                return;
            }
        }
        panic!("work is pending and nothing moves");
    }

    /// What a plain fold of the whole log gives.
    pub fn oracle(&self) -> BTreeMap<ItemKey, State> {
        let mut states: BTreeMap<ItemKey, State> = BTreeMap::new();
        for logged in self.log.iter().flatten() {
            if let Ok(Event::Dial(event)) = decode_logged(logged) {
                states.entry(event.key).or_default().inject(&event);
            }
        }
        states
    }
}

fn new_machine(atomicity: Atomicity) -> Machine {
    Machine::new(settings(), atomicity, StoreContent::Some, vec!["dials".into()])
}

fn partition(part: usize) -> LogPartition {
    LogPartition { source: 0, number: u16::try_from(part).unwrap() }
}

pub fn headers(logged: &Logged) -> Vec<(&'static str, String)> {
    vec![
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", "1".to_owned()),
        ("ce_source", "/gateways/twilio/us1/1".to_owned()),
        ("ce_type", format!("ringfold.{}.v1", logged.kind)),
        ("ce_time", Micros::from_ms(logged.time_ms).to_string()),
    ]
}

fn decode_logged(logged: &Logged) -> Result<Event, ringfold::event::Reject> {
    let owned = headers(logged);
    let headers = owned.iter().map(|(name, value)| (*name, Some(value.as_bytes())));
    let record_time = Some(Micros::from_ms(logged.time_ms));
    let raw = RawRecord { value: Some(logged.value.as_bytes()), record_time, headers };
    decode(raw, &LIMITS).map(|decoded| decoded.event)
}
