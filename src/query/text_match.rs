//! Text operators: any letter case, by Unicode's simple lower case.

use super::condition::TextMatch;

/// What is looked for, trimmed and in lower case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needle(String);

impl Needle {
    /// Takes the text of a request.
    pub fn new(text: &str) -> Self {
        Self(simple_lower(text.trim()))
    }

    /// Whether a text matches so.
    pub fn matches(&self, by: TextMatch, text: &str) -> bool {
        let text = simple_lower(text);
        match by {
            TextMatch::Contains => text.contains(&self.0),
            TextMatch::StartsWith => text.starts_with(&self.0),
            TextMatch::EndsWith => text.ends_with(&self.0),
            TextMatch::NotContains => !text.contains(&self.0),
        }
    }
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
}
