//! The tariff of a registry as processes follow it: what one appends the others read, what failed
//! half-way is repeated, and of two that append at once one is told.

use ringfold::app::{KeptTariff, Seen, TariffError};
use ringfold::memory::{MemoryStore, WriteFault};
use ringfold::ports::store::Atomicity;
use ringfold::tariff::{Past, Tariff, read_tariff};

use super::cases::instant;

const SAMPLE: &str = include_str!("../../data/events/tariff.toml");

fn read(text: &str, known: &Tariff) -> Tariff {
    read_tariff(&[("t.toml", text)], &|_| None, known).unwrap().tariff
}

fn version(number: u32, from: &str, price: &str) -> String {
    format!(
        "format = \"ringfold-tariff-1\"\n[[plan]]\nid = \"us-carrier\"\n[[plan.version]]\nnumber = \
         {number}\neffective_from = {from}\nrate = [{{ prefix = \"1\", rate = \"{price}\" }}]\n"
    )
}

async fn append(
    kept: &mut KeptTariff,
    store: &MemoryStore,
    text: &str,
    now: &str,
) -> Result<usize, TariffError> {
    let read = read(text, kept.tariff());
    let now = instant(now);
    let addition = kept.addition(&read, now, Past::AsWritten)?;
    kept.append(store, &addition.added, now).await?;
    Ok(addition.added.parts().len())
}

fn store() -> MemoryStore {
    MemoryStore::new(Atomicity::PerDay)
}

#[tokio::test]
async fn what_one_process_appends_the_others_read() {
    let store = store();
    let mut one = KeptTariff::load(&store).await.unwrap();
    let mut two = KeptTariff::load(&store).await.unwrap();
    let now = "2026-05-01T00:00:00Z";
    assert_eq!(append(&mut one, &store, SAMPLE, now).await.unwrap(), 7);
    assert_eq!(two.refresh(&store).await.unwrap(), Seen::More);
    assert_eq!(two.refresh(&store).await.unwrap(), Seen::Nothing);
    assert_eq!(two.tariff(), &read(SAMPLE, &Tariff::default()));
    let next = version(3, "2026-06-01T00:00:00Z", "0.02");
    assert_eq!(append(&mut two, &store, &next, now).await.unwrap(), 1);
    assert_eq!(append(&mut two, &store, &next, now).await.unwrap(), 0);
    one.refresh(&store).await.unwrap();
    assert_eq!(one.tariff(), two.tariff());
    assert!(one.names().map(|name| name.added_at).is_sorted());
}

#[tokio::test]
async fn what_begins_before_everybody_can_know_of_it_is_late() {
    let store = store();
    let mut kept = KeptTariff::load(&store).await.unwrap();
    append(&mut kept, &store, SAMPLE, "2026-05-01T00:00:00Z").await.unwrap();
    let next = version(3, "2026-06-01T00:00:00Z", "0.02");
    let error = append(&mut kept, &store, &next, "2026-05-31T23:59:59Z").await.unwrap_err();
    assert!(error.to_string().starts_with("late: us-carrier@3 begins at 2026-06-01"), "{error}");
    assert_eq!(append(&mut kept, &store, &next, "2026-05-31T23:59:58Z").await.unwrap(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_repeated_and_nothing_is_there_twice() {
    let store = store();
    let mut kept = KeptTariff::load(&store).await.unwrap();
    for fault in [WriteFault::RequestLost, WriteFault::NotApplied, WriteFault::AnswerLost] {
        store.faults().next_write(fault);
        let error = append(&mut kept, &store, SAMPLE, "2026-05-01T00:00:00Z").await.unwrap_err();
        assert!(matches!(error, TariffError::Write(_)), "{error}");
        kept.refresh(&store).await.unwrap();
    }
    // The last one arrived.
    assert_eq!(append(&mut kept, &store, SAMPLE, "2026-05-01T00:00:01Z").await.unwrap(), 0);
    assert_eq!(kept.names().count(), 7);
}

#[tokio::test]
async fn of_two_that_append_at_once_the_later_is_refused() {
    let store = store();
    let mut one = KeptTariff::load(&store).await.unwrap();
    let mut two = KeptTariff::load(&store).await.unwrap();
    let (first, second) = ("2026-05-01T00:00:00Z", "2026-05-01T00:00:01Z");
    append(&mut one, &store, SAMPLE, first).await.unwrap();
    let dearer = SAMPLE.replace("0.0155", "0.0165");
    let error = append(&mut two, &store, &dearer, second).await.unwrap_err();
    assert!(error.to_string().contains("version_changed: us-carrier@2"), "{error}");
    // The same content at once is the same tariff.
    let mut three = KeptTariff::default();
    append(&mut three, &store, SAMPLE, second).await.unwrap();
    assert_eq!(three.tariff(), one.tariff());
}
