//! The contract of store, reader, directory and registry over a real CQL server: a test per group
//! of cases, each with a keyspace of its own.

use crate::contract::{fresh_seed, store_contract};

use super::cql::keyspace::on_store;

macro_rules! group_tests {
    ($open:path; $($group:ident: $($case:ident)+;)+) => {
        $(
            #[test]
            fn $group() {
                $open(async |store, _| {
                    $(Box::pin(crate::contract::$group::$case(&store, fresh_seed())).await;)+
                });
            }
        )+
    };
}

store_contract!(group_tests, on_store);
