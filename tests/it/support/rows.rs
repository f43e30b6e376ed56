//! Rows of a store from states, with everything that a writer puts there before them.

use std::collections::BTreeMap;

use ringfold::dial::identity::time_of_id;
use ringfold::dial::row::{DayBatch, DirectoryRow, FoldWrite, Locator};
use ringfold::dial::{ItemKey, Limits, State, View, rendered};
use ringfold::ports::store::{DialStore, WriteUnit};
use ringfold::tariff::{Book, Tariff};
use ringfold::value::{Day, Micros, ProjectId, SLICE_MICROS};

/// Writes the states as fold writes, with directory rows and every locator they need.
pub async fn write_states<S: DialStore>(
    store: &S,
    states: impl IntoIterator<Item = (ItemKey, State)>,
) {
    let book = Book::new(Tariff::default());
    let limits = Limits::default();
    let mut days: BTreeMap<(ProjectId, Day), DayBatch> = BTreeMap::new();
    for (key, state) in states {
        let view = View { book: &book, limits: &limits, now: key.created_at };
        let batch = days.entry((key.project, key.day())).or_insert_with(|| DayBatch {
            project: key.project,
            day: key.day(),
            directory: DirectoryRow::Missing,
            locators: Vec::new(),
            rows: Vec::new(),
        });
        batch.locators.extend(locators(&key, &state));
        batch.rows.push(FoldWrite { key, rendered: rendered(&key, &state, &view), state });
    }
    for batch in days.into_values() {
        store.write(&WriteUnit { batches: vec![batch], ..WriteUnit::default() }).await.unwrap();
    }
}

fn locators(key: &ItemKey, state: &State) -> Vec<Locator> {
    let mut locators = Vec::new();
    if time_of_id(key.item.uuid()).is_none() {
        locators.push(Locator::Item { item: key.item, created_at: key.created_at });
    }
    let call = state.facts.started.as_ref().and_then(|started| started.said.call);
    if let Some(call) = call {
        let slice = key.created_at.slice();
        let own = time_of_id(call.uuid()).map(Micros::slice);
        let next = own.map(|own| Micros::new(own.get() + SLICE_MICROS));
        if own != Some(slice) && next != Some(slice) {
            locators.push(Locator::Call { call, slice });
        }
    }
    locators
}
