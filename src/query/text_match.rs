//! Text operators: any letter case, by Unicode's simple lower case.

use super::condition::TextMatch;

/// What is looked for, trimmed and in lower case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Needle {
    /// Exactly this.
    Literal(String),
    /// These pieces with wildcards.
    Pattern(Vec<Piece>),
}

/// One piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// This character.
    One(char),
    /// Any one character: `_`.
    AnyOne,
    /// Any run of characters: `%`.
    AnyRun,
}

impl Needle {
    /// Takes the text of a request literally.
    pub fn new(text: &str) -> Self {
        Self::Literal(simple_lower(text.trim()))
    }

    /// Takes `%` as any run and `_` as any one character.
    pub fn with_wildcards(text: &str) -> Self {
        let text = simple_lower(text.trim());
        if !text.contains(['%', '_']) {
            return Self::Literal(text);
        }
        let piece = |c| match c {
            '%' => Piece::AnyRun,
            '_' => Piece::AnyOne,
            other => Piece::One(other),
        };
        Self::Pattern(text.chars().map(piece).collect())
    }

    /// Whether a text matches so.
    pub fn matches(&self, by: TextMatch, text: &str) -> bool {
        let text = simple_lower(text);
        match self {
            Self::Literal(sought) => match by {
                TextMatch::Contains => text.contains(sought),
                TextMatch::StartsWith => text.starts_with(sought),
                TextMatch::EndsWith => text.ends_with(sought),
                TextMatch::NotContains => !text.contains(sought),
            },
            Self::Pattern(pieces) => {
                let run = [Piece::AnyRun];
                let (before, behind): (&[Piece], &[Piece]) = match by {
                    TextMatch::Contains | TextMatch::NotContains => (&run, &run),
                    TextMatch::StartsWith => (&[], &run),
                    TextMatch::EndsWith => (&run, &[]),
                };
                let pattern: Vec<Piece> = [before, pieces, behind].concat();
                is_like(&pattern, &text) != (by == TextMatch::NotContains)
            }
        }
    }
}

/// Whether the whole text fits the whole pattern. Goes back to the last run only, so that the work
/// is bounded by the product of the two lengths.
fn is_like(pattern: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0_usize, 0_usize);
    let mut last_run: Option<(usize, usize)> = None;
    while let Some(c) = text.get(at) {
        match (pattern.get(place), last_run) {
            (Some(Piece::AnyRun), _) => {
                last_run = Some((place, at));
                place = place.saturating_add(1);
            }
            (Some(Piece::AnyOne), _) => {
                (at, place) = (at.saturating_add(1), place.saturating_add(1));
            }
            (Some(Piece::One(one)), _) if one == c => {
                (at, place) = (at.saturating_add(1), place.saturating_add(1));
            }
            (_, Some((run, from))) => {
                // The run takes one character more.
                let from = from.saturating_add(1);
                last_run = Some((run, from));
                (at, place) = (from, run.saturating_add(1));
            }
            (_, None) => return false,
        }
    }
    let rest = pattern.get(place..).unwrap_or_default();
    rest.iter().all(|piece| *piece == Piece::AnyRun)
}

/// One character for one character: the full mapping has two for `İ` alone, the first of which is
/// the simple one.
fn simple_lower(text: &str) -> String {
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_and_outer_blanks_do_not_count() {
        let needle = Needle::new("  ÄRGER ");
        assert!(needle.matches(TextMatch::Contains, "viel Ärger heute"));
        assert!(needle.matches(TextMatch::StartsWith, "ärger"));
        assert!(needle.matches(TextMatch::EndsWith, "der ärger"));
        assert!(!needle.matches(TextMatch::NotContains, "ärgerlich"));
        assert!(Needle::new("").matches(TextMatch::Contains, "anything"));
        assert!(Needle::new("i").matches(TextMatch::EndsWith, "İ"));
        assert!(Needle::new("%_\\").matches(TextMatch::Contains, "a%_\\b"), "literal");
        assert!(!Needle::new("a%c").matches(TextMatch::Contains, "abc"));
    }
    #[test]
    fn wildcards_stand_for_characters() {
        let like = |sought: &str, by, text: &str| Needle::with_wildcards(sought).matches(by, text);
        for (sought, by, text, expected) in [
            ("b_sy", TextMatch::Contains, "The line was busy.", true),
            ("b__y", TextMatch::StartsWith, "Busy", true),
            ("b_y", TextMatch::Contains, "Busy", false),
            ("line%busy", TextMatch::Contains, "The line was busy.", true),
            ("busy%line", TextMatch::Contains, "The line was busy.", false),
            ("the%", TextMatch::StartsWith, "The line", true),
            ("%", TextMatch::Contains, "", true),
            ("_", TextMatch::Contains, "", false),
            ("_.", TextMatch::EndsWith, "busy.", true),
            ("a%a%a%b", TextMatch::Contains, "aaaaaaaaaaaaaaaa", false),
            ("b%y", TextMatch::NotContains, "busy", false),
            ("b%x", TextMatch::NotContains, "busy", true),
            ("\\", TextMatch::Contains, "a\\b", true),
            ("ÄR_ER", TextMatch::Contains, "viel Ärger", true),
        ] {
            assert_eq!(like(sought, by, text), expected, "{sought} {by:?} {text}");
        }
    }
}
