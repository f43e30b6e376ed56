//! The hard cases of the event contract, each with every value it prints, in every order.

mod clock;
mod conflict;
mod cost;
mod edits;
mod order;
mod plain;
mod rejects;
mod scene;
