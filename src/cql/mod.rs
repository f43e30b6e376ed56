//! The store on ScyllaDB or Apache Cassandra: adapter of the ports of the store and the registry.
//!
//! A row is the join of all its writes because every cell carries a write timestamp: facts their
//! version, edits and deletions a wall time above every version of the row. So any write may be
//! repeated, reordered or made twice. Retries belong to the caller: nothing here repeats a request.
//!
//! **Architecture invariant:** CQL text stands in `statements` and in `schemas/cql` only.

mod columns;
mod connect;
mod dialect;
mod directory;
mod edit_cells;
mod in_flight;
mod items;
mod reader;
mod registry;
mod rendered_cell;
mod renderings;
pub mod schema;
mod statements;
mod tariffs;
mod tls;
mod verdict;

pub use connect::{ConnectError, Consistency, CqlSettings, CqlStore, CqlTls};
pub use dialect::Dialect;
