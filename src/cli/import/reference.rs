//! What an import says of users, projects, rules and parent calls: reference events, or the
//! relations of an item as the resource prints them. Both are read by the one decoder of events.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::event::{DecodeLimits, Event, Kind as EventKind, decode_line};
use crate::item::Column;
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Micros, ProjectId};

/// Whose reference a relation tells of, and when it was so.
pub(super) struct Whose {
    pub(super) project: ProjectId,
    pub(super) id: Uuid,
    pub(super) at: Micros,
}

/// A line that is a reference event.
pub(super) fn of_event(line: &[u8]) -> Result<Reference, String> {
    let decoded = decode_line(line, &limits()).map_err(|reject| reject.to_string())?;
    match decoded.event {
        Event::Reference(reference) => Ok(reference),
        Event::Dial(_) | Event::Gateway(_) => Err("only items and events of users, projects, \
             escalation rules and call logs are imported; send dial events to the event log"
            .to_owned()),
    }
}

/// The relation of an item with more than its id.
pub(super) fn of_relation(
    (relation, kind): (Column, ReferenceKind),
    object: &Map<String, Json>,
    whose: &Whose,
) -> Result<Reference, String> {
    let mut data = object.clone();
    data.shift_remove("_id");
    let known: Vec<&str> = kind.kept().map(|column| column.name).collect();
    if let Some(name) = data.keys().find(|name| !known.contains(&name.as_str())) {
        let (relation, known) = (relation.name(), known.join(", "));
        return Err(format!("there is no column `{relation}.{name}`; columns: {known}"));
    }
    let at = data.get("updatedAt").filter(|at| !at.is_null()).cloned();
    data.insert("projectId".to_owned(), json!(whose.project.to_string()));
    data.insert(kind.id_name().to_owned(), json!(whose.id.to_string()));
    let event = json!({
        "specversion": "1.0", "id": "import", "source": "/import",
        "type": EventKind::Upserted(kind).type_text(),
        "time": at.unwrap_or_else(|| json!(whose.at.to_string())),
        "data": data,
    });
    let read = of_event(event.to_string().as_bytes());
    read.map_err(|what| format!("`{}`: {what}", relation.name()))
}

/// References are facts of any time; a file is read whole whatever the clock says.
fn limits() -> DecodeLimits {
    DecodeLimits { future: std::time::Duration::MAX }
}
