//! Dead letters: each shown once, sent back byte for byte, marked for good.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use ringfold::embedded::{Embedded, LOCAL_SOURCE, LocalLetters};
use ringfold::memory::{HandClock, MemoryBroker, MemoryDeadLetters, MemoryLetters};
use ringfold::ports::letters::{KeptLetter, LetterId, Letters};
use ringfold::ports::log::{DeadLetter, DeadLetters, EventLog, LogPartition, Polled, RecordBatch};
use ringfold::value::Micros;

/// A record that went back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Back {
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub value: Option<Vec<u8>>,
}

/// Dead letters that can be put, read by a new reader, and whose source can be read.
pub trait LettersUnderTest: Sync {
    /// Reads and redrives.
    type Letters: Letters;

    /// A source that takes what is sent back.
    fn source(&self) -> Arc<str>;

    /// Puts a letter as the worker does.
    fn put(&self, letter: &DeadLetter) -> impl Future<Output = ()> + Send;

    /// A reader from the first letter.
    fn letters(&self) -> impl Future<Output = Self::Letters> + Send;

    /// The records of the source, which are so many.
    fn records(&self, count: usize) -> impl Future<Output = Vec<Back>> + Send;
}

/// Letters and the broker that they go back to.
pub struct InMemory(MemoryDeadLetters, MemoryBroker);

impl InMemory {
    pub fn new() -> Self {
        let clock = HandClock::at(super::sample::DAY.start());
        Self(MemoryDeadLetters::default(), MemoryBroker::new(&[("dials", 1)], Arc::new(clock)))
    }
}

/// Reads a log that nothing else reads.
async fn read(mut log: impl EventLog, count: usize) -> Vec<Back> {
    let mut batch = RecordBatch::default();
    while batch.len() < count {
        let polled = log.next(&mut batch, 1 << 20).await.unwrap();
        assert!(matches!(polled, Polled::Records | Polled::Assigned(_)), "{polled:?}");
    }
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    let headers = |(name, value): (&str, Option<&[u8]>)| (name.to_owned(), owned(value));
    let back = |record: ringfold::ports::log::Record<'_>| Back {
        key: owned(record.key()),
        headers: record.headers().map(headers).collect(),
        value: owned(record.value()),
    };
    batch.iter().map(back).collect()
}

impl LettersUnderTest for InMemory {
    type Letters = MemoryLetters;

    fn source(&self) -> Arc<str> {
        "dials".into()
    }

    async fn put(&self, letter: &DeadLetter) {
        self.0.put(letter).await.unwrap();
    }

    async fn letters(&self) -> MemoryLetters {
        self.0.reader(&self.1)
    }

    async fn records(&self, count: usize) -> Vec<Back> {
        read(self.1.sole_member(), count).await
    }
}

impl LettersUnderTest for Embedded {
    type Letters = LocalLetters;

    fn source(&self) -> Arc<str> {
        LOCAL_SOURCE.into()
    }

    async fn put(&self, letter: &DeadLetter) {
        DeadLetters::put(self, letter).await.unwrap();
    }

    async fn letters(&self) -> LocalLetters {
        Self::letters(self)
    }

    async fn records(&self, count: usize) -> Vec<Back> {
        read(self.log(), count).await
    }
}

fn letter(source: &Arc<str>, offset: u64) -> DeadLetter {
    let header = |name: &str, value: &[u8]| (name.to_owned(), Some(value.to_vec()));
    DeadLetter {
        source: Arc::clone(source),
        partition: LogPartition { source: 0, number: 3 },
        offset,
        record_time: Some(Micros::from_ms(1_774_736_103_001)),
        key: Some(vec![0, 0xFF, 1]),
        headers: vec![header("a", &[0xFF, 0]), header("a", b""), header("ce_type", b"x")],
        value: Some(vec![b'{', 0, 0xC3]),
        reason: "not_json",
        error: "not one JSON object".to_owned(),
        attempts: 0,
    }
}

