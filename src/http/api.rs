//! What the API is made of: parts handed in, and its settings.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::dial::limits::Limits;
use crate::event::DecodeLimits;
use crate::ports::changes::Changes;
use crate::ports::world::{Entropy, WallClock};
use crate::tariff::Book;

use super::health::Health;
use super::live::Live;
use super::profile::Profile;

/// Settings of the public listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiSettings {
    /// Time to answer a request (`http.deadline`).
    pub deadline: Duration,
    /// Time to receive a request (`http.read_timeout`).
    pub read_timeout: Duration,
    /// Requests in progress (`http.max_in_flight`).
    pub max_in_flight: usize,
    /// Requests per second of one API key, twice that at once; 0 = no limit (`http.rate.per_key`).
    pub rate_per_key: u32,
    /// The same over all API keys of a project (`http.rate.per_project`).
    pub rate_per_project: u32,
    /// Items that one query may look at one by one (`http.query.max_items_read`).
    pub max_items_read: u64,
    /// Events in one request (`intake.max_batch`).
    pub max_batch: usize,
    /// Origins whose scripts may call; `*` = all (`http.cors_origins`).
    pub cors_origins: Vec<String>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            max_in_flight: 1_024,
            rate_per_key: 2_000,
            rate_per_project: 0,
            max_items_read: 1_000_000,
            max_batch: 500,
            cors_origins: Vec::new(),
        }
    }
}

/// The parts of the API.
#[derive(Clone)]
pub struct Api<S, K> {
    /// Rows, directory and registry.
    pub store: S,
    /// Where posted events go; `None` = intake is off.
    pub sink: Option<K>,
    /// Who is told of edits.
    pub changes: Arc<dyn Changes>,
    /// The tariffs in force.
    pub book: Arc<ArcSwap<Book>>,
    /// How long items may stay open.
    pub limits: Limits,
    /// What is asked of events.
    pub decode: DecodeLimits,
    /// The wall clock.
    pub clock: Arc<dyn WallClock>,
    /// Makes request ids.
    pub entropy: Arc<dyn Entropy>,
    /// What probes are told.
    pub health: Health,
    /// The dialect (`http.profile`).
    pub profile: &'static dyn Profile,
    /// Bounds.
    pub settings: ApiSettings,
    /// Those that can change: rates and origins; the same fields of `settings` are not looked at.
    pub live: Live,
}

impl<S, K> std::fmt::Debug for Api<S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("settings", &self.settings).finish_non_exhaustive()
    }
}
