//! The contract: what every adapter of a port promises, as functions over the port. They assume
//! nothing of an adapter but the port's own words, and use projects of their own.
//!
//! `store_contract!(open)` makes a test of every case of store, reader, directory and registry;
//! `open` gives a future of something that derefs to the store.
#![allow(clippy::print_stdout, reason = "the harness shows the seed of a failed case only")]

pub mod call;
pub mod day;
pub mod differential;
pub mod directory;
pub mod edit;
pub mod letters;
pub mod load;
pub mod log;
pub mod query;
pub mod registry;
pub mod rendering;
pub mod sample;
pub mod tariff;
pub mod write;

/// A seed that no run has had before: a store that outlives the tests meets new projects.
pub fn fresh_seed() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    let seed = u64::from_le_bytes(bytes);
    println!("seed of this case: {seed}");
    seed
}

/// A test per case.
macro_rules! contract_tests {
    ($open:path; $($group:ident: $($case:ident)+;)+) => {
        $(
            mod $group {
                $(
                    #[tokio::test]
                    async fn $case() {
                        let store = $open().await;
                        let seed = $crate::contract::fresh_seed();
                        Box::pin($crate::contract::$group::$case(&*store, seed)).await;
                    }
                )+
            }
        )+
    };
}
pub(crate) use contract_tests;

/// Every case of the ports of a store; a macro's name before `open` makes the tests instead.
macro_rules! store_contract {
    ($open:path) => {
        $crate::contract::store_contract!(contract_tests, $open);
    };
    ($tests:ident, $open:path) => {
        $tests! {
            $open;
            write:
                the_same_write_twice_changes_nothing
                any_order_of_a_history_leaves_its_furthest_state
                a_stale_write_changes_nothing
                a_state_comes_back_as_it_was_written
                the_largest_row_comes_back
                a_batch_may_hold_1_100_or_1000_rows
                several_dials_of_one_day_do_not_meet
                locators_are_there_after_the_acknowledgement
                cursors_come_true_with_their_rows;
            load:
                rows_come_in_the_order_of_the_keys_with_gaps
                the_last_acknowledged_write_is_seen
                an_item_without_a_time_is_found_through_its_locator
                rows_of_other_projects_are_never_given;
            edit:
                an_edit_holds_against_facts_before_and_after
                an_edit_to_null_is_an_edit
                edits_of_different_columns_both_stay
                the_edit_made_after_another_was_answered_wins
                an_edit_counts_no_revision
                a_provisional_end_stays_with_the_revision_it_saw
                a_deletion_holds_against_every_replay
                a_deletion_empties_what_is_personal
                an_erasure_holds_against_every_replay
                an_erased_row_is_erased_again_for_what_came_since
                an_erasure_keeps_the_rating_as_it_was
                a_created_item_is_a_whole_row
                events_of_a_created_item_go_above_it;
            day:
                pages_of_any_size_join_to_the_day
                items_of_one_instant_come_by_id
                a_range_takes_its_first_instant_and_leaves_its_last
                midnight_parts_two_days
                an_empty_day_has_an_empty_page
                deleted_rows_are_given_marked
                keys_come_as_rows_do_but_for_deleted_ones;
            call:
                slices_that_the_id_names_need_no_locator
                later_slices_have_a_locator
                a_call_without_a_time_has_all_its_slices
                a_slice_does_not_cross_midnight
                a_corrected_call_leaves_both_locators
                a_call_without_items_has_no_slices;
            directory:
                a_day_is_there_with_its_first_row
                days_come_newest_first_between_two_days
                many_days_come_whole
                days_of_other_projects_are_never_given;
            registry:
                a_key_is_put_and_revoked
                keys_are_listed_by_what_they_reach
                the_last_use_of_a_key_is_its_latest_day
                the_newest_state_of_a_reference_stays
                only_wanted_references_are_given
                calls_are_found_by_a_number_of_theirs
                an_erased_reference_outlives_replays
                the_latest_start_of_a_gateway_stays;
            tariff:
                parts_are_listed_as_they_were_appended
                a_part_is_never_changed
                a_large_part_comes_back_whole;
            rendering:
                renderings_come_back_with_their_write_time
                a_rendering_is_put_right_until_the_next_fact
                every_project_with_an_item_is_listed;
            query:
                pages_and_counts_are_those_of_a_plain_filter;
            differential:
                any_work_leaves_what_the_memory_store_holds;
        }
    };
}
pub(crate) use store_contract;

