//! The join of facts.

use proptest::prelude::*;
use ringfold::dial::Facts;

use super::generators::facts;

proptest! {
    #[test]
    fn a_join_is_idempotent_and_bottom_is_neutral(a in facts()) {
        prop_assert_eq!(a.clone().join(a.clone()), a.clone());
        prop_assert_eq!(a.clone().join(Facts::default()), a.clone());
        prop_assert_eq!(Facts::default().join(a.clone()), a);
    }

    #[test]
    fn a_join_is_commutative(a in facts(), b in facts()) {
        prop_assert_eq!(a.clone().join(b.clone()), b.join(a));
    }

    #[test]
    fn a_join_is_associative(a in facts(), b in facts(), c in facts()) {
        let left = a.clone().join(b.clone()).join(c.clone());
        prop_assert_eq!(left, a.join(b.join(c)));
    }

    #[test]
    fn facts_are_within_every_join_of_them(a in facts(), b in facts()) {
        let both = a.clone().join(b.clone());
        prop_assert!(a.is_within(&both) && b.is_within(&both));
        prop_assert_eq!(both.is_within(&a), b.is_within(&a));
    }
}
