//! What must hold in every world, by the ids under which production counts it too.

use std::fmt;

/// One promise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Invariant {
    /// No loss.
    I1,
    /// No invention.
    I2,
    /// Convergence.
    I3,
    /// Commits go forward and never pass the frontier.
    I4,
    /// Memory stays within the budget.
    I5,
    /// What a reader sees never goes down; an acknowledged write is seen.
    I6,
    /// Everything polled is accounted for.
    I7,
    /// A clean stop ends within its grace; nothing is read again after it.
    I8,
    /// Count = length of the list.
    I10,
    /// A dial taken as new had no record before.
    I11,
    /// Nothing of another project.
    I12,
    /// A write that loses changes nothing.
    I13,
    /// A final cost is the exact rating.
    I14,
    /// After the last fault everything completes within a bound.
    Liveness,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Liveness => f.write_str("liveness"),
            Self::I1
            | Self::I2
            | Self::I3
            | Self::I4
            | Self::I5
            | Self::I6
            | Self::I7
            | Self::I8
            | Self::I10
            | Self::I11
            | Self::I12
            | Self::I13
            | Self::I14 => fmt::Debug::fmt(self, f),
        }
    }
}

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which one.
    pub invariant: Invariant,
    /// The line of the trace after which it was seen.
    pub step: u64,
    /// What was seen.
    pub text: String,
}
