//! Locators, the directory and the registry on a server.

use std::collections::BTreeSet;

use ringfold::access::{ApiKeyRecord, KeyReach};
use ringfold::dial::event::{Gateway, GatewayStarted};
use ringfold::dial::row::{DirectoryRow, Locator};
use ringfold::dial::{ItemKey, State};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::{DialStore, Directory, ItemReader};
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::{Day, DialId, ItemId, Micros, ProjectId, SLICE_MICROS};
use uuid::Uuid;

use super::cells::{batch, of, unit, written};
use super::keyspace::on_store;
use crate::support::dials::{at, call, project, s};

#[test]
fn locators_are_there_with_the_rows() {
    on_store(async |store, _| {
        let v4 = ItemId::new(Uuid::parse_str("7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263").unwrap());
        let mut state = State::default();
        state.inject(&s().0);
        let key = ItemKey { project: project(), created_at: at(0), item: v4 };
        let slices = [at(0).slice(), Micros::new(at(0).slice().get() + 3 * SLICE_MICROS)];
        let mut rows = batch(vec![of(key, state.clone())], DirectoryRow::Missing);
        rows.locators.push(Locator::Item { item: v4, created_at: at(0) });
        for slice in slices {
            rows.locators.push(Locator::Call { call: call(), slice });
        }
        for _ in 0..2 {
            store.write(&unit(rows.clone())).await.unwrap();
        }
        assert_eq!(store.locate(project(), v4).await.unwrap(), Some(at(0)));
        assert_eq!(store.slices(project(), call()).await.unwrap(), slices);
        let nobody = ProjectId::new(Uuid::from_bytes([1; 16]));
        assert_eq!(store.locate(nobody, v4).await.unwrap(), None);
        assert_eq!(store.slices(nobody, call()).await.unwrap(), []);

        let asked = ItemKey { created_at: at(40_000), ..key };
        let unknown = ItemKey { item: ItemId::new(Uuid::from_u128(7)), ..key };
        let loaded = store.load(&[unknown, asked]).await.unwrap();
        assert_eq!(loaded[0], None);
        let row = loaded[1].clone().unwrap();
        assert_eq!((row.key, row.state), (key, state));
    });
}

#[test]
fn the_directory_lists_days_newest_first() {
    on_store(async |store, _| {
        assert!(store.is_empty().await.unwrap());
        let first = at(0).day().get();
        for days in [3, 0, 1, 7, 3] {
            let write = written(&[s().started_at(i64::from(days) * 86_400_000)]);
            store.write(&unit(batch(vec![write], DirectoryRow::Missing))).await.unwrap();
        }
        assert!(!store.is_empty().await.unwrap());
        let days = async |from: i32, to: i32| {
            let (from, to) = (Day::new(first + from), Day::new(first + to));
            let days = store.days(project(), from, to).await.unwrap();
            days.into_iter().map(|day| day.get() - first).collect::<Vec<_>>()
        };
        assert_eq!(days(-30_000, 30_000).await, [7, 3, 1, 0]);
        assert_eq!(days(1, 3).await, [3, 1]);
        assert_eq!(days(4, 6).await, [0; 0]);
        let nobody = ProjectId::new(Uuid::from_bytes([1; 16]));
        assert_eq!(store.days(nobody, Day::new(-9), Day::new(99_999)).await.unwrap(), []);
    });
}

pub fn key_record(id: &str, reach: KeyReach) -> ApiKeyRecord {
    let grants = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
    ApiKeyRecord {
        key_id: id.into(),
        reach,
        name: "dashboard".into(),
        hash: [7; 32],
        allow: grants(&["ReadIncomingCallLog", "ProjectOwner"]),
        block: BTreeSet::new(),
        created_at: at(0),
        created_by: "ops".into(),
        expires_at: Some(at(86_400_000)),
        revoked_at: None,
    }
}

