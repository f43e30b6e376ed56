//! Queries: the same answers and the same reads on every store.

use ringfold::ports::registry::Registry;
use ringfold::ports::store::{DialStore, Directory, ItemReader};

use crate::oracle;

pub async fn pages_and_counts_are_those_of_a_plain_filter<S>(store: &S, seed: u64)
where
    S: DialStore + ItemReader + Directory + Registry,
{
    oracle::check(store, seed).await;
}
