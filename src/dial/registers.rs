//! Names of the registers, and what one event did to them: for metrics and decisions, not state.

/// A register of a dial.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RegisterName {
    /// The gateway's name of the dial.
    Dial,
    /// The dial began.
    Started,
    /// The phone rang.
    Ringing,
    /// The phone was picked up.
    Answered,
    /// Who picked up.
    Detected,
    /// The dial is over.
    Ended,
    /// The carrier's price.
    Cost,
}

impl RegisterName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Dial,
        Self::Started,
        Self::Ringing,
        Self::Answered,
        Self::Detected,
        Self::Ended,
        Self::Cost,
    ];

    /// Stable label for metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Started => "started",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Detected => "detected",
            Self::Ended => "ended",
            Self::Cost => "cost",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Dial => 1,
            Self::Started => 2,
            Self::Ringing => 4,
            Self::Answered => 8,
            Self::Detected => 16,
            Self::Ended => 32,
            Self::Cost => 64,
        }
    }
}

/// A small set of registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Registers(u8);

impl Registers {
    /// Adds a register.
    pub const fn insert(&mut self, name: RegisterName) {
        self.0 |= name.bit();
    }

    /// Whether the register is in the set.
    pub const fn has(self, name: RegisterName) -> bool {
        self.0 & name.bit() != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The registers in the set.
    pub fn iter(self) -> impl Iterator<Item = RegisterName> {
        RegisterName::ALL.into_iter().filter(move |name| self.has(*name))
    }
}

/// What one event did to the registers of its dial.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Injected {
    /// Registers that changed; none = the event is a duplicate, or all it says lost.
    pub changed: Registers,
    /// Registers whose fact gave way to a better one that it contradicts.
    pub replaced: Registers,
    /// Registers whose fact held against a lesser one that contradicts it.
    pub lost: Registers,
}

impl Injected {
    /// Whether any register changed.
    pub const fn is_change(self) -> bool {
        !self.changed.is_empty()
    }
}
