//! The settings of the API that can change while it serves: rates and origins.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::api::ApiSettings;
use super::auth::Rates;
use super::bucket::Rate;

/// What is in force; clones share it.
#[derive(Clone, Debug)]
pub struct Live(Arc<ArcSwap<InForce>>);

#[derive(Debug)]
pub(super) struct InForce {
    pub(super) rates: Rates,
    pub(super) origins: Vec<String>,
}

impl Live {
    /// From the settings at the start.
    pub fn new(settings: &ApiSettings) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(InForce::of(settings))))
    }

    /// From the next request on.
    pub fn change(&self, settings: &ApiSettings) {
        self.0.store(Arc::new(InForce::of(settings)));
    }

    pub(super) fn get(&self) -> Arc<InForce> {
        self.0.load_full()
    }
}

impl InForce {
    fn of(settings: &ApiSettings) -> Self {
        let rates = Rates {
            per_key: Rate::per_second(settings.rate_per_key),
            per_project: Rate::per_second(settings.rate_per_project),
        };
        Self { rates, origins: settings.cors_origins.clone() }
    }
}
