//! Every planted change is caught, and by a promise that it breaks.

use ringfold::simulator::{Invariant, PLANTS, Seeds, simulate_all};

/// Seeds within which each must be caught.
const SEEDS: u64 = 2_000;

/// The promises that a change may be caught by; of the others it is enough that it is caught by one
/// that says what is wrong, not only that something stands.
const BREAKS: [(&str, &[Invariant]); 12] = [
    ("commit before write", &[Invariant::I1]),
    ("write of unknown outcome taken as done", &[Invariant::I1]),
    ("commit ahead of the frontier", &[Invariant::I1, Invariant::I4]),
    ("version without revision", &[Invariant::I13]),
    ("retry with a new timestamp", &[Invariant::I13, Invariant::I3]),
    ("tenure check removed", &[Invariant::I1, Invariant::I4]),
    ("offset metadata dropped on commit", &[Invariant::I11]),
    ("project predicate before the filter", &[Invariant::I12]),
    ("page loses its last row", &[Invariant::I10]),
    ("another price", &[Invariant::I14]),
    ("budget ignored", &[Invariant::I5]),
    ("stop that hangs", &[Invariant::I8]),
];

#[test]
fn every_planted_change_is_caught_by_what_it_breaks() {
    let mut missed = Vec::new();
    for (plant, name) in PLANTS {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let seeds = Seeds { from: 1, count: SEEDS, threads, twice_every: 0, plant: Some(plant) };
        let summary = simulate_all(&seeds).unwrap();
        let Some(broken) = summary.broken.first() else {
            missed.push(name);
            continue;
        };
        let violation = broken.violation.as_ref().unwrap();
        let (seed, invariant) = (broken.seed, violation.invariant);
        let told = format!("{name}: seed {seed}: {invariant}: {}", violation.text);
        assert_ne!(invariant, Invariant::Liveness, "{told}");
        let named = BREAKS.iter().find(|(of, _)| *of == name);
        assert!(named.is_none_or(|(_, may)| may.contains(&invariant)), "{told}");
    }
    assert_eq!(missed, Vec::<&str>::new(), "not caught within {SEEDS} seeds");
}
