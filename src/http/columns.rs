//! The columns that a read names in `query`, `select` and `sort`, and whether its API key may read
//! each. Decided from the names alone, before a value of the request or of an item is looked at.

use serde_json::{Map, Value as Json};

use crate::access::{ApiKeyRecord, ColumnGroup, decide_column};
use crate::item::Column;

use super::error::Refused;
use super::profile::Profile;

/// In the order in which they are read.
const CLAUSES: [&str; 3] = ["query", "select", "sort"];

/// Refuses the first column that the key may not read. Unknown names are refused by the language.
pub(super) fn check_columns(
    profile: &dyn Profile,
    key: &ApiKeyRecord,
    body: &Map<String, Json>,
) -> Result<(), Refused> {
    for clause in CLAUSES {
        for name in body.get(clause).into_iter().flat_map(named) {
            let Some(column) = profile.dialect().columns().find(name) else { continue };
            let asked = (clause, column.name());
            decide_column(key, group(column), profile.grant_rules(), asked)
                .map_err(Refused::Permission)?;
        }
    }
    Ok(())
}

/// Every name of a clause, also those that a search over several columns names.
fn named(clause: &Json) -> impl Iterator<Item = &str> {
    let conditions = clause.as_object().into_iter().flatten();
    conditions.flat_map(|(name, condition)| {
        let fields = condition.get("fields").and_then(Json::as_array);
        let fields = fields.into_iter().flatten().filter_map(Json::as_str);
        std::iter::once(name.as_str()).chain(fields)
    })
}

const fn group(column: Column) -> ColumnGroup {
    match column {
        Column::Id
        | Column::CreatedAt
        | Column::UpdatedAt
        | Column::DeletedAt
        | Column::Version => ColumnGroup::Kept,
        Column::Project
        | Column::ProjectId
        | Column::Call
        | Column::CallId
        | Column::Rule
        | Column::RuleId
        | Column::User
        | Column::UserId
        | Column::Phone => ColumnGroup::Origin,
        Column::Status
        | Column::StatusMessage
        | Column::DialDuration
        | Column::Cost
        | Column::StartedAt
        | Column::EndedAt
        | Column::IsAnswered => ColumnGroup::Outcome,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::item::Writable;

    use super::*;

    #[test]
    fn every_name_of_a_clause_is_asked_for() {
        let search = json!({"_type": "MultiSearch", "value": "x", "fields": ["status", "userId"]});
        let clause = json!({"endedAt": null, "anything": search, "isAnswered": {"fields": 1}});
        let names: Vec<&str> = named(&clause).collect();
        assert_eq!(names, ["endedAt", "anything", "status", "userId", "isAnswered"]);
        assert_eq!(named(&json!("status")).count(), 0);
    }

    #[test]
    fn groups_agree_with_who_may_write_a_column() {
        for column in Column::ALL {
            let expected = match column.writable() {
                Writable::Always => ColumnGroup::Outcome,
                Writable::OnCreate => ColumnGroup::Origin,
                Writable::Never if column == Column::Project => ColumnGroup::Origin,
                Writable::Never => ColumnGroup::Kept,
            };
            assert_eq!(group(column), expected, "{column:?}");
        }
    }
}