#[test]
fn api_keys_are_put_replaced_and_listed_by_reach() {
    on_store(async |store, _| {
        let own = key_record("a1", KeyReach::Project(project()));
        let some = key_record("g1", KeyReach::Gateway([project()].into()));
        let all = key_record("g2", KeyReach::Gateway(BTreeSet::new()));
        for key in [&own, &some, &all] {
            store.put_key(key).await.unwrap();
            assert_eq!(store.get_key(&key.key_id).await.unwrap().as_ref(), Some(key));
        }
        assert_eq!(store.get_key("a2").await.unwrap(), None);
        let listed = store.list_keys(Some(project())).await.unwrap();
        assert_eq!(listed, [own.clone(), some.clone()]);
        assert_eq!(store.list_keys(None).await.unwrap(), [all]);

        let revoked = ApiKeyRecord { revoked_at: Some(at(5)), expires_at: None, ..own };
        store.put_key(&revoked).await.unwrap();
        store.put_key(&revoked).await.unwrap();
        assert_eq!(store.list_keys(Some(project())).await.unwrap(), [revoked, some]);
    });
}

#[test]
fn the_newest_reference_stays_and_gone_stays_gone() {
    on_store(async |store, _| {
        for kind in ReferenceKind::ALL {
            let id = match kind {
                ReferenceKind::Project => project().uuid(),
                ReferenceKind::User | ReferenceKind::Rule | ReferenceKind::Call => {
                    Uuid::from_bytes([3; 16])
                }
            };
            let told = |ms: i64, body: Option<&str>| Reference {
                kind,
                project: project(),
                id,
                at: at(ms),
                body: body.map(Into::into),
            };
            let read =
                async || store.references(kind, project(), &[id, Uuid::nil()]).await.unwrap();
            let (old, new) = (told(0, Some("{\"name\":\"A\"}")), told(1, Some("{\"name\":\"B\"}")));
            let gone = told(1, None);
            store.put_reference(&new).await.unwrap();
            store.put_reference(&old).await.unwrap();
            assert_eq!(read().await, std::slice::from_ref(&new), "{kind:?}");
            // At one time gone is the better state, whichever comes first.
            store.put_reference(&gone).await.unwrap();
            store.put_reference(&new).await.unwrap();
            assert_eq!(read().await, [gone], "{kind:?}");
            let back = told(2, Some("{}"));
            store.put_reference(&back).await.unwrap();
            assert_eq!(read().await, [back], "{kind:?}");
            let nobody = ProjectId::new(Uuid::from_bytes([1; 16]));
            assert_eq!(store.references(kind, nobody, &[id]).await.unwrap(), []);
        }
        let many: Vec<Uuid> = (0..250_u128).map(Uuid::from_u128).collect();
        for id in &many {
            let (kind, project, at) = (ReferenceKind::User, project(), at(0));
            let reference = Reference { kind, project, id: *id, at, body: Some("{}".into()) };
            store.put_reference(&reference).await.unwrap();
        }
        let found = store.references(ReferenceKind::User, project(), &many).await.unwrap();
        assert_eq!(found.len(), many.len());
    });
}

#[test]
fn the_latest_start_of_a_gateway_stays() {
    on_store(async |store, _| {
        let start = |project, ms: i64, live: &[&str]| GatewayStarted {
            gateway: Gateway::from_text("twilio/us1"),
            at: at(ms),
            live: live.iter().map(|dial| DialId::parse(dial).unwrap()).collect(),
            project,
        };
        let late = start(None, 5, &["d-1", "d-2"]);
        let own = start(Some(project()), 1, &[]);
        for told in [&late, &start(None, 0, &["d-9"]), &own, &late] {
            store.put_gateway_start(told).await.unwrap();
        }
        let mut starts = store.gateway_starts().await.unwrap();
        starts.sort_by_key(|start| start.project);
        assert_eq!(starts, [late, own]);
    });
}
