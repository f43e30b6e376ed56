//! The HTTP side: the resource for clients, events from gateways, probes and figures for operators.
//!
//! **Architecture invariant:** the project comes from the API key; nothing in a request can name
//! another one.

mod admin;
mod api;
mod app;
mod args;
mod auth;
mod bucket;
mod call;
mod checks;
mod columns;
mod connection;
mod cors;
mod edit;
mod error;
mod health;
mod intake;
mod items;
mod limits;
mod live;
mod openapi;
mod probe;
pub mod profile;
mod read;
mod request_id;
mod routes;
mod serve;
mod settle;
mod uses;
mod watched;
mod writer;

pub use admin::{Admin, serve_admin};
pub use api::{Api, ApiSettings};
pub use app::App;
pub use args::{Paging, UrlNumber, UrlPaging};
pub use error::Refused;
pub use health::{Health, Part};
pub use live::Live;
pub use openapi::{openapi, own_openapi};
pub use serve::serve;
pub use writer::JsonWriter;
