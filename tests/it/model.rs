//! The API over a store against a plain map: random histories of events, creates, updates, deletes,
//! gets, lists and counts have equal answers, byte for byte, and every read sees every write that
//! was acknowledged before it. A failure prints the shortest history that still fails.
//!
//! `RINGFOLD_MODEL_HISTORIES` says how many; else 10,000 where CI asks, and some everywhere.

mod asked;
mod history;
mod items;
mod plain;
mod play;
pub mod stand;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use history::histories;
use stand::{Parts, Stand};

/// Histories that are played at once: most of their time they wait for a disk or for the fold.
const AT_ONCE: u32 = 24;

/// `many` where CI asks for it, else `few`; the environment overrules both.
#[expect(clippy::disallowed_methods, reason = "CI says how thorough a run is to be")]
pub fn number_of_histories(many: u32, few: u32) -> u32 {
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let told = std::env::var("RINGFOLD_MODEL_HISTORIES").ok().and_then(|text| text.parse().ok());
    told.unwrap_or(if is_ci { many } else { few })
}

/// Plays so many histories, each in a project of its own.
pub fn play_histories<P: Parts>(stand: &Stand<P>, wanted: u32) {
    tokio::task::block_in_place(|| play_at_once(stand, wanted));
}

fn play_at_once<P: Parts>(stand: &Stand<P>, wanted: u32) {
    let played = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let share = (wanted + number) / AT_ONCE;
                let played = &played;
                scope.spawn(move || play_some(stand, share, played))
            })
            .collect();
        let told: Vec<String> =
            runs.into_iter().filter_map(|run| run.join().unwrap().err()).collect();
        assert!(told.is_empty(), "{}", told[0]);
    });
    assert!(played.into_inner() >= u64::from(wanted));
}

fn play_some<P: Parts>(stand: &Stand<P>, cases: u32, played: &AtomicU64) -> Result<(), String> {
    if cases == 0 {
        return Ok(());
    }
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let outcome = TestRunner::new(config).run(&histories(), |history| {
        played.fetch_add(1, Ordering::Relaxed);
        stand.block_on(play::play(stand, &history)).map_err(TestCaseError::fail)
    });
    outcome.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_answers_as_a_plain_map_does() {
    let stand = stand::embedded();
    play_histories(&stand, number_of_histories(10_000, 300));
    stand.stop().await;
}
