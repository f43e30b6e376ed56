//! The invariants, one pure function each: what is seen goes in, what is wrong with it comes out.
//! They ask nobody and change nothing.

use crate::dial::row::FoldWrite;
use crate::dial::{ItemKey, Row, State};
use crate::ports::log::{Commit, LogPartition, Offset};

use super::history::{Told, Wrote};
use super::lives::Tenure;
use super::produced::{Produced, Says};

/// What a check gives: nothing, or what is wrong.
pub(super) type Verdict = Result<(), String>;

fn when(is_wrong: bool, text: impl FnOnce() -> String) -> Verdict {
    if is_wrong { Err(text()) } else { Ok(()) }
}

/// I1: a record that is done is in its row, or is kept as a dead letter, or is of a deleted item.
pub(super) fn no_loss(
    (partition, record): (LogPartition, &Produced),
    row: Option<&Row>,
    is_letter: bool,
) -> Verdict {
    let place = || format!("record {} of {partition:?}", record.offset);
    match &record.says {
        Says::Other => Ok(()),
        Says::Reject(reason) => {
            when(!is_letter, || format!("{} ({reason}) is no dead letter", place()))
        }
        Says::Dial(dial) => match row {
            Some(row) if row.deletion.is_some() => Ok(()),
            Some(row) => when(!dial.1.is_within(&row.state.facts), || {
                format!("{} of {} is not in its row", place(), row.key.item)
            }),
            None => Err(format!("{} of {} has no row", place(), dial.0.key.item)),
        },
    }
}

/// I2: a row holds nothing that no record and no client said.
pub(super) fn no_invention(row: &Row, told: Option<&State>) -> Verdict {
    let Some(told) = told else {
        return Err(format!("nobody told of the row {}", row.key.item));
    };
    let mut facts = told.facts.clone();
    let mut held = row.state.facts.clone();
    if row.deletion.is_some() {
        facts.forget_persons();
        held.forget_persons();
    }
    when(!held.is_within(&facts), || format!("the row {} holds more than was told", row.key.item))
}

/// I2: an edited column holds the value of a write that may be there.
pub(super) fn edit_was_written(value: &str, writes: &[Wrote]) -> Verdict {
    let may_be = |write: &Wrote| write.value == value && write.told != Told::Nothing;
    when(!writes.iter().any(may_be), || format!("{value} stands in a row after {writes:?}"))
}

/// I3: a row equals the clean fold of its records, revision included. Of a deleted one only so much
/// holds that no personal attribute is left.
pub(super) fn convergence(row: &Row, clean: &State) -> Verdict {
    if row.deletion.is_some() {
        let mut emptied = row.state.facts.clone();
        emptied.forget_persons();
        return when(emptied != row.state.facts, || {
            format!("the deleted row {} still names a person", row.key.item)
        });
    }
    when(row.state != *clean, || {
        let (held, clean) = (&row.state, clean);
        format!("the row {} is {held:?}, the clean fold {clean:?}", row.key.item)
    })
}

/// I4: a commit is not below the last one of its tenure, and not beyond what was delivered in it.
pub(super) fn commit_goes_forward(tenure: &Tenure, commit: &Commit) -> Verdict {
    let (next, last, end) = (commit.next, tenure.committed, tenure.delivered_end());
    when(next < last || next > end, || {
        format!("{:?}: commit of {next} after {last}, delivered up to {end}", commit.partition)
    })
}

/// I5: a poll asks for no more than the budget leaves beside what is in flight. What is asked for
/// while nothing is in flight is the least that a poll asks for.
pub(super) fn within_budget(room: usize, in_flight: usize, limit: usize) -> Verdict {
    const LEAST: usize = 64 * 1024;
    let is_right = room == 0
        || (in_flight == 0 && room <= limit.max(LEAST))
        || room.saturating_add(in_flight) <= limit;
    when(!is_right, || format!("asks for {room} bytes with {in_flight} in flight of {limit}"))
}

/// I6, of rows: what is read after a write is not less than what was read before.
pub(super) fn never_down(before: Option<&Row>, after: Option<&Row>) -> Verdict {
    let Some(before) = before else { return Ok(()) };
    let Some(after) = after else { return Err(format!("the row {} is gone", before.key.item)) };
    let item = before.key.item;
    if before.deletion.is_some() && after.deletion.is_none() {
        return Err(format!("the deleted row {item} is back"));
    }
    let (mut less, mut more) = (before.state.facts.clone(), after.state.facts.clone());
    if after.deletion.is_some() {
        less.forget_persons();
        more.forget_persons();
    }
    when(!less.is_within(&more), || format!("the row {item} went down"))
}

/// I7: every record of the log came to exactly one end, and nothing else did: letters are those of
/// rejects, each once.
pub(super) fn accounted_for(
    rejects: &[(LogPartition, Offset)],
    letters: &[(LogPartition, Offset)],
) -> Verdict {
    when(rejects != letters, || format!("rejects {rejects:?}, dead letters {letters:?}"))
}

/// I8: what is read first after a clean stop lies beyond everything that was read before it.
pub(super) fn nothing_again(partition: LogPartition, start: Offset, read_to: Offset) -> Verdict {
    when(start < read_to, || {
        format!("{partition:?} begins at {start} after a clean stop at {read_to}")
    })
}

/// I10: a count is the length of the whole list, and both are that of the rows.
pub(super) fn count_is_list(question: &str, count: usize, listed: usize, rows: usize) -> Verdict {
    when(count != listed || listed != rows, || {
        format!("{question}: count {count}, list {listed}, rows {rows}")
    })
}

/// I11: a dial written without a look at its row has no record before the tenure's start.
pub(super) fn new_means_new(key: &ItemKey, tenure: &Tenure, first: Option<Offset>) -> Verdict {
    let Some(first) = first.filter(|first| *first < tenure.start) else { return Ok(()) };
    Err(format!("{} is taken as new from {}, its first record is {first}", key.item, tenure.start))
}

/// I12: an answer says nothing of another project.
pub(super) fn nothing_foreign<'a>(
    body: &str,
    foreign: impl IntoIterator<Item = &'a str>,
) -> Verdict {
    match foreign.into_iter().find(|text| body.contains(text)) {
        Some(text) => Err(format!("an answer names {text} of another project: {body}")),
        None => Ok(()),
    }
}

/// I13: a fold write that loses changes nothing, and no fold write changes what clients changed.
/// Equal versions are equal facts.
pub(super) fn loser_changes_nothing(write: &FoldWrite, before: &Row, after: &Row) -> Verdict {
    let item = write.key.item;
    let untouched = |row: &Row| (row.edits.clone(), row.deletion.clone(), row.provisional);
    if untouched(before) != untouched(after) {
        return Err(format!("a fold write changed the edits of {item}"));
    }
    let (new, held) = (write.state.revision, before.state.revision);
    when(new <= held && after.state != before.state, || {
        format!("revision {new} of {item} changed a row of revision {held}")
    })
}

/// I13: two writes of one version hold the same facts.
pub(super) fn no_tie(ties: u64) -> Verdict {
    when(ties > 0, || format!("{ties} writes of one version held different facts"))
}

/// I14: the cost that is shown is the carrier's, else the one that was reckoned.
pub(super) fn cost_is_exact(item: &str, shown: Option<&str>, reckoned: Option<&str>) -> Verdict {
    when(shown != reckoned, || format!("{item} costs {shown:?}, reckoned {reckoned:?}"))
}
