//! Arbitrary schedules of polls, answers, faults, rebalances and kills.

use proptest::prelude::*;
use ringfold::ingest::machine::Backlog;
use ringfold::ports::store::Atomicity;

use super::world::{Logged, World, record};

const KINDS: [&str; 5] =
    ["dial.started", "dial.ringing", "dial.answered", "dial.ended", "dial.cost"];

/// Dials 0…9 spread over two log partitions by their call, events in any order, some repeated, some
/// unreadable.
fn log() -> impl Strategy<Value = Vec<Vec<Logged>>> {
    prop::collection::vec((0_u8..10, 0_usize..6, 0_i64..4), 1..60).prop_map(|events| {
        let mut parts = vec![Vec::new(), Vec::new()];
        for (dial, kind, second) in events {
            let mut logged = record(dial, KINDS.get(kind).unwrap_or(&"dial.ended"), second);
            if kind == 5 {
                logged.value.truncate(20);
            }
            parts[usize::from(dial % 5) % 2].push(logged);
        }
        parts
    })
}

#[derive(Clone, Debug)]
enum Step {
    Poll { part: usize, count: usize, more: bool },
    Answer { at: prop::sample::Index, fault: u8 },
    Tick(u64),
    Revoke(usize),
    Lose(usize),
    Assign(usize),
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_usize..2, 1_usize..9, any::<bool>())
            .prop_map(|(part, count, more)| Step::Poll { part, count, more }),
        8 => (any::<prop::sample::Index>(), prop_oneof![4 => Just(0_u8), 1 => Just(1), 1 => Just(2)])
            .prop_map(|(at, fault)| Step::Answer { at, fault }),
        4 => (1_u64..2_500).prop_map(Step::Tick),
        1 => (0_usize..2).prop_map(Step::Revoke),
        1 => (0_usize..2).prop_map(Step::Lose),
        2 => (0_usize..2).prop_map(Step::Assign),
        1 => Just(Step::Kill),
    ]
}

fn run(log: Vec<Vec<Logged>>, steps: Vec<Step>, atomicity: Atomicity) {
    let mut world = World::new(log, atomicity);
    for step in steps {
        match step {
            Step::Poll { part, count, more } => {
                world.poll(part, count, if more { Backlog::More } else { Backlog::None });
            }
            Step::Answer { at, fault } if !world.waiting.is_empty() => {
                world.answer(at.index(world.waiting.len()), fault);
            }
            Step::Tick(millis) => world.tick(millis),
            Step::Revoke(part) if world.held[part] => world.revoke(part),
            Step::Lose(part) if world.held[part] => world.lose(part),
            Step::Assign(part) if !world.held[part] => world.assign(part),
            Step::Answer { .. } | Step::Revoke(_) | Step::Lose(_) | Step::Assign(_) => {}
            Step::Kill => world.kill(),
        }
    }
    world.settle();
    let oracle = world.oracle();
    assert_eq!(world.rows, oracle, "rows differ from a plain fold of the log");
    assert_eq!(world.machine.budget_used(), 0, "the budget is not back at zero");
    for (part, logged) in world.log.iter().enumerate() {
        let committed = world.committed[part].map_or(0, |commit| commit.next);
        assert_eq!(committed, logged.len() as u64, "not everything is committed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_schedule_over_day_batches_ends_with_the_rows_of_a_plain_fold(
        log in log(),
        steps in prop::collection::vec(step(), 0..120),
    ) {
        run(log, steps, Atomicity::PerDay);
    }

    #[test]
    fn any_schedule_over_whole_units_ends_with_the_rows_of_a_plain_fold(
        log in log(),
        steps in prop::collection::vec(step(), 0..120),
    ) {
        // A store that keeps the cursors is never shared: there are no rebalances.
        let steps = steps
            .into_iter()
            .filter(|step| !matches!(step, Step::Revoke(_) | Step::Lose(_) | Step::Assign(_)));
        run(log, steps.collect(), Atomicity::WholeUnit);
    }
}