async fn all<L: Letters>(mut letters: L) -> Vec<KeptLetter> {
    let mut all = Vec::new();
    loop {
        let page = letters.page().await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

pub async fn letters_come_once_each_as_they_were_put<L: LettersUnderTest>(under: &L, _seed: u64) {
    assert!(all(under.letters().await).await.is_empty());
    let source = under.source();
    let other = DeadLetter {
        record_time: None,
        key: None,
        headers: Vec::new(),
        attempts: 2,
        reason: "bad_field",
        ..letter(&"elsewhere".into(), u64::from(u32::MAX))
    };
    for put in [&letter(&source, 7), &other, &letter(&source, 5), &letter(&source, 7)] {
        under.put(put).await;
    }
    let reader = under.letters().await;
    assert!(reader.takes(&source));
    let mut kept = all(reader).await;
    kept.sort_by_key(|kept| kept.id.offset);
    let offsets: Vec<u64> = kept.iter().map(|kept| kept.id.offset).collect();
    assert_eq!(offsets, [5, 7, u64::from(u32::MAX)]);
    for (kept, put) in kept.iter().zip([letter(&source, 5), letter(&source, 7), other]) {
        let id =
            LetterId { source: put.source, partition: put.partition.number, offset: put.offset };
        let expected = KeptLetter {
            id,
            record_time: put.record_time,
            key: put.key,
            headers: put.headers,
            value: put.value,
            reason: put.reason.to_owned(),
            error: put.error,
            attempts: put.attempts,
            redriven_at: None,
        };
        assert_eq!(*kept, expected);
    }
}

pub async fn a_letter_goes_back_with_one_more_attempt_and_is_marked<L: LettersUnderTest>(
    under: &L,
    _seed: u64,
) {
    let source = under.source();
    under.put(&DeadLetter { attempts: 1, ..letter(&source, 7) }).await;
    under.put(&letter(&source, 8)).await;
    let reader = under.letters().await;
    let kept = all(under.letters().await).await;
    let seven = kept.iter().find(|kept| kept.id.offset == 7).unwrap();
    for ms in [1_774_736_200_000, 1_774_736_300_000] {
        reader.redrive(seven, Micros::from_ms(ms)).await.unwrap();
    }
    drop(reader);
    let put = letter(&source, 7);
    let mut headers = put.headers;
    headers.push(("deadletter.attempts".to_owned(), Some(b"2".to_vec())));
    let back = Back { key: put.key, headers, value: put.value };
    assert_eq!(under.records(2).await, [back.clone(), back], "as often as it was asked for");
    for kept in all(under.letters().await).await {
        let marked = (kept.id.offset == 7).then_some(Micros::from_ms(1_774_736_300_000));
        assert_eq!(kept.redriven_at, marked, "the last time; {}", kept.id);
        assert_eq!(kept.attempts, u32::from(kept.id.offset == 7));
    }
}

pub async fn a_letter_that_is_put_again_keeps_its_mark<L: LettersUnderTest>(under: &L, _seed: u64) {
    let source = under.source();
    under.put(&letter(&source, 7)).await;
    let at = Micros::from_ms(1_774_736_200_000);
    let kept = all(under.letters().await).await;
    under.letters().await.redrive(&kept[0], at).await.unwrap();
    // A worker that died before its commit reads the reject again.
    under.put(&letter(&source, 7)).await;
    let kept = all(under.letters().await).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].redriven_at, Some(at));
}

pub async fn many_letters_come_in_pages<L: LettersUnderTest>(under: &L, _seed: u64) {
    let source = under.source();
    for offset in 0..600 {
        under.put(&letter(&source, offset)).await;
    }
    let kept = all(under.letters().await).await;
    let offsets: BTreeSet<u64> = kept.iter().map(|kept| kept.id.offset).collect();
    assert_eq!((kept.len(), offsets), (600, (0..600).collect()));
}
