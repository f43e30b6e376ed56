//! Which faults in which order, on whom and for how long: all of it follows from a seed.

use std::fmt;

/// What goes wrong. The letter and number are those of the list of process faults.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// P1: SIGKILL of a worker, which is started again at once.
    KillWorker,
    /// P2: a worker sleeps until the group has gone on without it.
    HangWorker,
    /// P3: SIGKILL of the broker.
    KillBroker,
    /// P3: the broker sleeps.
    HangBroker,
    /// P4: SIGKILL of the store.
    KillStore,
    /// P4: the store sleeps.
    HangStore,
    /// P4: the store is away until every worker has said that it is not ready.
    StoreAway,
    /// P5: the connections of a worker to the store, and all to the broker, end.
    Cut,
    /// P5: they stay open and carry nothing, and nobody is told.
    HalfOpen,
    /// P5: everything takes 100 ms longer, each way.
    Slow,
    /// P6: down to one worker, up to four, back.
    Scale,
    /// P7: SIGKILL of the process that serves the API alone.
    KillApi,
    /// P9: every worker is stopped cleanly, one after the other.
    StopAll,
}

/// Every fault of a run of thirty; longer runs repeat it, each time in another order.
const THIRTY: [(Kind, usize); 13] = [
    (Kind::KillWorker, 11),
    (Kind::HangWorker, 4),
    (Kind::KillBroker, 2),
    (Kind::HangBroker, 1),
    (Kind::KillStore, 2),
    (Kind::HangStore, 2),
    (Kind::StoreAway, 1),
    (Kind::Cut, 1),
    (Kind::HalfOpen, 1),
    (Kind::Slow, 1),
    (Kind::Scale, 1),
    (Kind::KillApi, 2),
    (Kind::StopAll, 1),
];

/// One fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    pub kind: Kind,
    /// Share of its part of the traffic that is folded before it strikes, in percent.
    pub moment: u64,
    /// How long what sleeps or is away does so, where nothing else ends it.
    pub seconds: u64,
    /// Which of the workers, modulo their number.
    pub victim: usize,
    /// Whether another worker is killed while it lasts.
    pub is_double: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, moment, seconds, victim, is_double } = self;
        write!(f, "{kind:?} at {moment} %, {seconds} s, victim {victim}")?;
        if *is_double { f.write_str(", and a kill meanwhile") } else { Ok(()) }
    }
}

/// A group of workers, its log and what happens to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Round {
    pub seed: u64,
    pub workers: usize,
    pub partitions: i32,
    pub batch_rows: u64,
    pub faults: Vec<Fault>,
}

/// Faults of one round.
const ROUND: usize = 10;

/// Numbers that follow from a seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to `limit` − 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }

    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.index(last + 1));
        }
    }
}

/// The rounds of so many faults.
pub fn rounds(seed: u64, count: usize) -> Vec<Round> {
    let mut dice = Dice::new(seed);
    let mut kinds = Vec::new();
    while kinds.len() < count {
        let mut thirty: Vec<Kind> =
            THIRTY.iter().flat_map(|(kind, times)| vec![*kind; *times]).collect();
        dice.shuffle(&mut thirty);
        kinds.extend(thirty);
    }
    kinds.truncate(count);
    let chunks = kinds.chunks(ROUND);
    chunks.map(|kinds| round(&mut dice, kinds)).collect()
}

fn round(dice: &mut Dice, kinds: &[Kind]) -> Round {
    let faults = kinds.iter().map(|kind| Fault {
        kind: *kind,
        moment: dice.below(100),
        seconds: 5 + dice.below(8),
        victim: dice.index(1_000),
        is_double: dice.below(3) == 0,
    });
    let faults = faults.collect();
    Round {
        seed: dice.below(u64::MAX),
        workers: 2 + dice.index(3),
        partitions: i32::try_from(8 + dice.below(9)).unwrap(),
        batch_rows: [1, 7, 30, 100][dice.index(4)],
        faults,
    }
}

#[test]
fn a_schedule_follows_from_its_seed_and_holds_every_kind_in_thirty_faults() {
    assert_eq!(rounds(7, 300), rounds(7, 300));
    assert_ne!(rounds(7, 30), rounds(8, 30));
    assert_eq!(THIRTY.iter().map(|(_, times)| times).sum::<usize>(), 30);
    for (kind, times) in THIRTY {
        let faults = rounds(3, 30).into_iter().flat_map(|round| round.faults);
        assert_eq!(faults.filter(|fault| fault.kind == kind).count(), times, "{kind:?}");
    }
    assert_eq!(rounds(1, 4).iter().map(|round| round.faults.len()).sum::<usize>(), 4);
}
