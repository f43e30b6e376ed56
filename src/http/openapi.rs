//! The contracts of the HTTP side as `OpenAPI` 3.1, made from the served routes and the column
//! table. It describes; it serves nothing.

use serde_json::{Map, Value as Json, json};

use crate::item::{Column, Kind, Writable};
use crate::query::kind_of_relation;
use crate::relation::{InnerKind, ReferenceKind};

use super::limits::{BODY_MAX, INTAKE_BODY_MAX};
use super::probe::Probe;
use super::profile::Profile;
use super::routes::{Listed, Route, listed};

const JSON: &str = "application/json";

/// The resource and the probes in one profile.
pub fn openapi(profile: &dyn Profile) -> Json {
    let title = "ringfold";
    let about = format!("Incoming call log items, in the profile `{}`.", profile.name());
    let mut document = document(title, &about, |route| !is_own(route), profile);
    document["components"]["schemas"] = schemas(profile);
    document
}

/// Routes that ringfold has beside the resource; the same in both profiles.
pub fn own_openapi(profile: &dyn Profile) -> Json {
    let about = "What ringfold serves beside the resource.";
    let mut document = document("ringfold, own routes", about, is_own, profile);
    document["components"]["schemas"] = json!({
        "Call": {
            "type": "object",
            "required": ["incomingCallLogId", "asOf", "dials"],
            "properties": {
                "incomingCallLogId": {"type": "string", "format": "uuid"},
                "asOf": {"type": "string", "format": "date-time"},
                "dials": {"type": "array", "items": {"type": "object"}},
            }
        },
        "Accepted": {
            "type": "object",
            "required": ["accepted"],
            "properties": {"accepted": {"type": "integer", "minimum": 0}}
        },
        "Refusal": profile.refusal_schema(),
    });
    document
}

/// Whether the route is no part of the resource and no probe.
const fn is_own(route: Route) -> bool {
    matches!(route, Route::Intake | Route::Call)
}

fn document(
    title: &str,
    about: &str,
    is_described: impl Fn(Route) -> bool,
    profile: &dyn Profile,
) -> Json {
    let mut paths = Map::new();
    for Listed { path, methods, route } in listed().filter(|listed| is_described(listed.route)) {
        let id = json!({
            "name": "id", "in": "path", "required": true,
            "schema": {"type": "string", "format": "uuid"}
        });
        let entry = paths.entry(path.clone()).or_insert_with(|| {
            if path.contains("{id}") { json!({ "parameters": [id] }) } else { json!({}) }
        });
        for method in methods.iter().filter(|method| **method != "HEAD") {
            entry[method.to_lowercase()] = operation(route, method, profile);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": about,
            "license": {"name": "MIT", "identifier": "MIT"}
        },
        "paths": paths,
        "components": {"securitySchemes": {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "ApiKey"}
        }},
    })
}

fn operation(route: Route, method: &str, profile: &dyn Profile) -> Json {
    let mut operation = json!({
        "summary": summary(route),
        "responses": {
            "200": {"description": "Done.", "content": {JSON: {"schema": answer(route)}}},
            "default": {"description": "Refused, or not now.", "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}
            }},
        },
    });
    if !matches!(route, Route::Probe(_) | Route::Describe) {
        operation["security"] = json!([{"ApiKey": []}]);
    }
    if route == Route::List {
        operation["parameters"] = json!([
            {"name": "limit", "in": "query", "schema":
                {"type": "integer", "minimum": 1, "maximum": profile.limit_max(), "default": 10}},
            {"name": "skip", "in": "query", "schema":
                {"type": "integer", "minimum": 0, "maximum": i64::MAX, "default": 0}},
        ]);
    }
    // A body of GET is honoured, but has no place in a description.
    if let Some(body) = body(route).filter(|_| method != "GET") {
        operation["requestBody"] = body;
    }
    operation
}

const fn summary(route: Route) -> &'static str {
    match route {
        Route::List => "A page of items and how many match in all",
        Route::Count => "How many items match",
        Route::Get => "One item",
        Route::Create => "Make an item",
        Route::Update => "Change an item; only what is sent",
        Route::Delete => "Remove an item for good",
        Route::Call => "One call: its dials in order, what each costs, and the sum",
        Route::Intake => "Take events; durable when it answers",
        Route::Describe => "This description",
        Route::Probe(Probe::Live) => "Does every loop go round?",
        Route::Probe(Probe::Ready) => "May traffic come?",
        Route::Probe(Probe::Version) => "Which program is this?",
    }
}

