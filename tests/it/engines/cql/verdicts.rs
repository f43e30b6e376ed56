//! Every error that the server can give, for every class of statement, forged between the adapter
//! and the server: each means what the table says, and passes with its cause.

use std::time::Duration;

use ringfold::access::KeyReach;
use ringfold::cql::CqlStore;
use ringfold::dial::event::{Gateway, GatewayStarted};
use ringfold::dial::row::{
    DayBatch, Deletion, DirectoryRow, EditWrite, Edits, Locator, ProvisionalEnd,
};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::{DayRange, DialStore, Directory, ItemReader, ReadError, WriteError};
use ringfold::ports::tariffs::TariffRegistry;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::Micros;
use scylla_proxy::{Condition, RequestOpcode, RequestRule};
use uuid::Uuid;

use super::cells::{batch, unit, written};
use super::keyspace::{create, on_server};
use super::records::key_record;
use crate::support::dials::{at, call, key, project, s};
use crate::support::engines::cql_address;
use crate::support::proxy::CqlProxy;
use crate::support::verdicts::{Meant, table};

/// Classes of statements that write.
const WRITES: [&str; 9] = [
    "rows",
    "directory",
    "locator",
    "edit",
    "deletion",
    "provisional end",
    "reference",
    "gateway start",
    "API key",
];
/// And those that read.
const READS: [&str; 11] = [
    "row",
    "rows of a day",
    "page of a day",
    "days",
    "any day",
    "locator",
    "slices",
    "references",
    "gateway starts",
    "API key",
    "tariff",
];

#[test]
fn every_error_of_every_class_of_statement_means_what_the_table_says() {
    let Some(address) = cql_address() else { return };
    let mut proxy = CqlProxy::new(&address);
    let proxied = proxy.address.clone();
    on_server(async |mut place| {
        create(&place.settings).await;
        place.settings.nodes = vec![proxied];
        let store = CqlStore::connect(&place.settings).await.unwrap();
        for meant in table() {
            for class in WRITES {
                proxy.rules(vec![RequestRule(sent(class), meant.reaction.clone())]);
                let kind = write(&store, class).await.map_err(|error| error.kind());
                assert_eq!(kind, Err(meant.write.as_str()), "{class} after {}", meant.error);
                proxy.rules(Vec::new());
                healed(&store, &meant).await;
                assert_eq!(write(&store, class).await, Ok(()), "{class} after {}", meant.error);
            }
            for class in READS {
                proxy.rules(vec![RequestRule(any(), meant.reaction.clone())]);
                let kind = read(&store, class).await.map_err(|error| kind_of(&error));
                assert_eq!(kind, Err(meant.read.as_str()), "{class} after {}", meant.error);
                proxy.rules(Vec::new());
                healed(&store, &meant).await;
                assert_eq!(read(&store, class).await, Ok(()), "{class} after {}", meant.error);
            }
        }
    });
}

fn any() -> Condition {
    Condition::RequestOpcode(RequestOpcode::Execute)
        .or(Condition::RequestOpcode(RequestOpcode::Batch))
}

/// Rows go as a batch, what lies before them alone.
fn sent(class: &str) -> Condition {
    match class {
        "rows" => Condition::RequestOpcode(RequestOpcode::Batch),
        "directory" | "locator" => Condition::RequestOpcode(RequestOpcode::Execute),
        _ => any(),
    }
}

fn kind_of(error: &ReadError) -> &'static str {
    match error {
        ReadError::Unavailable(_) => "unavailable",
        ReadError::Refused(_) => "refused",
        ReadError::Unreadable(_) => "unreadable",
    }
}

/// A connection that was broken is there again.
async fn healed(store: &CqlStore, meant: &Meant) {
    if meant.error != "a_broken_connection" {
        return;
    }
    for _ in 0..500 {
        if store.get(&key()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the connection does not come back");
}

async fn write(store: &CqlStore, class: &str) -> Result<(), WriteError> {
    let edit = EditWrite {
        key: key(),
        create: None,
        edits: Edits::default(),
        deletion: None,
        erasure: None,
        provisional: None,
        wall: at(60_000).get(),
    };
    match class {
        "rows" => store.write(&unit(rows(DirectoryRow::Known))).await,
        "directory" => store.write(&unit(rows(DirectoryRow::Missing))).await,
        "locator" => {
            let mut rows = rows(DirectoryRow::Known);
            rows.locators.push(Locator::Call { call: call(), slice: at(0).slice() });
            store.write(&unit(rows)).await
        }
        "edit" => {
            let edits = Edits { status: Some("Busy".into()), at: Some(at(9)), ..Edits::default() };
            store.edit(&EditWrite { edits, ..edit }).await
        }
        "deletion" => {
            let deletion = Some(Deletion { at: at(9), by: "k".into() });
            store.edit(&EditWrite { deletion, ..edit }).await
        }
        "provisional end" => {
            let provisional = Some(ProvisionalEnd { at: at(9), revision: 1 });
            store.edit(&EditWrite { provisional, ..edit }).await
        }
        "reference" => store.put_reference(&reference()).await,
        "gateway start" => store.put_gateway_start(&start()).await,
        "API key" => store.put_key(&key_record("a1", KeyReach::Project(project()))).await,
        other => panic!("{other}"),
    }
}

fn rows(directory: DirectoryRow) -> DayBatch {
    batch(vec![written(&[s()]), written(&[s().started_at(1)])], directory)
}

fn reference() -> Reference {
    let id = Uuid::from_bytes([7; 16]);
    Reference { kind: ReferenceKind::User, project: project(), id, at: at(0), body: None }
}

fn start() -> GatewayStarted {
    let gateway = Gateway::from_text("twilio/us1");
    GatewayStarted { gateway, project: None, at: at(0), live: Vec::new() }
}

async fn read(store: &CqlStore, class: &str) -> Result<(), ReadError> {
    let item = key().item;
    match class {
        "row" => store.get(&key()).await.map(drop),
        "rows of a day" => store.load(&[key(), written(&[s().started_at(1)]).key]).await.map(drop),
        "page of a day" => {
            let (from, to) = (Micros::MIN, Micros::MAX);
            let range = DayRange { project: project(), day: key().day(), from, to };
            store.day(&range, None, 10).await.map(drop)
        }
        "days" => store.days(project(), key().day(), key().day()).await.map(drop),
        "any day" => store.is_empty().await.map(drop),
        "locator" => store.locate(project(), item).await.map(drop),
        "slices" => store.slices(project(), call()).await.map(drop),
        "references" => {
            let ids = [reference().id];
            store.references(ReferenceKind::User, project(), &ids).await.map(drop)
        }
        "gateway starts" => store.gateway_starts().await.map(drop),
        "API key" => store.get_key("a1").await.map(drop),
        "tariff" => store.list_parts().await.map(drop),
        other => panic!("{other}"),
    }
}
