//! What must hold once faults have ended and everything is done.

use serde_json::Value as Json;

use crate::dial::Row;
use crate::dial::identity::is_api_made;
use crate::ports::log::{LogPartition, Offset};

use super::checks;
use super::history::Edited;
use super::hub::Hub;
use super::invariant::Invariant;
use super::produced::dial_of;

/// Checks rows and dead letters.
pub(super) fn check(hub: &Hub) {
    let (clean, rejects) = hub
        .state
        .with(|state| (state.produced.fold(state.created.clone()), state.produced.rejects()));
    for row in hub.store.rows() {
        let is_torn = hub.state.with(|state| state.produced.is_torn(&row.key));
        let told = clean.get(&dial_of(&row.key));
        hub.expect(Invariant::I2, checks::no_invention(&row, told));
        check_edits(hub, &row);
        if let Some(told) = told.filter(|_| !is_torn) {
            hub.expect(Invariant::I3, checks::convergence(&row, told));
        }
    }
    let letters: Vec<(LogPartition, Offset)> =
        hub.letters.letters().into_iter().map(|letter| (letter.partition, letter.offset)).collect();
    hub.expect(Invariant::I7, checks::accounted_for(&rejects, &letters));
}

/// I2 of what clients changed.
fn check_edits(hub: &Hub, row: &Row) {
    let message = row.edits.status_message.as_ref();
    let message = message.map(|text| text.as_deref().map_or(Json::Null, Json::from));
    let duration = row.edits.dial_duration_s.map(|seconds| seconds.map_or(Json::Null, Json::from));
    for (column, value) in [(Edited::Message, message), (Edited::Duration, duration)] {
        let Some(value) = value.map(|value| value.to_string()) else { continue };
        // A deletion empties what its client may have written of a person.
        if row.deletion.is_some() && column == Edited::Message {
            continue;
        }
        // Of an item whose maker was told nothing no id is known.
        let is_first = is_api_made(row.key.item) && value.ends_with("made\"");
        let verdict = hub
            .state
            .with(|state| checks::edit_was_written(&value, state.history.of(row.key.item, column)));
        if !is_first {
            hub.expect(Invariant::I2, verdict);
        }
    }
}
