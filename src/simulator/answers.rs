//! What the API must answer once everything is done: counts that are lists that are rows, costs
//! that are exact, and nothing of another project.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::{Value as Json, json};

use crate::dial::Row;
use crate::http::ApiSettings;
use crate::tariff::{Book, read_files};
use crate::value::{CallId, MicroUsd};

use super::checks;
use super::clients::RESOURCE;
use super::hub::Hub;
use super::invariant::Invariant;
use super::people::{People, Project};
use super::plant::Plant;
use super::servers::{Server, Servers};

/// Calls that are listed for each project.
const CALLS: usize = 3;
/// Items of a page.
const PAGE: usize = 7;
/// What a started minute costs.
const MINUTE: MicroUsd = MicroUsd::new(12_345);

/// Prices that can be reckoned in one line: a rate for each started minute.
pub(super) fn book(hub: &Hub) -> Book {
    let mut text = "format = 'ringfold-tariff-1'\n\
        [[assign]]\nproject = '*'\ngateway = '*'\nplan = 'flat'\n\
        effective_from = 2026-01-01T00:00:00Z\n\
        [[plan]]\nid = 'flat'\ncurrency = 'USD'\n\
        [[plan.version]]\nnumber = 1\neffective_from = 2026-01-01T00:00:00Z\n\
        rate = [{ prefix = '49', rate = '0.012345' }]\n"
        .to_owned();
    if hub.plan.is_planted(Plant::OtherPrice) {
        text = text.replace("0.012345", "0.012346");
    }
    read_files(&[("simulated.toml", text.as_str())], &|_| None)
        .map(|read| read.0)
        .unwrap_or_default()
}

/// The cost of a row by its facts; `None` = it has none.
fn reckoned(row: &Row) -> Option<MicroUsd> {
    let facts = &row.state.facts;
    if let Some(cost) = &facts.cost {
        return Some(MicroUsd::new(cost.said.micro));
    }
    let ended_at = facts.ended.as_ref()?.at?;
    facts.started.as_ref()?.said.phone.as_ref()?;
    let talk = match &facts.answered {
        Some(answered) => ended_at.since(answered.at?).max(0),
        None => 0,
    };
    let minutes = talk.unsigned_abs().div_ceil(60_000_000);
    Some(MicroUsd::new(MINUTE.get() * i64::try_from(minutes).ok()?))
}

/// Asks everything of a server of its own.
pub(super) async fn check(hub: &Hub, people: &People, book: &Arc<ArcSwap<Book>>) {
    let settings = ApiSettings { rate_per_key: 0, ..ApiSettings::default() };
    let servers = Servers::new(hub, book, settings);
    let mut random = hub.plan.random(15, 0);
    let Some(server) = servers.pick(&mut random) else { return };
    for project in &people.projects {
        let asking = Asking { hub, people, project, server: &server };
        let rows: Vec<Row> = hub.store.rows();
        let own = rows.into_iter().filter(|row| row.key.project == project.id);
        let own: Vec<Row> = own.filter(|row| row.deletion.is_none()).collect();
        asking.all(&own).await;
        let is_answered =
            |row: &&Row| row.edits.is_answered.unwrap_or(row.state.facts.answered.is_some());
        let answered = own.iter().filter(is_answered).count();
        asking.count_and_list(&json!({"isAnswered": true}), answered).await;
        let mut calls: BTreeMap<CallId, usize> = BTreeMap::new();
        for row in &own {
            let call = row.state.facts.started.as_ref().and_then(|started| started.said.call);
            if let Some(call) = call {
                *calls.entry(call).or_default() += 1;
            }
        }
        for (call, rows) in calls.into_iter().take(CALLS) {
            asking.count_and_list(&json!({"incomingCallLogId": call.to_string()}), rows).await;
        }
    }
}

struct Asking<'a> {
    hub: &'a Hub,
    people: &'a People,
    project: &'a Project,
    server: &'a Server,
}

impl Asking<'_> {
    async fn ask(&self, path: &str, body: &Json) -> Option<Json> {
        let key = self.project.key.reveal();
        let (status, body) = self.server.ask(key, ("POST", path), body.to_string()).await?;
        let foreign = self.people.foreign(self.project.id);
        self.hub.expect(Invariant::I12, checks::nothing_foreign(&body, foreign));
        if status != 200 {
            self.hub.expect(Invariant::I10, Err(format!("{path} at rest gives {status}: {body}")));
        }
        serde_json::from_str(&body).ok()
    }

    /// I10 of one question; every item that was listed.
    async fn count_and_list(&self, query: &Json, rows: usize) -> Vec<Json> {
        let body = json!({"query": query});
        let counted = self.ask(&format!("{RESOURCE}/count"), &body).await;
        let counted = counted.and_then(|answer| answer.get("count")?.as_u64());
        let mut listed = Vec::new();
        loop {
            let body = json!({"query": query, "select": {"callCostInUSDCents": true}});
            let path = format!("{RESOURCE}/get-list?limit={PAGE}&skip={}", listed.len());
            let Some(mut page) = self.ask(&path, &body).await else { break };
            let data = page.get_mut("data").and_then(Json::as_array_mut);
            let data = data.map(std::mem::take).unwrap_or_default();
            let is_last = data.len() < PAGE;
            listed.extend(data);
            if is_last {
                break;
            }
        }
        let count = usize::try_from(counted.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let verdict = checks::count_is_list(&query.to_string(), count, listed.len(), rows);
        self.hub.expect(Invariant::I10, verdict);
        listed
    }

    /// All items of the project, and what each costs.
    async fn all(&self, own: &[Row]) {
        for shown in self.count_and_list(&json!({}), own.len()).await {
            let id = shown.get("_id").and_then(Json::as_str).unwrap_or_default();
            let Some(row) = own.iter().find(|row| row.key.item.to_string() == id) else {
                self.hub.expect(Invariant::I2, Err(format!("{id} is listed and has no row")));
                continue;
            };
            let cents = shown.get("callCostInUSDCents").filter(|cents| !cents.is_null());
            let cost = cents.and_then(|cents| MicroUsd::from_cents_text(&cents.to_string()).ok());
            let text = |cost: Option<MicroUsd>| cost.map(|cost| cost.cents().to_string());
            let (cost, expected) = (text(cost), text(reckoned(row)));
            let verdict = checks::cost_is_exact(id, cost.as_deref(), expected.as_deref());
            self.hub.expect(Invariant::I14, verdict);
        }
    }
}
