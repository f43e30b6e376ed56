//! The directory of project-days.

use ringfold::ports::store::{DialStore, Directory};
use ringfold::value::Day;

use super::sample::{DAY, Sample, put, write};

const FIRST: Day = Day::new(-30_000);
const LAST: Day = Day::new(60_000);

pub async fn a_day_is_there_with_its_first_row<S: DialStore + Directory>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    assert_eq!(store.days(sample.project, FIRST, LAST).await.unwrap(), []);
    put(store, &[write(sample.key(), sample.state(1))]).await;
    assert!(!store.is_empty().await.unwrap());
    assert_eq!(store.days(sample.project, FIRST, LAST).await.unwrap(), [DAY]);
    put(store, &[write(sample.key(), sample.state(1))]).await;
    assert_eq!(store.days(sample.project, FIRST, LAST).await.unwrap(), [DAY]);
}

pub async fn days_come_newest_first_between_two_days<S: DialStore + Directory>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let days = [-400, 0, 20_540, 20_541, 20_543].map(Day::new);
    let rows = days.map(|day| write(sample.key_at(sample.instant(day)), sample.state(1)));
    put(store, &rows).await;
    for (from, to, want) in [
        (FIRST, LAST, &[20_543, 20_541, 20_540, 0, -400][..]),
        (Day::new(0), Day::new(20_541), &[20_541, 20_540, 0]),
        (Day::new(20_542), Day::new(20_542), &[]),
        (Day::new(20_543), Day::new(20_543), &[20_543]),
        (Day::new(9), Day::new(3), &[]),
    ] {
        let got: Vec<_> = store.days(sample.project, from, to).await.unwrap();
        assert_eq!(got.iter().map(|day| day.get()).collect::<Vec<_>>(), want);
    }
}

pub async fn many_days_come_whole<S: DialStore + Directory>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let day = |n: i32| Day::new(DAY.get() - n);
    let row = |n| write(sample.key_at(sample.instant(day(n))), sample.state(1));
    let rows: Vec<_> = (0..5_000).map(row).collect();
    put(store, &rows).await;
    let days = store.days(sample.project, FIRST, LAST).await.unwrap();
    assert_eq!(days, (0..5_000).map(day).collect::<Vec<_>>());
}

pub async fn days_of_other_projects_are_never_given<S: DialStore + Directory>(
    store: &S,
    seed: u64,
) {
    let (sample, stranger) = (Sample::of(seed), Sample::of(seed).stranger());
    put(store, &[write(stranger.key(), sample.state(1))]).await;
    assert_eq!(store.days(sample.project, FIRST, LAST).await.unwrap(), []);
}