fn answer(route: Route) -> Json {
    let named = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    match route {
        Route::List => named("Page"),
        Route::Count => json!({
            "type": "object", "required": ["count"], "additionalProperties": false,
            "properties": {"count": {"type": "integer", "minimum": 0}}
        }),
        Route::Get => named("Item"),
        Route::Create => named("Created"),
        Route::Update | Route::Delete => json!({ "type": "object", "maxProperties": 0 }),
        Route::Call => named("Call"),
        Route::Intake => named("Accepted"),
        Route::Describe => json!({ "type": "object", "required": ["openapi", "paths"] }),
        Route::Probe(Probe::Live | Probe::Ready) => json!({
            "type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}
        }),
        Route::Probe(Probe::Version) => json!({
            "type": "object", "required": ["version", "commit"], "properties": {
                "version": {"type": "string"}, "commit": {"type": ["string", "null"]}
            }
        }),
    }
}

fn body(route: Route) -> Option<Json> {
    let of = |schema: Json| json!({ "content": {JSON: {"schema": schema}} });
    let clause = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let size = format!("At most {BODY_MAX} bytes.");
    let mut body = match route {
        Route::List => of(json!({"type": "object", "properties": {
            "query": clause("Query"), "select": clause("Select"), "sort": clause("Sort"),
            "limit": {"type": "integer"}, "skip": {"type": "integer"}
        }})),
        Route::Count => of(json!({"type": "object", "properties": {"query": clause("Query")}})),
        Route::Get => of(json!({"type": "object", "properties": {"select": clause("Select")}})),
        Route::Create => of(json!({
            "type": "object", "required": ["data"], "properties": {"data": clause("NewItem")}
        })),
        Route::Update => of(json!({
            "type": "object", "required": ["data"], "properties": {"data": clause("Changes")}
        })),
        Route::Intake => {
            let event = json!({ "type": "object", "description": "See schemas/events." });
            let mut body = json!({ "content": {
                "application/cloudevents+json": {"schema": event},
                "application/cloudevents-batch+json":
                    {"schema": {"type": "array", "items": {"type": "object"}}},
                JSON: {"schema": {"type": "object", "description": "With ce- headers."}},
            }});
            body["description"] = json!(format!("At most {INTAKE_BODY_MAX} bytes."));
            return Some(body);
        }
        Route::Delete | Route::Call | Route::Describe | Route::Probe(_) => return None,
    };
    body["description"] = json!(size);
    Some(body)
}

fn schemas(profile: &dyn Profile) -> Json {
    let columns: Vec<Column> = profile.dialect().columns().columns().collect();
    let of = |is_wanted: &dyn Fn(Column) -> bool, schema: &dyn Fn(Column) -> Json| {
        let wanted = columns.iter().copied().filter(|column| is_wanted(*column));
        wanted.map(|column| (column.name().to_owned(), schema(column))).collect::<Map<_, _>>()
    };
    let shown = of(&|_| true, &|column| shown(profile, column));
    let created = of(&|_| true, &|column| {
        if column == Column::Id { shown_plain(column) } else { json!({}) }
    });
    let settable =
        of(&|column| column.writable() != Writable::Never, &|column| written(profile, column));
    let changeable =
        of(&|column| column.writable() == Writable::Always, &|column| written(profile, column));
    let required = profile.required_names();
    json!({
        "Item": {"type": "object", "additionalProperties": false, "properties": shown},
        "Created": {
            "type": "object", "required": ["_id"], "additionalProperties": false,
            "properties": created
        },
        "Page": {
            "type": "object", "required": ["count", "data", "limit", "skip"],
            "additionalProperties": false,
            "properties": {
                "count": {"type": "integer", "minimum": 0},
                "data": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                "limit": {"type": ["integer", "null"]},
                "skip": {"type": ["integer", "null"]},
            }
        },
        "NewItem": {"type": "object", "required": required, "properties": settable},
        "Changes": {"type": "object", "minProperties": 1, "properties": changeable},
        "Query": {
            "type": ["object", "null"],
            "description": "Column → condition: a value, null, a list, or an operator \
                            {\"_type\": name, …}; of a relation but project also column behind \
                            it → condition."
        },
        "Select": {
            "type": ["object", "null"],
            "description": "Column → true, of a relation also column behind it → true. `_id` is \
                            always shown.",
            "properties": of(&|_| true, &|column| selectable(profile, column))
        },
        "Sort": {
            "type": ["object", "null"],
            "description": "Column → direction; the order of names is the priority.",
            "properties": of(&|column| !column.is_relation(), &|_| {
                json!({ "enum": [1, -1, "ASC", "DESC", "asc", "desc"] })
            })
        },
        "Refusal": profile.refusal_schema(),
    })
}

