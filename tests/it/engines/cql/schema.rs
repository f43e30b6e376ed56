//! Schema files on a server, and what connecting says when something does not fit.

use ringfold::cql::schema::{Applied, FileState, KeyspaceRule, SchemaError, apply, diff};
use ringfold::cql::{ConnectError, CqlStore};
use ringfold::dial::row::DirectoryRow;
use ringfold::ports::store::{DialStore, Directory, WriteError};

use super::cells::{batch, unit, written};
use super::keyspace::{by_hand, create, on_server, on_store, turn};
use crate::support::dials::{project, s};

#[test]
fn a_schema_is_applied_once_and_a_store_refuses_any_other() {
    on_server(async |place| {
        let settings = &place.settings;
        let both = |state| [1, 2].map(|version| FileState { version, state });
        assert_eq!(diff(settings).await.unwrap(), both(Applied::Missing));
        let error = CqlStore::connect(settings).await.unwrap_err();
        assert!(error.to_string().contains("ringfold schema apply"), "{error}");
        let error = apply(settings, KeyspaceRule::MustExist).await.unwrap_err();
        let ConnectError::Schema { source: SchemaError::Absent(_), .. } = error else {
            panic!("{error}");
        };

        create(settings).await;
        let again = {
            let _turn = turn();
            apply(settings, KeyspaceRule::Create { replicas: 1 }).await.unwrap()
        };
        assert!(again.is_empty(), "{again:?}");
        assert_eq!(diff(settings).await.unwrap(), both(Applied::Same));
        assert!(CqlStore::connect(settings).await.unwrap().is_empty().await.unwrap());

        let hand = place.by_hand().await;
        let note = |version: i32, checksum: &str| {
            format!(
                "INSERT INTO {}.schema_version (component, version, checksum) \
                 VALUES ('schema', {version}, '{checksum}')",
                settings.keyspace
            )
        };
        by_hand(&hand, &note(3, "of a later release")).await;
        let error = CqlStore::connect(settings).await.unwrap_err().to_string();
        assert!(error.contains("file 3 is newer"), "{error}");
        by_hand(&hand, &note(1, "of other bytes")).await;
        let error = CqlStore::connect(settings).await.unwrap_err().to_string();
        assert!(error.contains("file 1 is changed"), "{error}");
        let error = apply(settings, KeyspaceRule::MustExist).await.unwrap_err().to_string();
        assert!(error.contains("file 1 is changed"), "{error}");
    });
}

#[test]
fn an_address_without_a_store_is_named() {
    on_server(async |place| {
        let mut settings = place.settings;
        // The discard port: nobody listens there.
        settings.nodes = vec!["127.0.0.1:9".to_owned()];
        let error = CqlStore::connect(&settings).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("127.0.0.1:9"), "{error}");
        settings.keyspace = "no\"name".to_owned();
        let error = CqlStore::connect(&settings).await.unwrap_err();
        assert!(!error.to_string().is_empty());
    });
}

#[test]
fn a_missing_table_is_a_refusal_and_not_the_rows_fault() {
    on_store(async |store, place| {
        let write = written(&[s()]);
        store.write(&unit(batch(vec![write.clone()], DirectoryRow::Missing))).await.unwrap();
        {
            let _turn = turn();
            let text = format!("DROP TABLE {}.item", place.settings.keyspace);
            by_hand(&place.by_hand().await, &text).await;
        }
        let error = store.write(&unit(batch(vec![write], DirectoryRow::Known))).await.unwrap_err();
        assert!(matches!(error, WriteError::Refused(_)), "{error:?}");
        assert_eq!(store.days(project(), day(), day()).await.unwrap(), [day()]);
    });
}

fn day() -> ringfold::value::Day {
    crate::support::dials::key().day()
}
