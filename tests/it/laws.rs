//! Laws of the core: the join, the fold, the version, the rendering, the identity of dials.
//! The number of random cases follows `PROPTEST_CASES`.

mod cost;
mod edit;
mod erasure;
mod fold;
mod generators;
mod identity;
mod join;
mod reasons;
mod registers;
mod rendering;
mod small_scope;
mod version;
mod wording;
