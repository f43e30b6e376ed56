//! Bounds how many writes are in flight: additive increase while the bound is in the way and
//! latency stays, halved on overload and timeouts. It does not repeat or refuse anything.

use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::ports::store::WriteError;

const START: u32 = 64;
const LEAST: u32 = 8;
const MOST: u32 = 1_024;
/// Mean latency at which more in flight no longer means more done, in multiples of the least seen.
const STRAINED_AT: u32 = 4;

/// The bound of one connection to the store.
#[derive(Debug)]
pub(super) struct InFlight {
    permits: Semaphore,
    pace: Mutex<Pace>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self { permits: Semaphore::new(count(START)), pace: Mutex::new(Pace::default()) }
    }
}

/// The place of one write in flight; given back when dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    of: &'a InFlight,
    // `None` never happens: the semaphore is not closed.
    permit: Option<SemaphorePermit<'a>>,
    since: Instant,
    crowd: Crowd,
}

impl InFlight {
    /// Waits for a place.
    pub(super) async fn enter(&self) -> Place<'_> {
        let (permit, crowd) = match self.permits.try_acquire() {
            Ok(permit) => (Some(permit), Crowd::Free),
            Err(_) => (self.permits.acquire().await.ok(), Crowd::Waited),
        };
        Place { of: self, permit, since: Instant::now(), crowd }
    }
}

impl Place<'_> {
    /// Gives the place back and lets the bound learn from how the write went.
    pub(super) async fn leave(self, outcome: &Result<(), WriteError>) {
        let (answer, mut pace) = match outcome {
            // A sample more or less does not matter; a sign of strain does.
            Ok(()) => match self.of.pace.try_lock() {
                Ok(pace) => (Answer::Fine(self.since.elapsed()), pace),
                Err(_) => return,
            },
            Err(WriteError::Overloaded(_) | WriteError::Unknown(_)) => {
                (Answer::Strained, self.of.pace.lock().await)
            }
            Err(WriteError::NotApplied(_) | WriteError::Refused(_) | WriteError::Invalid(_)) => {
                return;
            }
        };
        match pace.on_answer(answer, self.crowd) {
            Change::Stay => {}
            Change::More(places) => self.of.permits.add_permits(count(places)),
            Change::Fewer(places) => {
                let gone = self.of.permits.forget_permits(count(places));
                pace.debt = pace.debt.saturating_add(count(places).saturating_sub(gone));
            }
        }
        // Places to be withdrawn while all were taken are withdrawn as they come back.
        if pace.debt > 0
            && let Some(permit) = self.permit
        {
            pace.debt = pace.debt.saturating_sub(1);
            permit.forget();
        }
    }
}

fn count(places: u32) -> usize {
    usize::try_from(places).unwrap_or(usize::MAX)
}

/// Whether a write had to wait for its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Crowd {
    Free,
    Waited,
}

/// How a write went, as far as the bound is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    Fine(Duration),
    Strained,
}

/// What becomes of the bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Stay,
    More(u32),
    Fewer(u32),
}

/// The bound and what was seen since it last moved. A round is as many answers as the bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pace {
    bound: u32,
    /// Places still to be withdrawn.
    debt: usize,
    /// Answers still to come of writes sent before the bound was halved: they tell the same again.
    deaf: u32,
    answers: u32,
    waited: u32,
    total: Duration,
    /// Least mean latency of a round; rises slowly, so that a slower store is believed in time.
    least: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            bound: START,
            debt: 0,
            deaf: 0,
            answers: 0,
            waited: 0,
            total: Duration::ZERO,
            least: None,
        }
    }
}

