//! What a version changes against the one it replaces, for people who look before they append.

use std::collections::BTreeMap;

use crate::value::Micros;

use super::book::Tariff;
use super::plan::{Rate, Version};

/// One rate that is not the same in both versions; at least one side is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateChange<'v> {
    /// In the version that is replaced.
    pub before: Option<&'v Rate>,
    /// In the new version.
    pub after: Option<&'v Rate>,
}

impl Tariff {
    /// The version of the same plan that would be in force where `version` begins.
    pub fn replaced_by(&self, version: &Version) -> Option<&Version> {
        let head = version.head();
        let plan = self.plans.iter().find(|plan| plan.id == head.plan)?;
        let before = plan.versions.iter().map(|known| &**known).filter(|known| {
            let known = known.head();
            (known.effective_from, known.number) < (head.effective_from, head.number)
        });
        before.max_by_key(|known| (known.head().effective_from, known.head().number))
    }
}

/// Rates that were added, dropped or changed, by prefix and begin.
pub fn rate_changes<'v>(before: Option<&'v Version>, after: &'v Version) -> Vec<RateChange<'v>> {
    let mut sides: BTreeMap<(&str, Option<Micros>), RateChange<'v>> = BTreeMap::new();
    let nothing = RateChange { before: None, after: None };
    for rate in before.into_iter().flat_map(Version::rates) {
        let place = (rate.prefix.as_str(), rate.effective_from);
        sides.entry(place).or_insert(nothing).before = Some(rate);
    }
    for rate in after.rates() {
        let place = (rate.prefix.as_str(), rate.effective_from);
        sides.entry(place).or_insert(nothing).after = Some(rate);
    }
    sides.into_values().filter(|change| change.before != change.after).collect()
}
