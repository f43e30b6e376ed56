//! Rows of dials that may have been seen before: asked for, answered, folded into.

use std::time::Duration;

use crate::dial::{ItemKey, Row, State};
use crate::ports::store::ReadError;

use super::super::batch::RowRef;
use super::super::cache::{Standing, Waiting};
use super::super::effect::{Effect, LoadId};
use super::super::retry;
use super::{Context, Machine};

/// Keys of one load at most.
const KEYS_MAX: usize = 100;

/// A dial whose row is needed, and where it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    pub(super) key: ItemKey,
    pub(super) row: RowRef,
}

/// A load that is under way or waits to be repeated.
#[derive(Debug)]
pub(super) struct Load {
    missing: Vec<Missing>,
    attempts: u32,
    /// Set while it waits to be repeated.
    due: Option<Duration>,
}

impl Load {
    fn keys(&self) -> Vec<ItemKey> {
        self.missing.iter().map(|missing| missing.key).collect()
    }
}

impl Machine {
    /// Groups what is missing by project-day and asks for it.
    pub(super) fn issue_loads(&mut self) {
        if self.to_load.is_empty() {
            return;
        }
        let mut missing = std::mem::take(&mut self.to_load);
        missing.sort_by_key(|m| (m.key.project, m.key.day(), m.key.created_at, m.key.item));
        for chunk in missing.chunks(KEYS_MAX) {
            let id = self.next_load;
            self.next_load = id.saturating_add(1);
            let load = Load { missing: chunk.to_vec(), attempts: 0, due: None };
            self.effects.push(Effect::Load(id, load.keys()));
            self.loads.insert(id, load);
        }
    }

    /// The rows of a load, in the order of its keys.
    pub fn on_loaded(&mut self, id: LoadId, rows: Vec<Option<Row>>, context: &Context<'_>) {
        let Some(load) = self.loads.remove(&id) else { return };
        for (missing, row) in load.missing.into_iter().zip(rows) {
            for Waiting { event, ticket } in self.take_waiting(&missing, row) {
                self.on_held(missing.row.place, event, ticket, context);
            }
        }
        self.write_due(context);
        self.hand_back_if_drained(context.elapsed);
    }

    fn take_waiting(&mut self, missing: &Missing, row: Option<Row>) -> Vec<Waiting> {
        let Some(part) = self.parts.get_mut(&missing.row.partition) else { return Vec::new() };
        if part.tenure != missing.row.tenure {
            return Vec::new();
        }
        let Some(entry) = part.cache.at(missing.row.place) else { return Vec::new() };
        let (key, state, standing) = match row {
            Some(row) if row.deletion.is_some() => (row.key, row.state, Standing::Deleted),
            Some(row) => (row.key, row.state, Standing::Loaded),
            None => (entry.key, State::default(), Standing::Own),
        };
        let has_no_id_time = crate::dial::identity::time_of_id(key.item.uuid()).is_none();
        entry.needs_locator = has_no_id_time && matches!(standing, Standing::Own);
        entry.key = key;
        entry.state = state;
        match std::mem::replace(&mut entry.standing, standing) {
            Standing::Loading(waiting) => waiting,
            Standing::Loaded | Standing::Own | Standing::Deleted => Vec::new(),
        }
    }

    /// The store did not answer: the same load again after a while, without end.
    pub fn on_load_failed(
        &mut self,
        id: LoadId,
        _error: &ReadError,
        jitter: u16,
        elapsed: Duration,
    ) {
        if let Some(load) = self.loads.get_mut(&id) {
            load.due = Some(elapsed.saturating_add(retry::backoff(load.attempts, jitter)));
            load.attempts = load.attempts.saturating_add(1);
        }
    }

    /// Repeats the loads whose wait is over.
    pub(super) fn repeat_loads(&mut self, elapsed: Duration) {
        for (id, load) in &mut self.loads {
            if load.due.is_some_and(|due| due <= elapsed) {
                load.due = None;
                self.effects.push(Effect::Load(*id, load.keys()));
            }
        }
    }
}
