//! Bytes of every key and value. Keys compare as what they name; every value begins with a format
//! byte, and fields are only ever added at its end, so that an older value reads as "not set".

pub(super) mod cells;
pub(super) mod codec;
pub(super) mod columns;
pub(super) mod dead_letter;
pub(super) mod facts;
pub(super) mod file;
pub(super) mod key;
pub(super) mod record;
pub(super) mod registry;
pub(super) mod rendered;
pub(super) mod row;
