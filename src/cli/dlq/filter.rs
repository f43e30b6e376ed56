//! Which letters a command is about. No I/O.

use super::super::args::LetterFilterArgs;
use crate::ports::letters::KeptLetter;

/// Whether the letter is as every filter says.
pub(super) fn is_wanted(letter: &KeptLetter, filter: &LetterFilterArgs) -> bool {
    let (id, time) = (&letter.id, letter.record_time);
    let is_at = filter.from.is_none_or(|from| time.is_some_and(|time| time >= from))
        && filter.to.is_none_or(|to| time.is_some_and(|time| time < to));
    is_at
        && (filter.reasons.is_empty() || filter.reasons.contains(&letter.reason))
        && filter.source.as_deref().is_none_or(|source| source == &*id.source)
        && filter.log_partition.is_none_or(|number| number == id.partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::letters::LetterId;
    use crate::value::Micros;

    fn letter(record_time: Option<i64>) -> KeptLetter {
        KeptLetter {
            id: LetterId { source: "dials".into(), partition: 3, offset: 7 },
            record_time: record_time.map(Micros::new),
            key: None,
            headers: Vec::new(),
            value: None,
            reason: "bad_field".to_owned(),
            error: String::new(),
            attempts: 0,
            redriven_at: None,
        }
    }

    fn open() -> LetterFilterArgs {
        LetterFilterArgs {
            reasons: Vec::new(),
            source: None,
            log_partition: None,
            from: None,
            to: None,
        }
    }

    #[test]
    fn a_letter_is_wanted_when_every_filter_agrees() {
        let at = letter(Some(10));
        assert!(is_wanted(&at, &open()) && open().is_open());
        let reasons = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let all = LetterFilterArgs {
            reasons: reasons(&["not_json", "bad_field"]),
            source: Some("dials".to_owned()),
            log_partition: Some(3),
            from: Some(Micros::new(10)),
            to: Some(Micros::new(11)),
        };
        assert!(is_wanted(&at, &all) && !all.is_open());
        for other in [
            LetterFilterArgs { reasons: reasons(&["not_json"]), ..open() },
            LetterFilterArgs { source: Some("dial".to_owned()), ..open() },
            LetterFilterArgs { log_partition: Some(2), ..open() },
            LetterFilterArgs { from: Some(Micros::new(11)), ..open() },
            LetterFilterArgs { to: Some(Micros::new(10)), ..open() },
        ] {
            assert!(!is_wanted(&at, &other), "{other:?}");
        }
        assert!(!is_wanted(&letter(None), &LetterFilterArgs { to: all.to, ..open() }));
    }
}
