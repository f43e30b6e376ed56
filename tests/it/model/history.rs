//! Random histories: what is done, in numbers that the world of a history gives their meaning.

use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub enum Step {
    /// Columns that are sent, each with the number of its value.
    Create(Vec<(u8, u8)>),
    Update(u8, Vec<(u8, u8)>),
    Delete(u8),
    Events(Vec<Event>),
    Get(u8, u32),
    List(List),
    Count(Vec<Asked>),
}

#[derive(Clone, Debug)]
pub struct Event {
    pub dial: u8,
    pub kind: u8,
    pub second: u8,
    pub word: u8,
    /// Which attributes are told.
    pub told: u8,
}

#[derive(Clone, Debug)]
pub struct List {
    pub query: Vec<Asked>,
    /// Column, direction and nulls.
    pub sort: Vec<(u8, u8)>,
    pub limit: u8,
    pub skip: u8,
    pub columns: u32,
}

/// A condition on a column.
#[derive(Clone, Debug)]
pub struct Asked {
    pub column: u8,
    pub operator: u8,
    pub operands: Vec<u8>,
    pub cut: u8,
}

pub fn histories() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..16)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => columns().prop_map(Step::Create),
        3 => (any::<u8>(), columns()).prop_map(|(item, columns)| Step::Update(item, columns)),
        1 => any::<u8>().prop_map(Step::Delete),
        4 => vec(event(), 1..5).prop_map(Step::Events),
        1 => (any::<u8>(), any::<u32>()).prop_map(|(item, columns)| Step::Get(item, columns)),
        4 => list().prop_map(Step::List),
        2 => vec(asked(), 0..3).prop_map(Step::Count),
    ]
}

fn columns() -> impl Strategy<Value = Vec<(u8, u8)>> {
    vec((any::<u8>(), any::<u8>()), 0..6)
}

fn event() -> impl Strategy<Value = Event> {
    (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>())
        .prop_map(|(dial, kind, second, word, told)| Event { dial, kind, second, word, told })
}

fn list() -> impl Strategy<Value = List> {
    let sort = vec((any::<u8>(), any::<u8>()), 0..3);
    (vec(asked(), 0..3), sort, 1..12_u8, 0..4_u8, any::<u32>())
        .prop_map(|(query, sort, limit, skip, columns)| List { query, sort, limit, skip, columns })
}

fn asked() -> impl Strategy<Value = Asked> {
    (any::<u8>(), any::<u8>(), vec(any::<u8>(), 0..4), any::<u8>())
        .prop_map(|(column, operator, operands, cut)| Asked { column, operator, operands, cut })
}
