//! Kept renderings: read back as they were written, and put right without touching the facts.

use ringfold::dial::row::FoldWrite;
use ringfold::item::{CostSource, Flags, Rating, Rendered};
use ringfold::ports::renderings::{Renderings, StoredRendering};
use ringfold::ports::store::{DayRange, DialStore};
use ringfold::tariff::Unrated;
use ringfold::value::{MicroUsd, Micros};

use super::sample::{DAY, Sample, put, row, write};

async fn kept<S: Renderings>(store: &S, write: &FoldWrite) -> StoredRendering {
    let range = DayRange::whole(write.key.project, write.key.day());
    let mut found = store.renderings(&range).await.unwrap();
    found.retain(|rendering| rendering.key == write.key);
    found.pop().unwrap()
}

pub async fn renderings_come_back_with_their_write_time<S: DialStore + Renderings>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let mut rows: Vec<FoldWrite> = (0..40).map(|_| write(sample.key(), sample.state(2))).collect();
    rows[1].rendered = full(&rows[1].rendered);
    put(store, &rows).await;
    let found = store.renderings(&DayRange::whole(sample.project, DAY)).await.unwrap();
    assert_eq!(found.len(), rows.len());
    for row in &rows {
        let rendering = found.iter().find(|rendering| rendering.key == row.key).unwrap();
        assert_eq!(rendering.rendered, row.rendered);
        assert_eq!(rendering.written, row.state.version(row.key.created_at));
    }
    let one = rows[0].key.created_at;
    let narrow = DayRange { from: one, to: Micros::new(one.get() + 1), ..whole(&sample) };
    let found = store.renderings(&narrow).await.unwrap();
    assert!(found.iter().any(|rendering| rendering.key == rows[0].key));
    assert!(found.iter().all(|rendering| rendering.key.created_at == one));
}

/// Every field set.
fn full(rendered: &Rendered) -> Rendered {
    Rendered {
        ring_ms: Some(1_500),
        talk_ms: Some(0),
        flags: Flags::CLOCK_SUSPECT.with(Flags::COST_UNCONVERTED),
        cost: Some(MicroUsd::new(23_205)),
        cost_source: Some(CostSource::Carrier),
        rating: Rating {
            estimate: Some(MicroUsd::new(22_126)),
            billed_ms: Some(62_000),
            tariff: Some("eu-carrier@1".into()),
            prefix: Some("*".into()),
            unrated: Some(Unrated::NoBand),
        },
        ..rendered.clone()
    }
}

fn whole(sample: &Sample) -> DayRange {
    DayRange::whole(sample.project, DAY)
}

pub async fn a_rendering_is_put_right_until_the_next_fact<S: DialStore + Renderings>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let first = write(sample.key(), sample.state(1));
    put(store, std::slice::from_ref(&first)).await;
    let before = row(store, &first.key).await.state;
    let right = Rendered { is_answered: !first.rendered.is_answered, ..first.rendered.clone() };
    let version = first.state.version(first.key.created_at);
    let repair = StoredRendering { key: first.key, rendered: right.clone(), written: version + 1 };
    store.put_rendering(&repair).await.unwrap();
    store.put_rendering(&repair).await.unwrap();
    // The fold write again changes nothing.
    put(store, std::slice::from_ref(&first)).await;
    assert_eq!(kept(store, &first).await, repair);
    assert_eq!(row(store, &first.key).await.state, before);
    let next = write(first.key, sample.state(2));
    put(store, std::slice::from_ref(&next)).await;
    assert_eq!(kept(store, &next).await.rendered, next.rendered);
}

pub async fn every_project_with_an_item_is_listed<S: DialStore + Renderings>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let stranger = sample.stranger();
    put(store, &[write(sample.key(), sample.state(1))]).await;
    put(store, &[write(sample.key_at(sample.instant(DAY)), sample.state(1))]).await;
    put(store, &[write(stranger.key(), stranger.state(1))]).await;
    let projects = store.projects().await.unwrap();
    for project in [sample.project, stranger.project] {
        assert!(projects.contains(&project));
    }
}
