//! Says on standard error how far long work is: a bar on a terminal, else a line every 10 s.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

const LINE_EVERY: Duration = Duration::from_secs(10);
/// The clock is read once in so many steps.
const STEPS_PER_LOOK: u64 = 1 << 12;

/// Progress of one piece of work.
pub(super) struct Progress {
    what: &'static str,
    total: Option<u64>,
    done: u64,
    bar: Option<ProgressBar>,
    started: Instant,
    told: Instant,
}

impl Progress {
    /// Begins to tell. `what` is done, in the plural: "events".
    pub(super) fn start(what: &'static str, total: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            let left = if total.is_some() { " {wide_bar} {eta} left" } else { "" };
            let template = format!("{{pos}} {what}, {{per_sec}}{left}");
            bar.with_style(
                ProgressStyle::with_template(&template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        let now = Instant::now();
        Self { what, total, done: 0, bar, started: now, told: now }
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(STEPS_PER_LOOK) {
            self.look();
        }
    }

    /// What was done in the end.
    pub(super) fn finish(self) -> u64 {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        self.done
    }

    fn look(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            return;
        }
        let now = Instant::now();
        if now.duration_since(self.told) < LINE_EVERY {
            return;
        }
        self.told = now;
        let seconds = now.duration_since(self.started).as_secs().max(1);
        let rate = self.done / seconds;
        let left = self.total.filter(|_| rate > 0).map_or_else(String::new, |total| {
            format!(", {} s left", total.saturating_sub(self.done) / rate)
        });
        let line = format!("{} {}, {rate}/s{left}", self.done, self.what);
        // Nobody to tell is no reason to stop.
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}
