//! The tariff as a store keeps it: parts that are appended and never changed. Which parts may be
//! appended is not decided here (`tariff::append` does).

use std::future::Future;
use std::sync::Arc;

use crate::tariff::{Part, PartKind};
use crate::value::Micros;

use super::store::{ReadError, WriteError};

/// A part by its name. Names sort as parts were appended; what came together, by kind and id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PartName {
    /// When it was appended, in whole milliseconds. Later parts win over earlier ones where two
    /// say something of the same instant.
    pub added_at: Micros,
    /// What it is.
    pub kind: PartKind,
    /// Its id among those of its kind.
    pub id: Arc<str>,
}

/// A part to append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPart {
    /// The part.
    pub part: Part,
    /// See [`PartName::added_at`].
    pub added_at: Micros,
}

/// The parts of a tariff. Nothing is ever changed or removed.
pub trait TariffRegistry: Send + Sync {
    /// Appends parts; durable when it returns. A part whose kind and id are there already stays as
    /// it is, so a repeat is free; of two that race the one that was `added_at` earlier stays. If
    /// it fails, any of them may be there: repeat it.
    fn append_parts(
        &self,
        parts: &[NewPart],
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The names of all parts, sorted. A part that is named is there whole. Cheap: it is asked
    /// every second.
    fn list_parts(&self) -> impl Future<Output = Result<Vec<PartName>, ReadError>> + Send;

    /// The text of a part that was named.
    fn get_part(
        &self,
        kind: PartKind,
        id: &str,
    ) -> impl Future<Output = Result<Option<String>, ReadError>> + Send;
}
