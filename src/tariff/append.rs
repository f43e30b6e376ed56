//! What may join a tariff that is kept: nothing that changes what is there, and nothing that
//! changes the past unasked. Where it is kept is not decided here.

use std::fmt;
use std::sync::Arc;

use crate::value::Micros;

use super::book::{Assignment, Exchange, Tariff};
use super::part::PartKind;
use super::plan::{Plan, Version};

/// Why a part may not join the tariff that is kept. The operator mends the file and tries again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What it is.
    pub kind: PartKind,
    /// Its id, as [`super::Part`] has it.
    pub id: String,
    /// Why.
    pub why: Why,
}

/// What is wrong with a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is kept already, with other content.
    Changed,
    /// Its plan is kept already, in another currency.
    OtherCurrency,
    /// It begins at this instant, before it was first seen.
    Late(Micros),
}

/// `reason: what is wrong; what to do`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.remedy())
    }
}

impl Refusal {
    /// Stable label of the reason.
    pub const fn label(&self) -> &'static str {
        match self.why {
            Why::Changed | Why::OtherCurrency => "version_changed",
            Why::Late(_) => "late",
        }
    }

    /// What is wrong, behind the label.
    pub fn what(&self) -> String {
        let Self { kind, id, why } = self;
        let label = self.label();
        let noun = match kind {
            PartKind::Version => "",
            PartKind::Assignment => "assignment ",
            PartKind::Exchange => "exchange rate ",
        };
        match why {
            Why::Changed if *kind == PartKind::Exchange => {
                format!("{label}: {noun}{id} is kept with another price")
            }
            Why::Changed => format!("{label}: {noun}{id} is kept with other content"),
            Why::OtherCurrency => format!("{label}: the plan of {id} is kept in another currency"),
            Why::Late(at) => format!(
                "{label}: {noun}{id} begins at {at}, in the past or too soon to be known everywhere"
            ),
        }
    }

    /// What to do.
    pub const fn remedy(&self) -> &'static str {
        match (self.why, self.kind) {
            (Why::Changed, PartKind::Exchange) => "let the new one begin later",
            (Why::Changed, _) => "give the new one a higher number",
            (Why::OtherCurrency, _) => "use another id",
            (Why::Late(_), _) => {
                "let it begin later, or say backdate = true to change the cost of items since then"
            }
        }
    }

    /// The key of the file that is to be changed.
    pub const fn key(&self) -> &'static str {
        match (self.why, self.kind) {
            (Why::OtherCurrency, _) => "plan.currency",
            (Why::Late(_), PartKind::Version) => "plan.version.effective_from",
            (Why::Late(_), PartKind::Assignment) => "assign.effective_from",
            (Why::Late(_), PartKind::Exchange) => "exchange.effective_from",
            (Why::Changed, PartKind::Exchange) => "exchange.usd",
            (Why::Changed, _) => "plan.version.number",
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
            let id = read.versions.first().map_or_else(|| &read.id, |first| first.label());
            self.refuse(PartKind::Version, id.to_string(), Why::OtherCurrency);
            return None;
        }
        let known = kept.map(|kept| kept.versions.as_slice()).unwrap_or_default();
        let mut versions: Vec<Arc<Version>> = Vec::new();
        for version in &read.versions {
            let head = version.head();
            match known.iter().find(|known| known.head().number == head.number) {
                Some(known) if known.says_the_same(version) => {}
                Some(_) => {
                    self.refuse(PartKind::Version, version.label().to_string(), Why::Changed);
                }
                None => {
                    let begin = Begin { at: head.effective_from, backdate: head.backdate };
                    self.begin(begin, PartKind::Version, || version.label().to_string());
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
            self.begin(begin, PartKind::Assignment, || new.part_id());
        }
        added
    }

    fn exchanges(&mut self, kept: &Tariff, read: &Tariff) -> Vec<Exchange> {
        let mut added = Vec::new();
        for new in &read.exchanges {
            let known = kept.exchanges.iter().find(|old| {
                (old.currency, old.effective_from) == (new.currency, new.effective_from)
            });
            match known {
                Some(old) if old.usd == new.usd => {}
                Some(_) => self.refuse(PartKind::Exchange, new.part_id(), Why::Changed),
                None => {
                    let begin = Begin { at: new.effective_from, backdate: new.backdate };
                    self.begin(begin, PartKind::Exchange, || new.part_id());
                    added.push(*new);
                }
            }
        }
        added
    }

    /// Something new begins: in the past only where that is allowed.
    fn begin(
        &mut self,
        Begin { at, backdate }: Begin,
        kind: PartKind,
        id: impl FnOnce() -> String,
    ) {
        if at >= self.now {
            return;
        }
        if self.is_open || backdate {
            self.changes_since = Some(self.changes_since.map_or(at, |since| since.min(at)));
        } else {
            self.refuse(kind, id(), Why::Late(at));
        }
    }

    fn refuse(&mut self, kind: PartKind, id: String, why: Why) {
        self.refusals.push(Refusal { kind, id, why });
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
