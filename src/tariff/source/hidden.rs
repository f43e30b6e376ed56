//! Finds rates that longer ones hide completely: every number that begins with them begins with
//! a longer prefix too.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::Micros;

use super::finding::{Problem, Report};
use super::rates::Placed;

/// Warns of rates that no number reaches. Only rates that apply from the version's begin without
/// an end hide others: a window may open the way again.
pub(super) fn warn_of_hidden(rates: &[Placed], from: Micros, report: &mut Report) {
    let mut covered: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); 16];
    for placed in rates {
        let rate = &placed.rate;
        let is_open =
            rate.effective_from.is_none_or(|begin| begin <= from) && rate.effective_to.is_none();
        let prefix = rate.prefix.as_str();
        if is_open
            && prefix != "*"
            && let Some(same_length) = covered.get_mut(prefix.len())
        {
            same_length.insert(prefix);
        }
    }
    let hidden = hide(&mut covered);
    for placed in rates {
        let prefix = placed.rate.prefix.as_str();
        if hidden.contains(if prefix == "*" { "" } else { prefix }) {
            let what = format!("prefix {prefix}: longer prefixes hide it completely");
            let problem = Problem::new(what, "it never applies; drop it, or drop a longer one");
            report.warn(&placed.place, placed.key, problem);
        }
    }
}

/// From the longest to the shortest: a prefix whose ten continuations are covered is hidden, and
/// covered itself. The empty one needs nine: no number begins with 0.
fn hide<'r>(covered: &mut [BTreeSet<&'r str>]) -> BTreeSet<&'r str> {
    let mut hidden = BTreeSet::new();
    for length in (1..covered.len()).rev() {
        let mut children: BTreeMap<&'r str, u32> = BTreeMap::new();
        for prefix in covered.get(length).into_iter().flatten() {
            let parent = prefix.get(..length.saturating_sub(1)).unwrap_or_default();
            let count = children.entry(parent).or_default();
            *count = count.saturating_add(1);
        }
        for (parent, count) in children {
            if count >= if parent.is_empty() { 9 } else { 10 } {
                hidden.insert(parent);
                if let Some(shorter) = covered.get_mut(length.saturating_sub(1)) {
                    shorter.insert(parent);
                }
            }
        }
    }
    hidden
}
