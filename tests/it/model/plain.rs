//! Values as the plain model has them, the columns, and how values read and compare.

use serde_json::Value as Json;

/// A value of a column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cell {
    Null,
    Bool(bool),
    /// In ten-thousandths.
    Number(i64),
    /// Text, and what compares as its text does: ids, dates, phone numbers.
    Text(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Id,
    Date,
    Integer,
    Cents,
    Phone,
    Text,
    Bool,
}

/// Every column of the page that is no relation.
pub const COLUMNS: [(&str, Kind); 15] = [
    ("_id", Kind::Id),
    ("createdAt", Kind::Date),
    ("updatedAt", Kind::Date),
    ("projectId", Kind::Id),
    ("incomingCallLogId", Kind::Id),
    ("incomingCallPolicyEscalationRuleId", Kind::Id),
    ("userId", Kind::Id),
    ("userPhoneNumber", Kind::Phone),
    ("status", Kind::Text),
    ("statusMessage", Kind::Text),
    ("dialDurationInSeconds", Kind::Integer),
    ("callCostInUSDCents", Kind::Cents),
    ("startedAt", Kind::Date),
    ("endedAt", Kind::Date),
    ("isAnswered", Kind::Bool),
];

/// Relation → the column of its id.
pub const RELATIONS: [(&str, &str); 4] = [
    ("project", "projectId"),
    ("incomingCallLog", "incomingCallLogId"),
    ("incomingCallPolicyEscalationRule", "incomingCallPolicyEscalationRuleId"),
    ("user", "userId"),
];

pub fn kind_of(column: &str) -> Kind {
    COLUMNS.iter().find(|(name, _)| *name == column).unwrap().1
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn whole(number: i64) -> Self {
        Self::Number(number * 10_000)
    }

    pub fn date(ms: i64) -> Self {
        let at = chrono::DateTime::from_timestamp_millis(ms).unwrap();
        Self::Text(at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
    }

    pub fn maybe(cell: Option<Self>) -> Self {
        cell.unwrap_or(Self::Null)
    }

    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// What text operators look at.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(yes) => Some(yes.to_string()),
            Self::Number(number) => Some(decimal(*number)),
            Self::Text(text) => Some(text.clone()),
        }
    }

    pub fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(yes) => Json::Bool(*yes),
            Self::Number(number) => serde_json::from_str(&decimal(*number)).unwrap(),
            Self::Text(text) => Json::String(text.clone()),
        }
    }

    /// As it compares: a phone number without its separators.
    pub fn bare(&self, kind: Kind) -> Self {
        match (self, kind) {
            (Self::Text(text), Kind::Phone) => {
                Self::Text(text.chars().filter(|c| !" -.()".contains(*c)).collect())
            }
            _ => self.clone(),
        }
    }
}

/// Shortest decimal of so many ten-thousandths.
fn decimal(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (number.unsigned_abs() / 10_000, number.unsigned_abs() % 10_000);
    let rest = format!("{rest:04}");
    match rest.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{rest}"),
    }
}
