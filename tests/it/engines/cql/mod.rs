//! The CQL store on a real server: the obligations V2, V4–V6, V8, V9 of the store, schema files,
//! paging borders, locators, directory, registry.

mod cells;
mod edits;
pub mod keyspace;
mod paging;
mod records;
mod schema;
mod verdicts;
