//! Every promise holds in every world.

use ringfold::simulator::{Keep, Outcome, Seeds, simulate, simulate_all};

/// Worlds of a usual run. `RINGFOLD_SIM_SEEDS` asks for more, `RINGFOLD_SIM_FROM` for others.
const SEEDS: u64 = 300;

#[expect(clippy::disallowed_methods, reason = "how many worlds is asked for by the environment")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// A failure as `simulate faults` tells it.
pub fn told(outcome: &Outcome) -> String {
    let violation = outcome.violation.as_ref().unwrap();
    format!(
        "{}\nseed {}, step {}: {} broke: {}\nringfold simulate faults --seed {} --trace",
        outcome.lines.join("\n"),
        outcome.seed,
        violation.step,
        violation.invariant,
        violation.text,
        outcome.seed,
    )
}

#[test]
fn every_promise_holds_in_every_world() {
    let seeds = Seeds {
        from: number("RINGFOLD_SIM_FROM").unwrap_or(1),
        count: number("RINGFOLD_SIM_SEEDS").unwrap_or(SEEDS),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        twice_every: 100,
        plant: None,
    };
    let summary = simulate_all(&seeds).unwrap();
    assert!(summary.differing.is_empty(), "two runs differ: {:?}", summary.differing);
    if let Some(outcome) = summary.broken.first() {
        panic!("{}", told(outcome));
    }
    assert_eq!(summary.done, seeds.count);
}

#[test]
fn seeds_that_once_failed_hold() {
    let seeds = include_str!("seeds.txt").lines();
    for line in seeds.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let seed = line.split_whitespace().next().unwrap().parse().unwrap();
        let outcome = simulate(seed, None, Keep::Last).unwrap();
        assert!(outcome.violation.is_none(), "{}", told(&outcome));
    }
}