/// A column as an answer has it.
fn shown(profile: &dyn Profile, column: Column) -> Json {
    let value = match kind_of_relation(column) {
        Some(kind) => behind(profile, kind),
        None => wrapped(profile.wrapper_of(column), shown_plain(column)),
    };
    if column.is_nullable() { json!({ "anyOf": [value, {"type": "null"}] }) } else { value }
}

fn wrapped(wrapper: Option<&str>, plain: Json) -> Json {
    match wrapper {
        Some(wrapper) => json!({
            "type": "object", "required": ["_type", "value"], "additionalProperties": false,
            "properties": {"_type": {"const": wrapper}, "value": plain}
        }),
        None => plain,
    }
}

/// What is shown of the record that a relation leads to.
fn behind(profile: &dyn Profile, kind: ReferenceKind) -> Json {
    let mut properties = Map::new();
    properties.insert("_id".to_owned(), shown_plain(Column::Id));
    for column in profile.dialect().columns_behind(kind) {
        let plain = match column.kind {
            InnerKind::ObjectId => json!({ "type": "string", "format": "uuid" }),
            InnerKind::Date => json!({ "type": "string", "format": "date-time" }),
            InnerKind::Number => json!({ "type": "integer" }),
            InnerKind::Boolean => json!({ "type": "boolean" }),
            InnerKind::Text | InnerKind::Name | InnerKind::Email | InnerKind::Phone => {
                json!({ "type": "string" })
            }
        };
        let value = wrapped(profile.wrapper_behind(column), plain);
        properties.insert(column.name.to_owned(), json!({ "anyOf": [value, {"type": "null"}] }));
    }
    json!({
        "type": "object", "required": ["_id"], "additionalProperties": false,
        "properties": properties
    })
}

/// What a select may ask of a column.
fn selectable(profile: &dyn Profile, column: Column) -> Json {
    let Some(kind) = kind_of_relation(column) else { return json!({ "type": "boolean" }) };
    let names = profile.dialect().columns_behind(kind).map(|column| column.name).chain(["_id"]);
    let inner: Map<_, _> = names.map(|n| (n.to_owned(), json!({ "type": "boolean" }))).collect();
    let object = json!({ "type": "object", "additionalProperties": false, "properties": inner });
    json!({ "anyOf": [{"type": "boolean"}, object] })
}

/// A column in its plain form.
fn shown_plain(column: Column) -> Json {
    match column.kind() {
        Kind::ObjectId => json!({ "type": "string", "format": "uuid" }),
        Kind::Date => json!({ "type": "string", "format": "date-time" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Decimal => json!({ "type": "number" }),
        Kind::Phone | Kind::Text { .. } => json!({ "type": "string" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Relation { .. } => json!({
            "type": "object", "required": ["_id"], "properties": {"_id": {"type": "string"}}
        }),
    }
}

/// A column as a request may bring it.
fn written(profile: &dyn Profile, column: Column) -> Json {
    let least = profile.number_min();
    let mut value = match column.kind() {
        Kind::Integer => json!({ "type": "integer", "minimum": least, "maximum": i32::MAX }),
        Kind::Decimal => json!({
            "type": "number", "minimum": least, "maximum": i32::MAX,
            "description": "US cents with at most 4 decimals."
        }),
        Kind::Text { units_max } => json!({ "type": "string", "maxLength": units_max }),
        Kind::Phone => json!({ "type": "string", "maxLength": 30 }),
        Kind::ObjectId | Kind::Date | Kind::Boolean | Kind::Relation { .. } => shown_plain(column),
    };
    if column == Column::Status {
        value["minLength"] = json!(1);
    }
    if column.is_nullable() { json!({ "anyOf": [value, {"type": "null"}] }) } else { value }
}
