//! What of a tariff is kept on its own, so that one thing can be appended without the others. How
//! it is written stands in `write.rs`.

/// What is kept on its own: each reads back as a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PartKind {
    /// A version with its plan's currency.
    Version,
    /// An assignment.
    Assignment,
    /// An exchange rate.
    Exchange,
}

impl PartKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Version, Self::Assignment, Self::Exchange];

    /// The kind of a label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }

    /// Stable label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Assignment => "assign",
            Self::Exchange => "exchange",
        }
    }
}

/// One thing to keep. Parts of one kind with the same id have the same content but for what was
/// refused as changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// `plan@number`; project, gateway, plan and begin; currency and begin.
    pub id: String,
    /// A tariff file with nothing else in it.
    pub body: String,
}

/// Bytes of a piece of a part's text, at most.
pub const PIECE_BYTES_MAX: usize = 512 * 1024;

impl Part {
    /// The text in pieces of at most [`PIECE_BYTES_MAX`], at least one: stores cut what is long.
    pub fn pieces(&self) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = &*self.body;
        loop {
            let (piece, left) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES_MAX));
            pieces.push(piece);
            if left.is_empty() {
                return pieces;
            }
            rest = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text_and_split_no_character() {
        let most = PIECE_BYTES_MAX;
        for (text, count) in [
            (String::new(), 1),
            ("a".repeat(most), 1),
            ("a".repeat(most.saturating_add(1)), 2),
            ("☎".repeat(most), 4),
        ] {
            let part = Part { kind: PartKind::Version, id: String::new(), body: text };
            let pieces = part.pieces();
            assert_eq!(pieces.concat(), part.body);
            assert!(pieces.iter().all(|piece| piece.len() <= most));
            assert_eq!(pieces.len(), count);
        }
    }
}
