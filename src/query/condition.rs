//! A typed condition on one column and its null rules. It does not parse (`operator` does).

use std::cmp::Ordering;

use super::text_match::Needle;
use super::value::{Operand, Value};

/// What must be true of one column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// It is null.
    IsNull,
    /// It is not null.
    NotNull,
    /// It compares so.
    Compare {
        /// How.
        by: Comparison,
        /// With what.
        operand: Operand,
        /// What null counts as.
        null: NullRule,
    },
    /// It lies between two values, both included.
    Between {
        /// The least.
        start: Operand,
        /// The greatest.
        end: Operand,
    },
    /// It equals one of them.
    AnyOf(Vec<Operand>),
    /// It equals none of them; of an empty list everything, null included.
    NoneOf(Vec<Operand>),
    /// Its text form matches.
    Text {
        /// How.
        by: TextMatch,
        /// With what.
        needle: Needle,
    },
}

/// How a value compares with an operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// =
    Equal,
    /// ≠
    NotEqual,
    /// >
    Greater,
    /// ≥
    GreaterOrEqual,
    /// <
    Less,
    /// ≤
    LessOrEqual,
}

/// Whether null meets a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NullRule {
    /// It does not.
    Fails,
    /// It does.
    Matches,
}

/// How text matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextMatch {
    /// Contains it.
    Contains,
    /// Begins with it.
    StartsWith,
    /// Ends with it.
    EndsWith,
    /// Does not contain it, or is null.
    NotContains,
}

impl Comparison {
    /// Whether an order of value and operand meets it.
    pub const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

impl Condition {
    /// Equality with one operand.
    pub const fn equal(operand: Operand) -> Self {
        Self::Compare { by: Comparison::Equal, operand, null: NullRule::Fails }
    }

    /// Whether a value meets the condition.
    pub fn accepts(&self, value: &Value) -> bool {
        let is = |operand: &Operand| value.order_with(operand) == Some(Ordering::Equal);
        match self {
            Self::IsNull => value.is_null(),
            Self::NotNull => !value.is_null(),
            Self::Compare { by, operand, null } => match value.order_with(operand) {
                Some(order) => by.accepts(order),
                None => value.is_null() && *null == NullRule::Matches,
            },
            Self::Between { start, end } => {
                value.order_with(start).is_some_and(Ordering::is_ge)
                    && value.order_with(end).is_some_and(Ordering::is_le)
            }
            Self::AnyOf(operands) => operands.iter().any(is),
            Self::NoneOf(operands) => {
                operands.is_empty() || (!value.is_null() && !operands.iter().any(is))
            }
            Self::Text { by, needle } => match value.text() {
                Some(text) => needle.matches(*by, &text),
                None => *by == TextMatch::NotContains,
            },
        }
    }
}
