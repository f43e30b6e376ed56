//! A token bucket without a lock: the generic cell rate algorithm on one atomic number.
//! It does not know whose bucket it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How fast, and how much at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rate {
    /// Between two requests at a steady pace.
    pub(super) interval: Duration,
    /// Requests at once after a rest.
    pub(super) burst: u32,
}

impl Rate {
    /// So many per second, and twice that at once; `None` = 0 = no limit.
    pub(super) fn per_second(rate: u32) -> Option<Self> {
        let interval = Duration::from_secs(1).checked_div(rate)?;
        Some(Self { interval, burst: rate.saturating_mul(2) })
    }
}

/// The bucket of one API key or peer.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// When the next request would come at a steady pace, in ns since the process began.
    next_ns: AtomicU64,
}

impl Bucket {
    /// Takes one token at an instant (time since the process began), or says how long to wait.
    pub(super) fn take(&self, now: Duration, rate: Rate) -> Result<(), Duration> {
        let now = ns(now);
        let interval = ns(rate.interval);
        // What may lie ahead: the whole burst but the token that is taken.
        let ahead_max = interval.saturating_mul(u64::from(rate.burst.saturating_sub(1)));
        let taken = self.next_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            let next = next.max(now);
            (next - now <= ahead_max).then(|| next.saturating_add(interval))
        });
        taken.map(|_| ()).map_err(|next| {
            Duration::from_nanos(next.saturating_sub(now).saturating_sub(ahead_max))
        })
    }

    /// Whether a token could be taken.
    pub(super) fn has_token(&self, now: Duration, rate: Rate) -> bool {
        let ahead = self.next_ns.load(Ordering::Relaxed).saturating_sub(ns(now));
        ahead <= ns(rate.interval).saturating_mul(u64::from(rate.burst.saturating_sub(1)))
    }
}

fn ns(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_steady_rate() {
        let rate = Rate::per_second(10).unwrap();
        let bucket = Bucket::default();
        let now = Duration::from_secs(5);
        let passed = (0..100).filter(|_| bucket.take(now, rate).is_ok()).count();
        assert_eq!(passed, 20);
        assert!(!bucket.has_token(now, rate));
        let wait = bucket.take(now, rate).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(bucket.take(now + wait, rate), Ok(()));
        assert!(bucket.take(now + wait, rate).is_err());
        let later = now + Duration::from_mins(1);
        assert_eq!((0..100).filter(|_| bucket.take(later, rate).is_ok()).count(), 20);
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        assert_eq!(Rate::per_second(0), None);
    }
}
