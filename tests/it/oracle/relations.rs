//! References for the oracle, conditions on them, and what they mean, by the plainest means: over the
//! JSON that was told.

use std::collections::BTreeMap;

use ringfold::item::Item;
use ringfold::ports::registry::Registry;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::{CallId, Micros, ProjectId, UserId};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Dice;

/// What one project is told, by kind and id.
pub struct Told(BTreeMap<(ReferenceKind, Uuid), Json>);

impl Told {
    /// Tells the stores of users and calls: some of each project, some gone again.
    pub async fn tell<S: Registry, M: Registry>(
        dice: &Dice,
        (store, model): (&S, &M),
        projects: [ProjectId; 2],
        calls: &[CallId],
    ) -> Self {
        let mut told = BTreeMap::new();
        let users = (0..3).map(|user| (ReferenceKind::User, Uuid::from_u128(user)));
        let calls = calls.iter().map(|call| (ReferenceKind::Call, call.uuid()));
        for (kind, id) in users.chain(calls) {
            for project in projects {
                for at in 0..dice.below(3) {
                    let body =
                        (dice.below(4) > 0).then(|| body(dice, kind, project != projects[0]));
                    let reference = Reference {
                        kind,
                        project,
                        id,
                        at: Micros::from_ms(i64::try_from(at).unwrap()),
                        body: body.as_ref().map(|body| body.to_string().into()),
                    };
                    store.put_reference(&reference).await.unwrap();
                    model.put_reference(&reference).await.unwrap();
                    if project == projects[0] {
                        told.insert((kind, id), body.unwrap_or_default());
                    }
                }
            }
        }
        Self(told)
    }

    /// Whether an item meets the conditions of a query that look through relations.
    pub fn keeps(&self, query: &Json, item: &Item) -> bool {
        let meets = |(relation, condition): (&String, &Json)| {
            let (kind, id) = match relation.as_str() {
                "user" => (ReferenceKind::User, item.user.map(UserId::uuid)),
                "incomingCallLog" => (ReferenceKind::Call, item.call.map(CallId::uuid)),
                _ => return true,
            };
            let Some(inner) = condition.as_object() else { return true };
            let known = id.and_then(|id| self.0.get(&(kind, id)));
            inner.iter().all(|(column, condition)| {
                let value = known.and_then(|known| known.get(column)).unwrap_or(&Json::Null);
                meets(condition, value)
            })
        };
        query.as_object().unwrap().iter().all(meets)
    }
}

/// Names are sorted, as everywhere.
fn body(dice: &Dice, kind: ReferenceKind, is_foreign: bool) -> Json {
    let mut body = match kind {
        ReferenceKind::User => json!({
            "email": *dice.pick(&["one@x.example", "two@y.example"]),
            "name": if is_foreign { "Foreign" } else { *dice.pick(&["One", "Two", "twofold"]) },
            "twoFactorAuthEnabled": dice.below(2) == 0,
        }),
        ReferenceKind::Project | ReferenceKind::Rule | ReferenceKind::Call => json!({
            "callDurationInSeconds": dice.below(3),
            "callerPhoneNumber": format!("+4416329600{}", dice.below(3)),
            "status": if is_foreign { "Foreign" } else { *dice.pick(&["Busy", "NoAnswer"]) },
        }),
    };
    // Some of it is not told.
    body.as_object_mut().unwrap().retain(|_, _| dice.below(5) > 0);
    body
}

/// A condition on a column behind a relation.
pub fn condition(dice: &Dice) -> (&'static str, Json) {
    let (relation, column, values) = match dice.below(5) {
        0 => ("user", "name", [json!("One"), json!("Two"), json!("Foreign")]),
        1 => ("user", "email", [json!("one@x.example"), json!("x"), json!("two@y.example")]),
        2 => ("user", "twoFactorAuthEnabled", [json!(true), json!(false), json!(true)]),
        3 => ("incomingCallLog", "status", [json!("Busy"), json!("NoAnswer"), json!("Foreign")]),
        _ => ("incomingCallLog", "callDurationInSeconds", [json!(0), json!(1), json!(2)]),
    };
    let (one, other) = (dice.pick(&values).clone(), dice.pick(&values).clone());
    let text = *dice.pick(&["o", "TWO", "y", "1"]);
    let condition = match dice.below(10) {
        0 => one,
        1 => Json::Null,
        2 => json!([one, other]),
        3 => json!({"_type": "NotEqual", "value": one}),
        4 => json!({"_type": "EqualToOrNull", "value": one}),
        5 => json!({"_type": "IncludesNone", "value": [one, other]}),
        6 => json!({"_type": "IncludesNone", "value": []}),
        7 => json!({"_type": "NotNull"}),
        8 => json!({"_type": "Search", "value": text}),
        _ => json!({"_type": "NotContains", "value": text}),
    };
    (relation, json!({ column: condition }))
}

/// The table of operators over JSON, as far as [`condition`] goes.
fn meets(condition: &Json, value: &Json) -> bool {
    let is_null = value.is_null();
    let Some(operator) = condition.as_object() else {
        return match condition.as_array() {
            Some(values) => !is_null && values.contains(value),
            None => condition == value,
        };
    };
    let operand = operator.get("value").unwrap_or(&Json::Null);
    let holds = |text: &Json| {
        let own = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        own.to_lowercase().contains(&text.as_str().unwrap().to_lowercase())
    };
    match operator["_type"].as_str().unwrap() {
        "NotEqual" => !is_null && operand != value,
        "EqualToOrNull" => is_null || operand == value,
        "IncludesNone" => {
            let values = operand.as_array().unwrap();
            values.is_empty() || (!is_null && !values.contains(value))
        }
        "NotNull" => !is_null,
        "Search" => !is_null && holds(operand),
        "NotContains" => is_null || !holds(operand),
        other => panic!("{other}"),
    }
}
