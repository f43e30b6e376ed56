//! JSON Schema 2020-12 of the data of each kind. Keywords are those that draft-07 has too, so
//! that `AsyncAPI` tools read them. What a schema cannot say (byte lengths, sums of rules, times
//! beside the record's) decoding says.

use serde_json::{Map, Value, json};

use crate::relation::ReferenceKind;

use super::super::kind::{DialKind, Kind};
use super::super::reference_v1::{columns, common};
use super::fields::{
    Field, NIL, closed_word, column, dial_ids, integer, named_uuid, open_word, pattern, text, time,
    uuid,
};

const AMOUNT: &str = "^[0-9]{1,9}(\\.[0-9]{1,12})?$";
const GATEWAY_KIND: &str = "^[a-z0-9-]{1,32}$";
const GATEWAY_INSTANCE: &str = "^[A-Za-z0-9._:-]{1,64}$";
const PHONE: &str = "^ *([^ \\u0000-\\u001F\\u007F-\\u009F]\
    ([^\\u0000-\\u001F\\u007F-\\u009F]{0,28}[^ \\u0000-\\u001F\\u007F-\\u009F])?)? *$";

const REASONS: [&str; 12] = [
    "completed",
    "time_limit",
    "cleared",
    "busy",
    "no_answer",
    "unreachable",
    "answered_elsewhere",
    "caller_hung_up",
    "rejected",
    "invalid_number",
    "network_error",
    "unknown",
];

/// The schema of a kind's data, version 1.
pub fn data_schema(kind: Kind) -> Value {
    let (about, fields) = match kind {
        Kind::Dial(kind) => (dial_about(kind), dial_fields(kind)),
        Kind::GatewayStarted => (
            "A gateway instance has (re)started; what it does not list is over.",
            gateway_started_fields(),
        ),
        Kind::Upserted(kind) => ("The full state of a reference: absent means null.", {
            let common = columns(kind).chain(common());
            let shown = common.map(|(name, of_type)| Field::optional(name, column(of_type)));
            ids(kind).into_iter().chain(shown).collect()
        }),
        Kind::Deleted(kind) => ("The reference is gone.", ids(kind)),
    };
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:ringfold:events:{}.v1", kind.word()),
        "title": format!("{} v1", kind.word()),
        "description": about,
        "type": "object",
    });
    if let Some(root) = schema.as_object_mut() {
        put_fields(root, fields);
        if let Kind::Dial(kind) = kind {
            root.insert("allOf".to_owned(), identity(kind));
        }
    }
    schema
}

fn put_fields(root: &mut Map<String, Value>, fields: Vec<Field>) {
    let required: Vec<&str> = fields.iter().filter(|f| f.is_required).map(|f| f.name).collect();
    if !required.is_empty() {
        root.insert("required".to_owned(), required.into());
    }
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
    root.insert("properties".to_owned(), properties.into());
}

/// One of the two names of the dial, and a start wherever it has no other source.
fn identity(kind: DialKind) -> Value {
    let is_there = |name: &str| {
        let text = json!({ "type": "string", "not": { "const": NIL } });
        json!({ "required": [name], "properties": { name: text } })
    };
    let item = is_there("incomingCallLogItemId");
    let named = json!({ "anyOf": [is_there("dialId"), item] });
    if kind == DialKind::Started {
        return json!([named]);
    }
    let carries_time = pattern(
        "An id of version 1, 6, 7 or 8 carries a time.",
        "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1678][0-9a-fA-F]{3}-\
         [89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
    );
    let item = json!({
        "required": ["incomingCallLogItemId"],
        "properties": { "incomingCallLogItemId": carries_time },
    });
    json!([named, { "anyOf": [is_there("startedAt"), item] }])
}

const fn dial_about(kind: DialKind) -> &'static str {
    match kind {
        DialKind::Started => "The gateway has begun to dial this phone.",
        DialKind::Ringing => "The phone rings (SIP 180, alerting). Early media is not ringing.",
        DialKind::Answered => "The phone was picked up (SIP 200); again when detection tells more.",
        DialKind::Ended => "The dial is over, answered or not: the first terminal status.",
        DialKind::Cost => "The carrier's price of this dial, as a total.",
    }
}

