//! What happened in a world, line by line: its hash, and the last lines for who has to look.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// Lines kept for a failure.
pub const LINES_KEPT: usize = 50;

/// Who did something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Actor {
    /// A process that folds.
    Worker(u8),
    /// A process that serves.
    Api(u8),
    /// A client of the API.
    Client(u8),
    /// The gateways.
    Gateways,
    /// Who assigns log partitions, kills and starts.
    Group,
    /// The network, where it kept something back.
    Network,
    /// The simulation itself.
    World,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(number) => write!(f, "worker {number}"),
            Self::Api(number) => write!(f, "api {number}"),
            Self::Client(number) => write!(f, "client {number}"),
            Self::Gateways => f.write_str("gateways"),
            Self::Group => f.write_str("group"),
            Self::Network => f.write_str("network"),
            Self::World => f.write_str("world"),
        }
    }
}

/// Which lines are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// The last [`LINES_KEPT`].
    Last,
    /// Every one.
    All,
}

/// The lines of one world.
#[derive(Debug)]
pub(super) struct Trace {
    keep: Keep,
    hash: u64,
    steps: u64,
    lines: VecDeque<String>,
}

impl Trace {
    pub(super) const fn new(keep: Keep) -> Self {
        Self { keep, hash: 0xCBF2_9CE4_8422_2325, steps: 0, lines: VecDeque::new() }
    }

    /// Notes an effect.
    pub(super) fn note(&mut self, at: Duration, actor: Actor, effect: fmt::Arguments<'_>) {
        let is_full = self.keep == Keep::Last && self.lines.len() >= LINES_KEPT;
        let mut line = if is_full { self.lines.pop_front() } else { None }.unwrap_or_default();
        line.clear();
        self.steps += 1;
        let steps = self.steps;
        // Writing to a String cannot fail.
        write!(line, "{steps:>6} {:>11} {actor}: {effect}", at.as_micros()).ok();
        // FNV-1a, 64 bits.
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        self.lines.push_back(line);
    }

    /// The hash over time, actor and effect of every line.
    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    /// Lines so far.
    pub(super) const fn steps(&self) -> u64 {
        self.steps
    }

    /// The lines that were kept.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}
