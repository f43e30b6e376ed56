//! The examples, once beside a project whose every value is marked, and once without it.

use std::collections::BTreeMap;

use ringfold::access::KeyReach;
use ringfold::dial::{Row, fold};
use ringfold::event::{DecodeLimits, Event, decode_line};
use ringfold::http::ApiSettings;
use ringfold::http::profile::Profile;
use ringfold::ports::log::{EventLog as _, Polled, RecordBatch};
use ringfold::ports::registry::Registry as _;
use serde_json::{Value as Json, json};

use crate::http::setup::{C, P, Q, Served, issue, project, served_as};
use crate::support::rows::write_states;

use super::requests::Request;

/// Items of the other project, and parents that it alone knows.
pub const OTHER: &str = "019e2580-aaaa-8a01-8d5e-69122fbc8f01";
pub const OTHER_DELETED: &str = "019e2580-aaaa-8a02-8d5e-69122fbc8f02";
pub const OTHER_CALL: &str = "ca11ca11-47aa-4f19-a2c5-0e9b7f61d3c4";
const OTHER_USER: &str = "0fe10fe1-2c06-4e3b-8f58-63b0a1c2e5d7";
const OTHER_RULE: &str = "0be10be1-18bd-4f60-95e7-2ab4d8c0f163";
pub const OTHER_IDS: [&str; 5] = [OTHER, OTHER_DELETED, OTHER_CALL, OTHER_USER, OTHER_RULE];
pub const OWN_DELETED: &str = C;
pub const MISSING: &str = "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263";
/// Pieces of the other project's values, none of which any other value has.
pub const MARKERS: [&str; 14] = [
    "QQphone",
    "QQreason",
    "QQuser",
    "QQmail",
    "QQproject",
    "QQplan",
    "QQlicense",
    "QQrule",
    "QQcaller",
    "QQrouting",
    "QQcall",
    ".787Z",
    "7879",
    "787.87",
];

/// What a client sees of an answer.
#[derive(PartialEq, Eq, Debug)]
pub struct Seen {
    pub status: u16,
    /// Sorted, without the id of the request.
    pub headers: Vec<(String, String)>,
    /// Headers and body.
    pub bytes: Vec<u8>,
}

pub struct World {
    pub served: Served,
    /// Keys of the own project, of several kinds.
    keys: Vec<String>,
}

fn events() -> Vec<String> {
    let at = "2026-05-14T08:00:07.787Z";
    let dial = |item: &str, kind: &str, more: Json| {
        let mut data = json!({"kind": kind, "time": at, "projectId": Q, "startedAt": at,
            "incomingCallLogId": OTHER_CALL, "incomingCallLogItemId": item, "userId": OTHER_USER,
            "incomingCallPolicyEscalationRuleId": OTHER_RULE, "userPhoneNumber": "+44QQphone"});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data.to_string()
    };
    let mut lines = Vec::new();
    for item in [OTHER, OTHER_DELETED] {
        let ended = json!({"endedAt": "2026-05-14T10:11:26.787Z", "reason": "QQreason"});
        lines.push(dial(item, "dial.started", json!({})));
        lines.push(dial(item, "dial.ended", ended));
        lines.push(dial(item, "dial.cost", json!({"amount": "7.8787", "currency": "USD"})));
    }
    lines
}

fn references() -> Vec<String> {
    let of = |kind: &str, id: &str, more: Json| {
        let name = match kind {
            "user" => "userId",
            "call-log" => "incomingCallLogId",
            "escalation-rule" => "incomingCallPolicyEscalationRuleId",
            _ => "projectId",
        };
        let mut data = json!({"kind": format!("{kind}.upserted"), "time": "2026-05-14T09:09:09Z",
                              "projectId": Q});
        data[name] = id.into();
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data.to_string()
    };
    let user = json!({"name": "QQuser", "email": "QQmail@x.example", "twoFactorAuthEnabled": true,
                      "profilePictureId": OTHER_USER});
    let call = json!({"callerPhoneNumber": "+44QQcaller", "routingPhoneNumber": "+44QQrouting",
                      "status": "QQcall", "callDurationInSeconds": 7879,
                      "incomingCallPolicyId": OTHER_RULE, "startedAt": "2026-05-14T08:00:06.787Z"});
    let rule = json!({"name": "QQrule", "order": 7879, "incomingCallPolicyId": OTHER_CALL});
    let project = json!({"name": "QQproject", "planName": "QQplan", "resellerId": OTHER_USER,
                         "resellerPlanId": OTHER_RULE, "resellerLicenseId": "QQlicense",
                         "alertInvestigationMinimumSeverityId": OTHER_CALL});
    // Beside its own the parents that the own project has too: they are other records there.
    let users = [OTHER_USER, "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7"];
    let calls = [OTHER_CALL, "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4"];
    let rules = [OTHER_RULE, "3e7a9c52-18bd-4f60-95e7-2ab4d8c0f163"];
    let mut lines = vec![of("project", Q, project)];
    lines.extend(users.map(|id| of("user", id, user.clone())));
    lines.extend(calls.map(|id| of("call-log", id, call.clone())));
    lines.extend(rules.map(|id| of("escalation-rule", id, rule.clone())));
    lines
}