fn dial_fields(kind: DialKind) -> Vec<Field> {
    let start = "When the dial started: the same millisecond on every event of the dial.";
    let mut fields = vec![
        Field::required("projectId", named_uuid("The project.")),
        Field::required("incomingCallLogId", named_uuid("The parent call; also the record key.")),
        Field::optional(
            "dialId",
            text("The gateway's own name of the dial; never a phone number.", (1, 256)),
        ),
        Field::optional(
            "incomingCallLogItemId",
            uuid("The item's id, if the gateway chooses it: on every event of the dial or none."),
        ),
        Field::optional("startedAt", time(start)),
        Field::optional("incomingCallPolicyEscalationRuleId", uuid("The rule that asked for it.")),
        Field::optional("userId", uuid("The user who is dialed.")),
        Field::optional(
            "userPhoneNumber",
            pattern("The dialed number, E.164; blanks around it are cut, 30 characters.", PHONE),
        ),
        Field::optional("gateway", gateway(&[])),
        Field::optional("ringTimeoutInSeconds", integer("How long it may ring.", (1, 3_600))),
        Field::optional(
            "provenance",
            closed_word("sync: reconstructed afterwards; live is the default.", &["live", "sync"]),
        ),
    ];
    fields.extend(kind_fields(kind));
    fields
}

fn kind_fields(kind: DialKind) -> Vec<Field> {
    let ringing = || Field::optional("ringingAt", time("Since when it rings."));
    let answered = || Field::optional("answeredAt", time("When it was picked up."));
    let by = || {
        let about = "Who picked up; other words mean that nobody knows.";
        Field::optional("answeredBy", open_word(about, &["human", "machine"]))
    };
    match kind {
        DialKind::Started => Vec::new(),
        DialKind::Ringing => vec![ringing()],
        DialKind::Answered => vec![answered(), by()],
        DialKind::Ended => vec![
            Field::optional("endedAt", time("When it ended.")),
            Field::optional("reason", open_word("Why, in these words.", &REASONS)),
            Field::optional(
                "vendorStatus",
                open_word(
                    "The gateway's word; kept if it has 1 to 64 letters, digits or any of _ . : -",
                    &["no-answer", "BUSY", "rejected:invalid_number"],
                ),
            ),
            Field::optional("sipCode", integer("Final SIP response.", (100, 699))),
            Field::optional("q850Cause", integer("Q.850 cause.", (0, 127))),
            Field::optional(
                "hangupSide",
                open_word("Who ended it.", &["caller", "callee", "gateway"]),
            ),
            Field::optional("vendorReason", text("Free text; kept, never shown.", (0, 256))),
            ringing(),
            answered(),
            by(),
        ],
        DialKind::Cost => vec![
            Field::required("amount", pattern("The total; positive is a charge.", AMOUNT)),
            Field::required("currency", pattern("ISO 4217.", "^[A-Z]{3}$")),
        ],
    }
}

fn gateway(required: &[&str]) -> Value {
    let parts = [
        ("kind", pattern("Picks the vendor's words and the plan.", GATEWAY_KIND)),
        ("instance", pattern("Which one of the kind.", GATEWAY_INSTANCE)),
    ];
    let fields = parts.map(|(name, schema)| {
        if required.contains(&name) {
            Field::required(name, schema)
        } else {
            Field::optional(name, schema)
        }
    });
    let mut root = Map::new();
    root.insert("description".to_owned(), "The gateway that dials.".into());
    root.insert("type".to_owned(), "object".into());
    put_fields(&mut root, fields.into());
    root.into()
}

fn gateway_started_fields() -> Vec<Field> {
    let project = "The one project it speaks for; none means all.";
    vec![
        Field::required("gateway", gateway(&["kind", "instance"])),
        Field::optional("liveDialIds", dial_ids("Dials of the instance that go on.")),
        Field::optional("projectId", uuid(project)),
    ]
}

fn ids(kind: ReferenceKind) -> Vec<Field> {
    let project = Field::required("projectId", named_uuid("The project it is known in."));
    match kind {
        ReferenceKind::Project => vec![project],
        ReferenceKind::User | ReferenceKind::Rule | ReferenceKind::Call => {
            let own =
                Field::required(kind.id_name(), named_uuid("Its own id; also the record key."));
            vec![project, own]
        }
    }
}
