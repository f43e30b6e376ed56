//! The fold of events into facts.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use ringfold::dial::{Facts, ItemKey, fold};

use super::generators::{facts_of, history};

proptest! {
    #[test]
    fn two_histories_fold_into_the_join_of_their_facts(xs in history(), ys in history()) {
        let mut joined: BTreeMap<ItemKey, Facts> = facts_of(&xs).into_iter().collect();
        for (key, facts) in facts_of(&ys) {
            let held = joined.remove(&key).unwrap_or_default();
            joined.insert(key, held.join(facts));
        }
        let whole = facts_of(xs.iter().chain(&ys));
        prop_assert_eq!(whole, joined.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn any_order_with_any_repetition_gives_the_same_facts(
        events in history(),
        shuffled in history().prop_shuffle(),
        picks in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        let mut all = events.clone();
        all.extend(shuffled.clone());
        let mut disordered = shuffled;
        disordered.extend(events.into_iter().rev());
        if !all.is_empty() {
            for pick in picks {
                let again = all[pick.index(all.len())].clone();
                disordered.insert(pick.index(disordered.len() + 1), again);
            }
        }
        prop_assert_eq!(facts_of(&disordered), facts_of(&all));
    }

    #[test]
    fn any_batching_gives_the_same_facts(events in history(), size in 1_usize..5) {
        let mut joined: BTreeMap<ItemKey, Facts> = BTreeMap::new();
        for batch in events.chunks(size) {
            for (key, facts) in facts_of(batch) {
                let held = joined.remove(&key).unwrap_or_default();
                joined.insert(key, held.join(facts));
            }
        }
        prop_assert_eq!(facts_of(&events), joined.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn each_prefix_is_within_the_whole(events in history(), cut in any::<Index>()) {
        let whole = fold(&events);
        for (key, state) in fold(&events[..cut.index(events.len() + 1)]) {
            prop_assert!(state.facts.is_within(&whole[&key].facts));
            prop_assert!(state.revision <= whole[&key].revision);
        }
    }

    #[test]
    fn an_event_never_touches_another_dial(events in history()) {
        let whole = fold(&events);
        for (key, state) in &whole {
            let own = fold(events.iter().filter(|event| event.key == *key));
            prop_assert_eq!(&own[key], state);
        }
    }
}
