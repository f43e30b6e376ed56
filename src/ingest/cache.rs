//! States of recent dials of one log partition: bounded, evicts ended ones first. It is never
//! iterated, so its order cannot reach anything that is written.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::dial::{DialEvent, ItemKey, State};
use crate::value::{DialId, ItemId, ProjectId};

use super::effect::Ticket;

/// A place in the cache.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    index: usize,
    generation: u32,
}

/// An event that waits for its dial's row.
#[derive(Debug)]
pub struct Waiting {
    /// The event.
    pub event: DialEvent,
    /// Its record.
    pub ticket: Ticket,
}

/// What is known of one dial.
#[derive(Debug)]
pub struct Entry {
    /// Its row.
    pub key: ItemKey,
    /// Its facts and revision.
    pub state: State,
    /// Whether the row is known and what it allows.
    pub standing: Standing,
    /// Its state waits in a batch, at this index.
    pub pending_row: Option<usize>,
    /// Writes of it that are not acknowledged.
    pub in_flight: u16,
    /// A locator of the item has to be written before the row.
    pub needs_locator: bool,
    /// The sequence numbers of its events.
    pub sequence: Sequence,
}

/// Which of the numbers that a gateway gives to a dial's events (from 1) have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sequence {
    /// Its beginning was seen by somebody else, or its gateway does not count.
    Unknown,
    /// Bit n - 1 = number n; what is beyond 64 is not watched.
    Seen(u64),
}

impl Sequence {
    /// A number came, or an event without one.
    pub fn note(&mut self, number: Option<u64>) {
        let Self::Seen(seen) = self else { return };
        match number.and_then(bit) {
            Some(bit) => *seen |= bit,
            None => *self = Self::Unknown,
        }
    }

    /// Whether a number below the greatest is missing.
    pub fn has_gap(self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Seen(seen) => seen.leading_zeros().saturating_add(seen.count_ones()) < u64::BITS,
        }
    }
}

fn bit(number: u64) -> Option<u64> {
    let shift = u32::try_from(number.checked_sub(1)?).ok()?;
    1_u64.checked_shl(shift)
}

/// How an entry stands to its row.
#[derive(Debug)]
pub enum Standing {
    /// The row is being loaded; these events wait for it, in order.
    Loading(Vec<Waiting>),
    /// The state came from a row: it is written once even if nothing changes, since its former
    /// writer may have died before its acknowledgement.
    Loaded,
    /// Everything here was folded by this worker, or acknowledged to it.
    Own,
    /// The item is deleted: its events complete and change nothing.
    Deleted,
}

impl Entry {
    /// Whether nothing of it is waiting, in flight or being loaded.
    fn is_clean(&self) -> bool {
        let is_settled = matches!(self.standing, Standing::Own | Standing::Deleted);
        is_settled && self.pending_row.is_none() && self.in_flight == 0
    }
}

#[derive(Debug)]
struct Held {
    generation: u32,
    entry: Option<Entry>,
}

/// The cache of one log partition.
#[derive(Debug, Default)]
pub struct Cache {
    places: HashMap<(ProjectId, ItemId), usize, foldhash::fast::FixedState>,
    slab: Vec<Held>,
    free: Vec<usize>,
    /// Places by project and dial id: one dial under two starts is two items.
    dials: HashMap<(ProjectId, DialId), usize, foldhash::fast::FixedState>,
    ended: VecDeque<Place>,
    inserted: VecDeque<Place>,
    /// Dials held whose end was noted.
    ended_held: usize,
}

/// How many dirty entries an eviction looks past before it gives up until the next insertion.
const EVICTION_TRIES: usize = 8;

impl Cache {
    /// Dials held.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Dials held that have no end yet.
    pub fn open(&self) -> usize {
        self.places.len().saturating_sub(self.ended_held)
    }

    /// Whether no dial is held.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Where a dial is held.
    pub fn find(&self, key: &ItemKey) -> Option<Place> {
        let index = *self.places.get(&(key.project, key.item))?;
        let generation = self.slab.get(index)?.generation;
        Some(Place { index, generation })
    }

    /// The entry at a place, unless it was evicted since.
    pub fn at(&mut self, place: Place) -> Option<&mut Entry> {
        let held = self.slab.get_mut(place.index)?;
        if held.generation == place.generation { held.entry.as_mut() } else { None }
    }

    /// Holds a dial that is not held yet.
    pub fn insert(&mut self, entry: Entry) -> Place {
        let id = (entry.key.project, entry.key.item);
        let index = self.free.pop().unwrap_or(self.slab.len());
        if let Some(held) = self.slab.get_mut(index) {
            held.entry = Some(entry);
        } else {
            self.slab.push(Held { generation: 0, entry: Some(entry) });
        }
        self.places.insert(id, index);
        let generation = self.slab.get(index).map_or(0, |held| held.generation);
        let place = Place { index, generation };
        self.forget_evicted();
        self.inserted.push_back(place);
        place
    }

    /// Places of dials that were evicted as ended ones would pile up here: whenever they are the
    /// most, they go, so that each insertion costs the same in the long run.
    fn forget_evicted(&mut self) {
        if self.inserted.len() > self.slab.len().saturating_mul(2) {
            let slab = &self.slab;
            self.inserted.retain(|place| {
                slab.get(place.index).is_some_and(|held| held.generation == place.generation)
            });
        }
    }

    /// Notes the gateway's own name of a dial that was just inserted; gives the key of another item
    /// that is held under the same name.
    pub fn note_dial(&mut self, place: Place, dial: &DialId) -> Option<ItemKey> {
        let project = self.at(place)?.key.project;
        let other = self.dials.insert((project, dial.clone()), place.index)?;
        self.slab.get(other)?.entry.as_ref().map(|entry| entry.key)
    }

    /// Notes that the dial has ended: it goes before those that are open.
    pub fn note_ended(&mut self, place: Place) {
        self.ended.push_back(place);
        self.ended_held = self.ended_held.saturating_add(1);
    }

    /// Evicts one dial, an ended one if there is one, else the one held longest; gives back its
    /// key, so that the floor can be raised above it. `None` if all it looked at are dirty.
    pub fn evict(&mut self) -> Option<ItemKey> {
        evict_from(&mut self.ended, &mut self.slab)
            .or_else(|| evict_from(&mut self.inserted, &mut self.slab))
            .map(|(index, entry)| {
                self.places.remove(&(entry.key.project, entry.key.item));
                self.free.push(index);
                self.forget_dial(index, &entry);
                if entry.state.facts.ended.is_some() {
                    self.ended_held = self.ended_held.saturating_sub(1);
                }
                entry.key
            })
    }

    fn forget_dial(&mut self, index: usize, entry: &Entry) {
        let Some(dial) = &entry.state.facts.dial else { return };
        let name = (entry.key.project, dial.clone());
        if self.dials.get(&name) == Some(&index) {
            self.dials.remove(&name);
        }
    }
}

fn evict_from(queue: &mut VecDeque<Place>, slab: &mut [Held]) -> Option<(usize, Entry)> {
    let mut tries = EVICTION_TRIES;
    while tries > 0 {
        let place = queue.pop_front()?;
        let Some(held) = slab.get_mut(place.index) else { continue };
        if held.generation != place.generation {
            continue;
        }
        match &held.entry {
            Some(entry) if entry.is_clean() => {
                held.generation = held.generation.wrapping_add(1);
                return Some((place.index, held.entry.take()?));
            }
            Some(_) => queue.push_back(place),
            None => {}
        }
        tries = tries.saturating_sub(1);
    }
    None
}