/// Every case of the port of a log.
macro_rules! log_contract {
    ($open:path) => {
        $crate::contract::contract_tests! {
            $open;
            log:
                records_come_back_byte_for_byte
                records_of_one_key_keep_their_order
                a_committed_offset_and_its_metadata_survive_a_restart
                what_was_not_committed_is_read_again
                without_room_nothing_is_taken_and_nothing_lost
                a_dropped_wait_loses_nothing
                an_end_is_told_for_every_log_partition
                a_close_is_quick_after_anything;
        }
    };
}
pub(crate) use log_contract;

/// Every case of the port of dead letters that are read and sent back.
macro_rules! letters_contract {
    ($open:path) => {
        $crate::contract::letters_contract!(contract_tests, $open);
    };
    ($tests:ident, $open:path) => {
        $tests! {
            $open;
            letters:
                letters_come_once_each_as_they_were_put
                a_letter_goes_back_with_one_more_attempt_and_is_marked
                a_letter_that_is_put_again_keeps_its_mark
                many_letters_come_in_pages;
        }
    };
}
pub(crate) use letters_contract;

mod memory {
    use std::future::{Ready, ready};
    use std::sync::Arc;

    use ringfold::memory::{HandClock, MemoryBroker, MemoryStore};
    use ringfold::ports::store::Atomicity;

    fn per_day() -> Ready<Box<MemoryStore>> {
        ready(Box::new(MemoryStore::new(Atomicity::PerDay)))
    }

    fn whole_unit() -> Ready<Box<MemoryStore>> {
        ready(Box::new(MemoryStore::new(Atomicity::WholeUnit)))
    }

    fn broker() -> Ready<Box<MemoryBroker>> {
        let clock = HandClock::at(super::sample::DAY.start());
        ready(Box::new(MemoryBroker::new(&[("dials", 3)], Arc::new(clock))))
    }

    mod by_day {
        crate::contract::store_contract!(crate::contract::memory::per_day);
    }
    mod by_unit {
        crate::contract::store_contract!(crate::contract::memory::whole_unit);
    }
    fn letters() -> Ready<Box<super::letters::InMemory>> {
        ready(Box::new(super::letters::InMemory::new()))
    }

    mod dead {
        crate::contract::letters_contract!(crate::contract::memory::letters);
    }
    mod broker_log {
        crate::contract::log_contract!(crate::contract::memory::broker);
    }
}

mod embedded {
    use std::future::{Ready, ready};
    use std::ops::Deref;
    use std::sync::Arc;

    use ringfold::embedded::{Embedded, EmbeddedSettings};
    use ringfold::memory::HandClock;

    /// The store goes before its directory does.
    pub struct Opened(Embedded, #[expect(dead_code, reason = "kept")] tempfile::TempDir);

    impl Deref for Opened {
        type Target = Embedded;

        fn deref(&self) -> &Embedded {
            &self.0
        }
    }

    fn open() -> Ready<Opened> {
        let dir = tempfile::tempdir().unwrap();
        let settings =
            EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir.path()) };
        let clock = HandClock::at(super::sample::DAY.start());
        ready(Opened(Embedded::open(&settings, Arc::new(clock)).unwrap(), dir))
    }

    crate::contract::store_contract!(crate::contract::embedded::open);
    crate::contract::log_contract!(crate::contract::embedded::open);
    crate::contract::letters_contract!(crate::contract::embedded::open);
}
