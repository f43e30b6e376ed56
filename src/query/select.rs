//! The `select` object of a request → the columns to show.

use serde_json::{Map, Value as Json};

use crate::item::{Column, Columns};
use crate::relation::{InnerColumn, ReferenceKind};

use super::dialect::{Clause, Dialect};
use super::joins::kind_of_relation;
use super::refusal::LanguageError;
use super::relation::inner_column;

/// What to show of an item. `_id` always is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selection {
    columns: Columns,
    /// By the place of the kind in [`ReferenceKind::ALL`].
    behind: [InnerColumns; ReferenceKind::ALL.len()],
}

/// Columns behind a relation: a bit for each readable column, in the order of the contract.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct InnerColumns(u16);

impl InnerColumns {
    /// Whether none is shown: the id says all.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The columns in the order of the contract.
    pub fn columns(self, kind: ReferenceKind) -> impl Iterator<Item = InnerColumn> {
        kind.readable()
            .enumerate()
            .filter(move |(place, _)| self.0 & bit(*place) != 0)
            .map(|(_, c)| c)
    }

    fn with(self, kind: ReferenceKind, column: InnerColumn) -> Self {
        let place = kind.readable().position(|readable| readable == column);
        Self(self.0 | place.map_or(0, bit))
    }
}

fn bit(place: usize) -> u16 {
    u32::try_from(place).ok().and_then(|place| 1_u16.checked_shl(place)).unwrap_or(0)
}

impl Selection {
    /// Only `_id`.
    pub fn id_only() -> Self {
        let behind = [InnerColumns::default(); ReferenceKind::ALL.len()];
        Self { columns: Columns::default().with(Column::Id), behind }
    }

    /// Whether a column is shown.
    pub const fn has(self, column: Column) -> bool {
        self.columns.has(column)
    }

    /// One more column.
    #[must_use]
    pub const fn with(self, column: Column) -> Self {
        Self { columns: self.columns.with(column), ..self }
    }

    /// The columns that are shown behind the relation to a kind of reference.
    pub fn behind(self, kind: ReferenceKind) -> InnerColumns {
        let mut places = ReferenceKind::ALL.into_iter().zip(self.behind);
        places.find(|(of, _)| *of == kind).map_or_else(InnerColumns::default, |(_, behind)| behind)
    }

    /// The kinds of references of which columns of the record are shown.
    pub fn records(self) -> impl Iterator<Item = ReferenceKind> {
        let shows = move |kind| self.behind(kind).columns(kind).any(InnerColumn::is_of_record);
        ReferenceKind::ALL.into_iter().filter(move |kind| shows(*kind))
    }

    /// The kinds of references that must be looked up.
    pub fn joined(self) -> impl Iterator<Item = ReferenceKind> {
        ReferenceKind::ALL.into_iter().filter(move |kind| !self.behind(*kind).is_empty())
    }

    /// One more column behind a relation, which is then shown too.
    #[must_use]
    pub fn with_behind(
        mut self,
        (relation, kind): (Column, ReferenceKind),
        to: InnerColumn,
    ) -> Self {
        for (of, behind) in ReferenceKind::ALL.into_iter().zip(&mut self.behind) {
            if of == kind {
                *behind = behind.with(kind, to);
            }
        }
        self.with(relation)
    }
}

/// Reads `select`; absent, null and `{}` select `_id` alone.
pub fn select_from_json(
    dialect: Dialect,
    select: Option<&Json>,
) -> Result<Selection, LanguageError> {
    let unknown = |name: &str| LanguageError::UnknownSelectColumn {
        name: name.to_owned(),
        known: dialect.columns(),
    };
    let wanted = match select {
        None => return Ok(Selection::id_only()),
        Some(Json::Object(wanted)) => wanted,
        Some(other) if dialect.rules().reads_as_empty(Clause::Select, other) => {
            return Ok(Selection::id_only());
        }
        Some(_) => return Err(unknown("0")),
    };
    wanted.iter().try_fold(Selection::id_only(), |selection, (name, value)| {
        let column = dialect.columns().find(name).ok_or_else(|| unknown(name))?;
        match (kind_of_relation(column), value) {
            (Some(kind), Json::Object(inner)) => {
                behind(dialect, (column, kind), inner, selection.with(column))
            }
            _ if dialect.rules().is_selected(column, value)? => Ok(selection.with(column)),
            _ => Ok(selection),
        }
    })
}

/// Reads the columns wanted behind a relation; its `_id` is shown whatever is said of it.
fn behind(
    dialect: Dialect,
    (relation, kind): (Column, ReferenceKind),
    inner: &Map<String, Json>,
    selection: Selection,
) -> Result<Selection, LanguageError> {
    inner.iter().try_fold(selection, |selection, (name, value)| {
        if dialect.rules().is_deep(value) {
            let (clause, relation, name) = (Clause::Select, relation.name(), name.clone());
            return Err(LanguageError::DeepRelation { clause, relation, name });
        }
        let column = match name.as_str() {
            "_id" => None,
            name => Some(inner_column(dialect, (relation, kind), name, Clause::Select)?),
        };
        let is_wanted = dialect.rules().is_inner_selected(value).ok_or_else(|| {
            LanguageError::SelectValue { column: format!("{}.{name}", relation.name()) }
        })?;
        Ok(match column.filter(|_| is_wanted) {
            Some(column) => selection.with_behind((relation, kind), column),
            None => selection,
        })
    })
}
