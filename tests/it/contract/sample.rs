//! Rows for the contract: everything follows from a seed, the project id too, so that cases do not
//! meet in a store that outlives them.

use futures::StreamExt;
use ringfold::dial::event::{AnsweredBy, Currency, Ended, Gateway, HangupSide, Price, Started};
use ringfold::dial::fact::{Fact, Provenance};
use ringfold::dial::facts::{Facts, Register};
use ringfold::dial::row::{DayBatch, DirectoryRow, EditWrite, FoldWrite, Locator, Row};
use ringfold::dial::{Edits, ItemKey, State};
use ringfold::item::{Finality, Flags, Rating, Rendered, Status};
use ringfold::memory::SeededEntropy;
use ringfold::ports::store::{Atomicity, DialStore, WriteUnit};
use ringfold::ports::world::Entropy;
use ringfold::value::{
    CallId, Day, DialId, ItemId, Micros, Phone, ProjectId, RuleId, SLICE_MICROS, UserId,
};
use uuid::{Builder, Uuid};

/// 2026-03-29: no test depends on what day it is.
pub const DAY: Day = Day::new(20_541);

/// One seed's rows.
pub struct Sample {
    pub project: ProjectId,
    entropy: SeededEntropy,
}

impl Sample {
    pub fn of(seed: u64) -> Self {
        let entropy = SeededEntropy::new(seed);
        Self { project: ProjectId::new(v4(&entropy)), entropy }
    }

    /// Another project's rows.
    pub fn stranger(&self) -> Self {
        Self::of(self.entropy.number())
    }

    pub fn below(&self, bound: u64) -> u64 {
        self.entropy.number() % bound
    }

