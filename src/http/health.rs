//! Whether the process lives and is ready, told by its parts, asked by probes. No locks.
//! It does not probe anything itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::Instant;

/// A loop that did not tick for so long is stuck.
const TICK_MAX: Duration = Duration::from_secs(10);

/// State of one part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// It does its work.
    Ready,
    /// It does not, and why: no hosts, credentials or query text.
    NotReady(Arc<str>),
}

/// Shared flags: parts set them, probes read them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    parts: ArcSwap<BTreeMap<&'static str, Part>>,
    /// Milliseconds after `started` of the last tick of each loop.
    loops: ArcSwap<BTreeMap<&'static str, Arc<AtomicU64>>>,
}

impl Health {
    /// Not ready until each of these parts has said that it is.
    pub fn new(parts: &[&'static str]) -> Self {
        let starting = |name: &&'static str| (*name, Part::NotReady("starting".into()));
        Self(Arc::new(Inner {
            started: Instant::now(),
            parts: ArcSwap::from_pointee(parts.iter().map(starting).collect()),
            loops: ArcSwap::default(),
        }))
    }

    /// A part tells its state.
    pub fn set_part(&self, name: &'static str, part: &Part) {
        if self.0.parts.load().get(name) != Some(part) {
            self.0.parts.rcu(|parts| {
                let mut parts = BTreeMap::clone(parts);
                parts.insert(name, part.clone());
                parts
            });
        }
    }

    /// A loop tells that it goes round. From its first tick on it is watched.
    pub fn tick(&self, name: &'static str) {
        self.tick_at(name, self.elapsed_ms());
    }

    fn tick_at(&self, name: &'static str, elapsed: u64) {
        if let Some(last) = self.0.loops.load().get(name) {
            last.store(elapsed, Ordering::Relaxed);
            return;
        }
        self.0.loops.rcu(|loops| {
            let mut loops = BTreeMap::clone(loops);
            loops.insert(name, Arc::new(AtomicU64::new(elapsed)));
            loops
        });
    }

    /// A loop has ended lawfully and is watched no more.
    pub fn forget_loop(&self, name: &'static str) {
        self.0.loops.rcu(|loops| {
            let mut loops = BTreeMap::clone(loops);
            loops.remove(name);
            loops
        });
    }

    /// Whether every loop goes round; else which one does not, since when.
    pub fn live(&self) -> Result<(), String> {
        self.live_at(self.elapsed_ms())
    }

    fn live_at(&self, elapsed: u64) -> Result<(), String> {
        let mut loops = self.loops_at(elapsed).into_iter();
        let stuck = loops.find(|(_, since)| *since > TICK_MAX);
        stuck.map_or(Ok(()), |(name, since)| {
            Err(format!("the loop {name} has not gone round for {} s", since.as_secs()))
        })
    }

    /// Whether every part is ready; else what is missing.
    pub fn ready(&self) -> Result<(), String> {
        let parts = self.parts();
        let missing: Vec<_> = parts
            .iter()
            .filter_map(|(name, part)| match part {
                Part::Ready => None,
                Part::NotReady(reason) => Some(format!("{name}: {reason}")),
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(missing.join("; ")) }
    }

    /// All parts with their states.
    pub fn parts(&self) -> Arc<BTreeMap<&'static str, Part>> {
        self.0.parts.load_full()
    }

    /// All loops, and how long ago each went round.
    pub fn loops(&self) -> Vec<(&'static str, Duration)> {
        self.loops_at(self.elapsed_ms())
    }

    fn loops_at(&self, elapsed: u64) -> Vec<(&'static str, Duration)> {
        let since = |last: &AtomicU64| elapsed.saturating_sub(last.load(Ordering::Relaxed));
        let loops = self.0.loops.load();
        loops.iter().map(|(name, last)| (*name, Duration::from_millis(since(last)))).collect()
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_stops_ticking_is_named() {
        let health = Health::new(&[]);
        assert_eq!(health.live(), Ok(()));
        health.tick_at("worker", 1_000);
        health.tick_at("janitor", 1_000);
        health.tick_at("janitor", 10_000);
        assert_eq!(health.live_at(11_000), Ok(()));
        let stuck = "the loop worker has not gone round for 12 s";
        assert_eq!(health.live_at(13_000), Err(stuck.to_owned()));
        health.forget_loop("worker");
        assert_eq!(health.live_at(13_000), Ok(()));
    }

    #[tokio::test]
    async fn it_is_ready_when_every_part_is() {
        let health = Health::new(&["log", "store"]);
        assert_eq!(health.ready(), Err("log: starting; store: starting".to_owned()));
        health.set_part("store", &Part::Ready);
        health.clone().set_part("log", &Part::NotReady("no assignment".into()));
        assert_eq!(health.ready(), Err("log: no assignment".to_owned()));
        health.set_part("log", &Part::Ready);
        assert_eq!(health.ready(), Ok(()));
    }
}
