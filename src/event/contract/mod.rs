//! The contract with producers as files a machine can check: JSON Schemas of the data of every
//! kind, and the `AsyncAPI` document. They are written from here and compared by a test.

mod asyncapi;
mod fields;
mod schema;
mod yaml;

pub use asyncapi::{Topics, asyncapi};
pub use schema::data_schema;