    pub fn chance(&self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    pub fn v4(&self) -> Uuid {
        v4(&self.entropy)
    }

    /// An instant of the day, in whole milliseconds.
    pub fn instant(&self, day: Day) -> Micros {
        let of_day = i64::try_from(self.below(86_400_000)).unwrap();
        Micros::from_ms(day.start().ms() + of_day)
    }

    /// A key whose id carries the time.
    pub fn key_at(&self, created_at: Micros) -> ItemKey {
        let item = ItemId::new(self.v8(created_at));
        ItemKey { project: self.project, created_at, item }
    }

    pub fn key(&self) -> ItemKey {
        self.key_at(self.instant(DAY))
    }

    /// A key whose id carries no time.
    pub fn timeless_key(&self) -> ItemKey {
        ItemKey { item: ItemId::new(self.v4()), ..self.key() }
    }

    /// A call whose id says that it began then.
    pub fn call_at(&self, began: Micros) -> CallId {
        CallId::new(self.v8(began))
    }

    fn v8(&self, at: Micros) -> Uuid {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        bytes[..6].copy_from_slice(&at.ms().to_be_bytes()[2..]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn some<T>(&self, make: impl FnOnce() -> T) -> Option<T> {
        (!self.chance(4)).then(make)
    }

    /// A text of 1 to `most` characters out of every plane of Unicode.
    pub fn text(&self, most: u64) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(most) {
            let plane = u32::try_from(self.below(17)).unwrap() << 16;
            let code = plane | u32::try_from(self.below(0x1_0000)).unwrap();
            let char = char::from_u32(code).filter(|char| !char.is_control());
            text.push(char.unwrap_or('ä'));
        }
        text
    }

    fn fact<S>(&self, said: S) -> Register<S> {
        let rank = i8::try_from(self.below(5)).unwrap();
        let at = self.some(|| self.instant(DAY));
        let provenance = Provenance::from_rank(rank).unwrap();
        self.some(|| Fact { at, provenance, said })
    }

    /// A state with whatever registers and attributes the seed gives.
    pub fn state(&self, revision: u32) -> State {
        let started = Started {
            call: self.some(|| CallId::new(self.v4())),
            rule: self.some(|| RuleId::new(self.v4())),
            user: self.some(|| UserId::new(self.v4())),
            phone: self.some(|| Phone::new(format!("+1202555{:04}", self.below(10_000)))),
            gateway: Gateway::new(self.some(|| "twilio"), self.some(|| "eu-1")),
            ring_timeout_s: self.some(|| u16::try_from(self.below(3_600)).unwrap() + 1),
        };
        let ended = Ended {
            reason: self.some(|| self.text(32).into()),
            kind: self.some(|| "twilio".into()),
            status: self.some(|| self.text(64).into()),
            sip: self.some(|| u16::try_from(self.below(600)).unwrap() + 100),
            q850: self.some(|| u8::try_from(self.below(128)).unwrap()),
            side: self.some(|| HangupSide::Caller),
            vendor_reason: self.some(|| self.text(255).into()),
        };
        let currency = Currency::parse("EUR").unwrap();
        let micro = i64::try_from(self.below(1 << 62)).unwrap();
        let facts = Facts {
            dial: self.some(|| DialId::parse(&self.text(60)).unwrap()),
            started: self.fact(started),
            ringing: self.fact(()),
            answered: self.fact(()),
            detected: self.fact(AnsweredBy::Machine),
            ended: self.fact(ended),
            cost: self.fact(Price { micro, currency }),
        };
        State { facts, revision }
    }

    /// States that a dial may go through: revisions 1, 2, 3, …; each is another state, and some
    /// say less than the one before.
    pub fn chain(&self, length: u32) -> Vec<State> {
        (1..=length).map(|revision| self.state(revision)).collect()
    }
}

fn v4(entropy: &SeededEntropy) -> Uuid {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// A fold write with a rendering that follows from key and state.
pub fn write(key: ItemKey, state: State) -> FoldWrite {
    let rendered = Rendered {
        status: if state.facts.ended.is_some() { Status::Failed } else { Status::Ringing },
        is_answered: state.facts.answered.is_some(),
        finality: if state.facts.ended.is_some() { Finality::Final } else { Finality::Open },
        dial_duration_s: Some(i32::try_from(state.revision).unwrap()),
        ring_ms: None,
        talk_ms: None,
        flags: Flags::default(),
        updated_at: key.created_at,
        cost: None,
        cost_source: None,
        rating: Rating::default(),
    };
    FoldWrite { key, state, rendered }
}

/// A write of a state that names this call.
pub fn write_of_call(key: ItemKey, call: CallId) -> FoldWrite {
    let said = Started { call: Some(call), ..Started::default() };
    let started = Some(Fact { at: Some(key.created_at), provenance: Provenance::Live, said });
    write(key, State { facts: Facts { started, ..Facts::default() }, revision: 1 })
}

/// An edit of this row that changes nothing yet, at the wall that its row asks for.
pub fn edit(row: &Row, now: Micros) -> EditWrite {
    EditWrite {
        key: row.key,
        create: None,
        edits: Edits {
            at: Some(now),
            by: Some("k1".into()),
            count: row.edits.count + 1,
            ..Edits::default()
        },
        deletion: None,
        erasure: None,
        provisional: None,
        wall: EditWrite::wall(now, &row.key, row.newest_wall),
    }
}

/// Batches of these rows, each with what must be there before it.
pub fn batches(rows: &[FoldWrite]) -> Vec<DayBatch> {
    let mut batches: Vec<DayBatch> = Vec::new();
    for row in rows {
        let (project, day) = (row.key.project, row.key.day());
        let of_day = |batch: &DayBatch| batch.project == project && batch.day == day;
        let place = batches.iter().position(of_day).unwrap_or_else(|| {
            let directory = DirectoryRow::Missing;
            let (locators, rows) = (Vec::new(), Vec::new());
            batches.push(DayBatch { project, day, directory, locators, rows });
            batches.len() - 1
        });
        let batch = &mut batches[place];
        for locator in Locator::all_of(&row.key, &row.state) {
            if !batch.locators.contains(&locator) {
                batch.locators.push(locator);
            }
        }
        batch.rows.push(row.clone());
    }
    batches
}

/// Units of these rows as the store wants them: at most 100 rows of a day in a batch.
pub fn units<S: DialStore>(store: &S, rows: &[FoldWrite]) -> Vec<WriteUnit> {
    let batches = rows.chunks(100).flat_map(batches);
    match store.atomicity() {
        Atomicity::WholeUnit => vec![WriteUnit { batches: batches.collect(), cursors: vec![] }],
        Atomicity::PerDay => {
            batches.map(|batch| WriteUnit { batches: vec![batch], cursors: vec![] }).collect()
        }
    }
}

/// Writes rows, several units at a time where the store allows it.
pub async fn put<S: DialStore>(store: &S, rows: &[FoldWrite]) {
    let units = units(store, rows);
    let writes = futures::stream::iter(&units).map(|unit| store.write(unit));
    let done: Vec<_> = writes.buffer_unordered(32).collect().await;
    done.into_iter().collect::<Result<(), _>>().unwrap();
}

/// The row of this key; it must be there.
pub async fn row<S: DialStore>(store: &S, key: &ItemKey) -> Row {
    store.load(&[*key]).await.unwrap().pop().unwrap().unwrap()
}

/// Start of the slice so many slices behind the one of an instant.
pub fn slice_behind(at: Micros, slices: i64) -> Micros {
    Micros::new(at.slice().get() + slices * SLICE_MICROS)
}