fn decoded(line: &str) -> Event {
    let limits = DecodeLimits { future: std::time::Duration::from_mins(5) };
    decode_line(line.as_bytes(), &limits).unwrap().event
}

impl World {
    /// Only the own project has data.
    pub async fn without(profile: &'static dyn Profile) -> Self {
        let settings = ApiSettings { rate_per_key: 0, ..ApiSettings::default() };
        let served = served_as(profile, settings).await;
        let own = || KeyReach::Project(project(P));
        let owner = issue(&served.store, 50, own(), &["ProjectOwner"]).await;
        let nothing = issue(&served.store, 51, own(), &[]).await;
        let keys = vec![
            served.admin.clone(),
            served.reader.clone(),
            owner,
            nothing,
            served.gateway.clone(),
        ];
        let world = Self { served, keys };
        for (key, id) in [(&world.served.admin, OWN_DELETED)] {
            let request = Request::of("DELETE", &format!("{}/{id}", crate::http::setup::R));
            assert_eq!(world.answer(key, &request).await.status, 200);
        }
        world
    }

    /// Another project has data too.
    pub async fn with_another(profile: &'static dyn Profile) -> Self {
        let world = Self::without(profile).await;
        let store = &world.served.store;
        let dials: Vec<_> = events()
            .iter()
            .map(|line| match decoded(line) {
                Event::Dial(event) => event,
                other @ (Event::Gateway(_) | Event::Reference(_)) => panic!("{other:?}"),
            })
            .collect();
        write_states(store, fold(&dials)).await;
        for line in references() {
            match decoded(&line) {
                Event::Reference(reference) => store.put_reference(&reference).await.unwrap(),
                other @ (Event::Gateway(_) | Event::Dial(_)) => panic!("{other:?}"),
            }
        }
        let path = format!("{}/{OTHER_DELETED}", crate::http::setup::R);
        let gone = world.answer(&world.served.foreign, &Request::of("DELETE", &path)).await;
        assert_eq!(gone.status, 200);
        world
    }

    /// Keys of the own project.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Of the reads one in so many is asked with this key: all with one that may write and with one
    /// that may only read, some with those that are alike or are refused.
    pub fn share_of(&self, key: &str) -> usize {
        if key == self.served.admin || key == self.served.reader { 1 } else { 9 }
    }

    pub async fn answer(&self, key: &str, request: &Request) -> Seen {
        let headers = [
            ("apikey", key),
            ("content-type", request.content_type.as_str()),
            // Its own id would be drawn anew for each.
            ("x-request-id", "same"),
            ("tenantid", Q),
            ("projectid", Q),
        ];
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let answer = self.served.send(method, path, &headers, request.body.to_string()).await;
        let mut headers: Vec<(String, String)> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        let bytes = format!("{headers:?}\n{}", answer.body).into_bytes();
        Seen { status: answer.status, headers, bytes }
    }

    /// The same, as JSON.
    pub async fn json(&self, key: &str, request: &Request) -> Json {
        let answer = self.answer(key, request).await;
        let text = String::from_utf8(answer.bytes).unwrap();
        serde_json::from_str(text.split_once('\n').unwrap().1).unwrap()
    }

    pub fn rows_of_the_other(&self) -> Vec<Row> {
        let rows = self.served.store.rows();
        rows.into_iter().filter(|row| row.key.project == project(Q)).collect()
    }

    /// Values of the records that were posted.
    pub async fn logged(&self) -> Vec<String> {
        self.served.broker.finish();
        let mut log = self.served.broker.sole_member();
        let mut values = Vec::new();
        loop {
            let mut batch = RecordBatch::default();
            let polled = log.next(&mut batch, usize::MAX).await.unwrap();
            values.extend(
                batch.iter().map(|r| String::from_utf8_lossy(r.value().unwrap()).into_owned()),
            );
            if matches!(polled, Polled::Ended) {
                return values;
            }
        }
    }
}

/// Records that name the other project as theirs.
pub fn only_with_marks(values: &[String]) -> Vec<String> {
    let is_of_the_other = |value: &&String| {
        let read: BTreeMap<String, Json> = serde_json::from_str(value).unwrap();
        read["projectId"] == Q
    };
    values.iter().filter(is_of_the_other).cloned().collect()
}
