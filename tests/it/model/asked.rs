//! Conditions and orders: as JSON for the API, and as a few plain lines for the model.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::plain::{Cell, Kind, RELATIONS, kind_of};

pub type Shown = BTreeMap<&'static str, Cell>;

pub const OPERATORS: [&str; 22] = [
    "",
    "null",
    "list",
    "EqualTo",
    "NotEqual",
    "EqualToOrNull",
    "GreaterThan",
    "GreaterThanOrEqual",
    "LessThan",
    "LessThanOrEqual",
    "GreaterThanOrNull",
    "LessThanOrNull",
    "InBetween",
    "Includes",
    "IncludesAll",
    "IncludesNone",
    "IsNull",
    "NotNull",
    "Search",
    "StartsWith",
    "EndsWith",
    "NotContains",
];

/// A condition on one column.
#[derive(Clone, Debug)]
pub struct Condition {
    pub column: &'static str,
    pub operator: &'static str,
    /// At least two.
    pub operands: Vec<Cell>,
    /// How many of them a list holds.
    pub listed: usize,
    pub needle: String,
    /// Ids and dates in their wrapper.
    pub is_wrapped: bool,
    /// By the name of the relation.
    pub is_through_relation: bool,
}

impl Condition {
    /// The name it stands under.
    pub fn name(&self) -> &'static str {
        let relation = RELATIONS.iter().find(|(_, id)| *id == self.column);
        match relation {
            Some((name, _)) if self.is_through_relation && self.compares_ids() => name,
            _ => self.column,
        }
    }

    fn compares_ids(&self) -> bool {
        ["", "null", "list", "EqualTo", "NotEqual", "Includes", "IncludesNone", "IsNull", "NotNull"]
            .contains(&self.operator)
    }

    pub fn json(&self) -> Json {
        let wrapper = match kind_of(self.column) {
            Kind::Id => "ObjectID",
            Kind::Date => "DateTime",
            Kind::Phone => "Phone",
            Kind::Integer | Kind::Cents | Kind::Text | Kind::Bool => "",
        };
        let operand = |cell: &Cell| match cell {
            Cell::Text(text) if self.is_wrapped && !wrapper.is_empty() => {
                json!({"_type": wrapper, "value": text})
            }
            Cell::Null | Cell::Bool(_) | Cell::Number(_) | Cell::Text(_) => cell.json(),
        };
        let list = || self.list().iter().map(operand).collect::<Vec<_>>();
        let (first, second) = (&self.operands[0], &self.operands[1]);
        match self.operator {
            "" => operand(first),
            "null" => Json::Null,
            "list" => json!(list()),
            "IsNull" | "NotNull" => json!({"_type": self.operator}),
            "InBetween" => json!({"_type": "InBetween", "startValue": operand(first),
                                  "endValue": operand(second)}),
            "Includes" | "IncludesAll" | "IncludesNone" => {
                json!({"_type": self.operator, "value": list()})
            }
            "Search" | "StartsWith" | "EndsWith" | "NotContains" => {
                json!({"_type": self.operator, "value": self.needle})
            }
            _ => json!({"_type": self.operator, "value": operand(first)}),
        }
    }

    fn list(&self) -> &[Cell] {
        &self.operands[..self.listed.min(self.operands.len())]
    }

    pub fn is_met(&self, item: &Shown) -> bool {
        let kind = kind_of(self.column);
        let cell = item[self.column].bare(kind);
        let is_null = cell.is_null();
        let is_among = || self.list().iter().any(|operand| operand.bare(kind) == cell);
        let (first, second) = (self.operands[0].bare(kind), self.operands[1].bare(kind));
        match self.operator {
            "null" | "IsNull" => is_null,
            "NotNull" => !is_null,
            "" | "EqualTo" => cell == first,
            "NotEqual" => !is_null && cell != first,
            "EqualToOrNull" => is_null || cell == first,
            "GreaterThan" => !is_null && cell > first,
            "GreaterThanOrEqual" => !is_null && cell >= first,
            "LessThan" => !is_null && cell < first,
            "LessThanOrEqual" => !is_null && cell <= first,
            "GreaterThanOrNull" => is_null || cell > first,
            "LessThanOrNull" => is_null || cell < first,
            "InBetween" => !is_null && first <= cell && cell <= second,
            "list" | "Includes" | "IncludesAll" => !is_null && is_among(),
            "IncludesNone" => self.list().is_empty() || (!is_null && !is_among()),
            text => reads_so(text, &item[self.column], &self.needle),
        }
    }
}

fn reads_so(operator: &str, cell: &Cell, needle: &str) -> bool {
    let needle = needle.trim().to_lowercase();
    let Some(text) = cell.shown() else { return operator == "NotContains" };
    let text = text.to_lowercase();
    match operator {
        "Search" => text.contains(&needle),
        "StartsWith" => text.starts_with(&needle),
        "EndsWith" => text.ends_with(&needle),
        _ => !text.contains(&needle),
    }
}

/// A text that is sought in several columns.
#[derive(Clone, Debug)]
pub struct MultiSearch {
    pub needle: String,
    pub fields: Vec<&'static str>,
}

/// All conditions of a question.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub conditions: Vec<Condition>,
    pub searches: Vec<MultiSearch>,
}

impl Query {
    pub fn json(&self) -> Json {
        let mut query = Map::new();
        for condition in &self.conditions {
            query.insert(condition.name().to_owned(), condition.json());
        }
        for (place, search) in self.searches.iter().enumerate() {
            let MultiSearch { needle, fields } = search;
            let search = json!({"_type": "MultiSearch", "value": needle, "fields": fields});
            query.insert(format!("_search{place}"), search);
        }
        Json::Object(query)
    }

    pub fn keeps(&self, item: &Shown) -> bool {
        let is_found = |search: &MultiSearch| {
            let is_any = search.needle.trim().is_empty() || search.fields.is_empty();
            is_any
                || search.fields.iter().any(|name| reads_so("Search", &item[name], &search.needle))
        };
        self.conditions.iter().all(|condition| condition.is_met(item))
            && self.searches.iter().all(is_found)
    }
}

/// One key of an order.
#[derive(Clone, Debug)]
pub struct SortKey {
    pub column: &'static str,
    pub is_descending: bool,
    pub nulls_first: Option<bool>,
}

impl SortKey {
    pub fn json(&self) -> Json {
        match (self.is_descending, self.nulls_first) {
            (is_descending, Some(first)) => json!({
                "direction": if is_descending { "DESC" } else { "ASC" },
                "nulls": if first { "first" } else { "LAST" },
            }),
            (true, None) => json!(-1),
            (false, None) => json!("asc"),
        }
    }

    fn order(&self, a: &Shown, b: &Shown) -> Ordering {
        let (a, b) = (&a[self.column], &b[self.column]);
        let nulls_first = self.nulls_first.unwrap_or(self.is_descending);
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) if nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if self.is_descending => b.cmp(a),
            (false, false) => a.cmp(b),
        }
    }
}

/// Sorts as asked; what is equal goes by `_id`.
pub fn sort(items: &mut [Shown], keys: &[SortKey]) {
    let newest = [SortKey { column: "createdAt", is_descending: true, nulls_first: None }];
    let keys = if keys.is_empty() { &newest } else { keys };
    items.sort_by(|a, b| {
        let by_keys = keys.iter().fold(Ordering::Equal, |so_far, key| so_far.then(key.order(a, b)));
        by_keys.then_with(|| a["_id"].cmp(&b["_id"]))
    });
}
