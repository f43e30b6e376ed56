//! First of all: one seed, one trace.

use ringfold::simulator::{Keep, simulate};

#[test]
fn two_runs_of_one_seed_have_one_trace() {
    for seed in 1..=12 {
        let first = simulate(seed, None, Keep::All).unwrap();
        let second = simulate(seed, None, Keep::All).unwrap();
        let differing = first.lines.iter().zip(&second.lines).find(|(a, b)| a != b);
        assert_eq!(differing, None, "seed {seed}");
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn two_seeds_have_two_traces() {
    let hash = |seed| simulate(seed, None, Keep::Last).unwrap().hash;
    assert_ne!(hash(1), hash(2));
}
