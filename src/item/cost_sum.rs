//! What several items cost together: added up in micro-USD, never rounded. It does not say which
//! items belong together.

use std::collections::BTreeMap;

use crate::value::MicroUsd;

use super::{CostSource, Finality, Item};

/// Costs of items. The total is the sum of the costs that the items show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CostSum {
    /// How many items.
    pub items: u64,
    /// How many of them are open: they may still cost something.
    pub open: u64,
    /// How many have a provisional end.
    pub provisional: u64,
    /// Σ of the costs shown.
    pub shown: Total,
    /// Σ of the estimates, also of items whose carrier said another price.
    pub estimates: Total,
    /// Σ of the costs shown, by who says so.
    pub by_source: BTreeMap<&'static str, Total>,
    /// How many items show no cost, by the reason.
    pub unrated: BTreeMap<&'static str, u64>,
}

/// A sum of micro-USD.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Total(i128);

impl Total {
    fn add(&mut self, cost: MicroUsd) {
        // 2⁶⁴ items of the greatest cost would fit.
        self.0 = self.0.saturating_add(i128::from(cost.get()));
    }

    /// The sum; `None` beyond 64 bits.
    pub fn get(self) -> Option<MicroUsd> {
        i64::try_from(self.0).ok().map(MicroUsd::new)
    }
}

impl CostSum {
    /// Adds an item.
    pub fn add(&mut self, item: &Item) {
        let rendered = &item.kept.rendered;
        self.items = self.items.saturating_add(1);
        match rendered.finality {
            Finality::Open => self.open = self.open.saturating_add(1),
            Finality::Provisional => self.provisional = self.provisional.saturating_add(1),
            Finality::Final => {}
        }
        if let Some(estimate) = rendered.rating.estimate {
            self.estimates.add(estimate);
        }
        let Some(cost) = item.cost else {
            let reason = rendered.rating.unrated.map_or("edit", crate::tariff::Unrated::label);
            let count = self.unrated.entry(reason).or_default();
            *count = count.saturating_add(1);
            return;
        };
        self.shown.add(cost);
        let source = rendered.cost_source.map_or("", CostSource::word);
        self.by_source.entry(source).or_default().add(cost);
    }
}
