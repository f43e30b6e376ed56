//! Facts + edits + tariff + limits + now → item. Pure and total: the only place where a status,
//! a duration, `isAnswered` or a cost is made. It does not write (the fold and the janitor do).

use std::sync::Arc;

use crate::item::{CostSource, Flags, Item, Kept, Rendered};
use crate::tariff::Book;
use crate::value::Micros;

use super::cost::{Basis, Dial};
use super::event::AnsweredBy;
use super::identity::ItemKey;
use super::limits::{self, Limits};
use super::reason;
use super::row::{Edits, ProvisionalEnd, Row, Standing};
use super::times;
pub use super::times::latest_fact;
use super::version::State;
use super::wording::{Wording, wording};

/// What a rendering depends on besides the row.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Prices.
    pub book: &'a Book,
    /// How long items may stay open.
    pub limits: &'a Limits,
    /// The instant as of which the item is shown.
    pub now: Micros,
}

/// The rendering of facts alone, as a fold write carries it. Does not allocate.
pub fn rendered(key: &ItemKey, state: &State, view: &View<'_>) -> Rendered {
    render(&Subject { key, state, provisional: None, basis: Basis::Facts }, view).0
}

/// The rendering that a row should keep for other programs, as of its newest fact, by the tariff in
/// force. Edits stand in cells of their own.
pub fn to_keep(row: &Row, view: &View<'_>) -> Rendered {
    render(&Subject { provisional: None, ..Subject::of(row) }, view).0
}

/// The same, but rated again by the version that `kept` was rated with: what [`to_keep`] gave when
/// `kept` was written, unless something is wrong.
pub fn as_rated(row: &Row, kept: &Rendered, view: &View<'_>) -> Rendered {
    let mut subject = Subject { provisional: None, ..Subject::of(row) };
    if matches!(subject.basis, Basis::Facts) {
        subject.basis = Basis::Rated(&kept.rating);
    }
    render(&subject, view).0
}

/// The item of a row: its facts, with what clients edited above them. Deleted rows are rendered
/// too; hiding them is the reader's part.
pub fn item(row: &Row, view: &View<'_>) -> Item {
    let subject = Subject::of(row);
    let (rendered, wording) = render(&subject, view);
    Shown { row, rendered, wording }.item()
}

/// What is rendered of a row, edits aside.
struct Subject<'a> {
    key: &'a ItemKey,
    state: &'a State,
    provisional: Option<ProvisionalEnd>,
    basis: Basis<'a>,
}

impl<'a> Subject<'a> {
    fn of(row: &'a Row) -> Self {
        let basis = match (row.standing(), &row.kept_rating) {
            (Standing::Whole, _) => Basis::Facts,
            (Standing::Erased | Standing::Deleted, Some(rating)) => Basis::Kept(rating),
            (Standing::Erased | Standing::Deleted, None) => Basis::Erased,
        };
        Self { key: &row.key, state: &row.state, provisional: row.provisional, basis }
    }
}

fn render(subject: &Subject<'_>, view: &View<'_>) -> (Rendered, Wording) {
    let Subject { key, state, provisional, basis } = *subject;
    let facts = &state.facts;
    let finality = limits::finality(key, state, provisional, (view.limits, view.now));
    let wording = wording(facts, finality);
    let spans = times::spans(facts);
    let (duration_s, duration_flags) =
        times::dial_duration_s(times::started_at(facts), times::ended_at(facts));
    let costing = Dial { key, facts, finality, spans: &spans }.costing(basis, view.book);
    let rendered = Rendered {
        status: wording.status,
        is_answered: facts.answered.is_some(),
        finality,
        dial_duration_s: duration_s.map(|s| i32::try_from(s).unwrap_or(i32::MAX)),
        ring_ms: spans.ring_ms,
        talk_ms: spans.talk_ms(),
        flags: spans.flags.with(duration_flags).with(costing.flags),
        updated_at: latest_fact(key, facts),
        cost: costing.cost,
        cost_source: costing.source,
        rating: costing.rating,
    };
    (rendered, wording)
}

/// A row with its rendering, on the way to an item.
struct Shown<'a> {
    row: &'a Row,
    rendered: Rendered,
    wording: Wording,
}

impl Shown<'_> {
    fn item(mut self) -> Item {
        let Row { key, state, edits, .. } = self.row;
        let facts = &state.facts;
        let told = facts.started.as_ref().map(|fact| &fact.said);
        let end_code = facts.ended.as_ref().and_then(|fact| reason::end_code(&fact.said));
        let status_message = match &edits.status_message {
            Some(edited) => edited.clone(),
            // Made outside the log, and no event has told of it yet.
            None if state.revision == 0 && edits.count > 0 => None,
            None => Some(with_code(self.wording.text, end_code.as_deref())),
        };
        let started_at = edits.started_at.unwrap_or_else(|| times::started_at(facts));
        let ended_at = edits.ended_at.unwrap_or_else(|| times::ended_at(facts));
        let (dial_duration_s, flags) = shown_duration(edits, started_at, ended_at);
        self.rendered.flags = self.rendered.flags.with(flags);
        if let Some(edited) = edits.cost {
            self.rendered.cost = edited;
            self.rendered.cost_source = Some(CostSource::Edit);
        }
        Item {
            id: key.item,
            project: key.project,
            created_at: key.created_at,
            updated_at: edits
                .at
                .map_or(self.rendered.updated_at, |at| at.max(self.rendered.updated_at)),
            call: told.and_then(|told| told.call),
            rule: told.and_then(|told| told.rule),
            user: told.and_then(|told| told.user),
            phone: told.and_then(|told| told.phone.clone()),
            status: edits.status.clone().unwrap_or_else(|| self.wording.status.word().into()),
            status_message,
            dial_duration_s,
            cost: self.rendered.cost,
            started_at,
            ended_at,
            is_answered: edits.is_answered.unwrap_or(self.rendered.is_answered),
            version: u64::from(state.revision).saturating_add(u64::from(edits.count)),
            kept: Kept {
                dial: facts.dial.clone(),
                answered_at: times::answered_at(facts),
                answered_by: facts.detected.as_ref().map(|fact| AnsweredBy::word(fact.said)),
                end_reason: self.wording.end_reason,
                end_code: end_code.map(Arc::from),
                revision: state.revision,
                write_version: state.version(key.created_at),
                rendered: self.rendered,
            },
        }
    }
}

/// The edited duration, else whole seconds between start and end as they are shown.
fn shown_duration(
    edits: &Edits,
    started_at: Option<Micros>,
    ended_at: Option<Micros>,
) -> (Option<i64>, Flags) {
    match edits.dial_duration_s {
        Some(edited) => (edited, Flags::default()),
        None => times::dial_duration_s(started_at, ended_at),
    }
}

fn with_code(text: &str, code: Option<&str>) -> Arc<str> {
    code.map_or_else(|| text.into(), |code| format!("{text} [{code}]").into())
}