impl Pace {
    fn on_answer(&mut self, answer: Answer, crowd: Crowd) -> Change {
        let is_deaf = self.deaf > 0;
        self.deaf = self.deaf.saturating_sub(1);
        match answer {
            Answer::Strained if is_deaf => Change::Stay,
            Answer::Strained => {
                self.deaf = self.bound;
                self.move_to(self.bound / 2)
            }
            Answer::Fine(latency) => {
                self.answers = self.answers.saturating_add(1);
                self.waited = self.waited.saturating_add(u32::from(crowd == Crowd::Waited));
                self.total = self.total.saturating_add(latency);
                if self.answers < self.bound { Change::Stay } else { self.on_round() }
            }
        }
    }

    fn on_round(&mut self) -> Change {
        let mean = self.total.checked_div(self.answers).unwrap_or_default();
        let risen = self.least.map_or(mean, |least| least.saturating_add(least / 32));
        let least = risen.min(mean);
        self.least = Some(least);
        if mean > least.saturating_mul(STRAINED_AT) {
            return self.move_to(self.bound.saturating_sub((self.bound / 8).max(1)));
        }
        if self.waited > 0 {
            return self.move_to(self.bound.saturating_add((self.bound / 16).max(1)));
        }
        self.move_to(self.bound)
    }

    fn move_to(&mut self, bound: u32) -> Change {
        let before = self.bound;
        self.bound = bound.clamp(LEAST, MOST);
        self.answers = 0;
        self.waited = 0;
        self.total = Duration::ZERO;
        match self.bound.checked_sub(before) {
            Some(0) => Change::Stay,
            Some(more) => Change::More(more),
            None => Change::Fewer(before.saturating_sub(self.bound)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Answer = Answer::Fine(Duration::from_millis(2));
    const SLOW: Answer = Answer::Fine(Duration::from_millis(9));

    fn round(pace: &mut Pace, answer: Answer, crowd: Crowd) -> Change {
        let answers = pace.bound;
        (0..answers).map(|_| pace.on_answer(answer, crowd)).last().unwrap()
    }

    #[test]
    fn the_bound_grows_only_while_it_is_in_the_way() {
        let mut pace = Pace::default();
        assert_eq!(round(&mut pace, FAST, Crowd::Free), Change::Stay);
        assert_eq!(round(&mut pace, FAST, Crowd::Waited), Change::More(4));
        assert_eq!(pace.bound, 68);
        for _ in 0..200 {
            round(&mut pace, FAST, Crowd::Waited);
        }
        assert_eq!(pace.bound, MOST);
    }

    #[test]
    fn latency_that_multiplies_takes_the_bound_down() {
        let mut pace = Pace::default();
        round(&mut pace, FAST, Crowd::Waited);
        assert_eq!(round(&mut pace, SLOW, Crowd::Waited), Change::Fewer(8));
    }

    #[test]
    fn a_store_that_stays_slower_is_believed_in_time() {
        let mut pace = Pace::default();
        round(&mut pace, FAST, Crowd::Waited);
        for _ in 0..40 {
            round(&mut pace, SLOW, Crowd::Waited);
        }
        let low = pace.bound;
        round(&mut pace, SLOW, Crowd::Waited);
        assert!(pace.bound > low, "{pace:?}");
    }

    #[test]
    fn strain_halves_once_for_what_was_in_flight_and_never_below_the_least() {
        let mut pace = Pace::default();
        assert_eq!(pace.on_answer(Answer::Strained, Crowd::Free), Change::Fewer(32));
        for _ in 0..64 {
            assert_eq!(pace.on_answer(Answer::Strained, Crowd::Free), Change::Stay);
        }
        for _ in 0..500 {
            pace.on_answer(Answer::Strained, Crowd::Free);
        }
        assert_eq!(pace.bound, LEAST);
    }

    #[tokio::test]
    async fn places_withdrawn_while_taken_do_not_come_back() {
        let flight = InFlight::default();
        let mut places = Vec::new();
        for _ in 0..START {
            places.push(flight.enter().await);
        }
        let unknown = Err(WriteError::Unknown("timeout".to_owned()));
        for place in places {
            place.leave(&unknown).await;
        }
        assert_eq!(flight.permits.available_permits(), 32);
    }
}
