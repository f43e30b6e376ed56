//! What may join a tariff that is kept: nothing that changes what is there, and nothing that
//! changes the past unasked. Where it is kept is not decided here.

use std::sync::Arc;

use crate::value::Micros;

use super::book::{Assignment, Exchange, Gateway, Tariff};
use super::plan::{Plan, Version};

/// Why a tariff may not join the one that is kept. The operator mends the file and tries again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// A version that is kept already, with other content.
    #[error("version_changed: {0} is kept with other content; give the new one a higher number")]
    VersionChanged(Arc<str>),
    /// A plan that is kept already, in another currency.
    #[error("version_changed: plan {0} is kept in another currency; use another id")]
    CurrencyChanged(Arc<str>),
    /// A currency that is kept already with another price from the same instant on.
    #[error("version_changed: {0} is kept with another price; let the new one begin later")]
    ExchangeChanged(String),
    /// It begins before it was first seen.
    #[error(
        "late: {what} begins at {effective_from}, in the past or too soon to be known everywhere; \
         let it begin later, or say backdate = true to change the cost of items since then"
    )]
    Late {
        /// What begins.
        what: String,
        /// When.
        effective_from: Micros,
    },
}

impl Refusal {
    /// Stable label.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VersionChanged(_) | Self::CurrencyChanged(_) | Self::ExchangeChanged(_) => {
                "version_changed"
            }
            Self::Late { .. } => "late",
        }
    }
}

/// What a tariff adds to the one that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addition {
    /// What is new.
    pub added: Tariff,
    /// Old and new together.
    pub joined: Tariff,
    /// The earliest begin in the past among what is new: items since then may cost something
    /// else. `None` = the past stays as it is.
    pub changes_since: Option<Micros>,
}

/// What may begin before it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Past {
    /// What says `backdate = true`.
    AsWritten,
    /// Everything: somebody asked for it.
    Open,
}

/// Adds what `read` says and `kept` does not know. What `kept` has and `read` drops stays. What
/// begins before `now` changes past items: it is refused unless `past` allows it, or nothing is
/// kept that could have rated anything.
pub fn append(
    kept: &Tariff,
    read: &Tariff,
    now: Micros,
    past: Past,
) -> Result<Addition, Vec<Refusal>> {
    let is_first = kept.assignments.is_empty() && kept.exchanges.is_empty();
    let mut joining = Joining {
        is_open: is_first || past == Past::Open,
        now,
        refusals: Vec::new(),
        changes_since: None,
    };
    let added = Tariff {
        plans: read.plans.iter().filter_map(|plan| joining.plan(&kept.plans, plan)).collect(),
        assignments: joining.assignments(kept, read),
        exchanges: joining.exchanges(kept, read),
    };
    if !joining.refusals.is_empty() {
        return Err(joining.refusals);
    }
    let mut joined = kept.clone();
    joined.join(&added);
    Ok(Addition { added, joined, changes_since: joining.changes_since })
}

/// When something new begins, and whether it says that it may change the past.
struct Begin {
    at: Micros,
    backdate: bool,
}

struct Joining {
    /// Everything may begin in the past.
    is_open: bool,
    now: Micros,
    refusals: Vec<Refusal>,
    changes_since: Option<Micros>,
}

impl Joining {
    /// The plan with its new versions; `None` if there are none.
    fn plan(&mut self, kept: &[Plan], read: &Plan) -> Option<Plan> {
        let kept = kept.iter().find(|plan| plan.id == read.id);
        if kept.is_some_and(|kept| kept.currency != read.currency) {
            self.refusals.push(Refusal::CurrencyChanged(Arc::clone(&read.id)));
            return None;
        }
        let known = kept.map(|kept| kept.versions.as_slice()).unwrap_or_default();
        let mut versions: Vec<Arc<Version>> = Vec::new();
        for version in &read.versions {
            let head = version.head();
            match known.iter().find(|known| known.head().number == head.number) {
                Some(known) if known.says_the_same(version) => {}
                Some(_) => {
                    self.refusals.push(Refusal::VersionChanged(Arc::clone(version.label())));
                }
                None => {
                    let begin = Begin { at: head.effective_from, backdate: head.backdate };
                    self.begin(begin, || version.label().to_string());
                    versions.push(Arc::clone(version));
                }
            }
        }
        let id = Arc::clone(&read.id);
        (!versions.is_empty()).then_some(Plan { id, currency: read.currency, versions })
    }

    fn assignments(&mut self, kept: &Tariff, read: &Tariff) -> Vec<Assignment> {
        let is_new = |new: &Assignment| {
            !kept.assignments.iter().any(|old| {
                (old.project, &old.gateway, &old.plan, old.effective_from)
                    == (new.project, &new.gateway, &new.plan, new.effective_from)
            })
        };
        let added: Vec<_> = read.assignments.iter().filter(|new| is_new(new)).cloned().collect();
        for new in &added {
            let begin = Begin { at: new.effective_from, backdate: new.backdate };
            self.begin(begin, || {
                let project = new.project.map_or_else(|| "*".to_owned(), |id| id.to_string());
                let gateway = match &new.gateway {
                    Gateway::Any => "*",
                    Gateway::Kind(text) | Gateway::Instance(text) => text,
                };
                format!("assignment of {} to project {project}, gateway {gateway}", new.plan)
            });
        }
        added
    }

    fn exchanges(&mut self, kept: &Tariff, read: &Tariff) -> Vec<Exchange> {
        let mut added = Vec::new();
        for new in &read.exchanges {
            let name = || format!("exchange rate of {} from {}", new.currency, new.effective_from);
            let known = kept.exchanges.iter().find(|old| {
                (old.currency, old.effective_from) == (new.currency, new.effective_from)
            });
            match known {
                Some(old) if old.usd == new.usd => {}
                Some(_) => self.refusals.push(Refusal::ExchangeChanged(name())),
                None => {
                    self.begin(Begin { at: new.effective_from, backdate: new.backdate }, name);
                    added.push(*new);
                }
            }
        }
        added
    }

    /// Something new begins: in the past only where that is allowed.
    fn begin(&mut self, Begin { at, backdate }: Begin, what: impl FnOnce() -> String) {
        if at >= self.now {
            return;
        }
        if self.is_open || backdate {
            self.changes_since = Some(self.changes_since.map_or(at, |since| since.min(at)));
        } else {
            self.refusals.push(Refusal::Late { what: what(), effective_from: at });
        }
    }
}

impl Tariff {
    /// Puts what was appended behind what is there.
    pub fn join(&mut self, added: &Self) {
        for plan in &added.plans {
            match self.plans.iter_mut().find(|known| known.id == plan.id) {
                Some(known) => known.versions.extend(plan.versions.iter().cloned()),
                None => self.plans.push(plan.clone()),
            }
        }
        self.assignments.extend(added.assignments.iter().cloned());
        self.exchanges.extend(&added.exchanges);
    }
}
