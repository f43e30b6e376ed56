//! API keys, references and gateway starts.

use std::collections::BTreeSet;

use ringfold::access::{ApiKeyRecord, KeyReach};
use ringfold::dial::event::{Gateway, GatewayStarted};
use ringfold::ports::registry::{CallScan, KeyUses, Registry};
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::{Day, DialId, Micros};
use uuid::Uuid;

use super::sample::Sample;

fn key(sample: &Sample, reach: KeyReach) -> ApiKeyRecord {
    ApiKeyRecord {
        key_id: sample.v4().simple().to_string().into(),
        reach,
        name: "Wandtafel ☎".into(),
        hash: [0xA5; 32],
        allow: ["item.read".into(), "item.count".into()].into(),
        block: BTreeSet::new(),
        created_at: Micros::from_ms(1_774_872_000_000),
        created_by: "cli".into(),
        expires_at: Some(Micros::from_ms(1_874_872_000_000)),
        revoked_at: None,
    }
}

pub async fn a_key_is_put_and_revoked<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let mut key = key(&sample, KeyReach::Project(sample.project));
    assert_eq!(store.get_key(&key.key_id).await.unwrap(), None);
    store.put_key(&key).await.unwrap();
    store.put_key(&key).await.unwrap();
    assert_eq!(store.get_key(&key.key_id).await.unwrap(), Some(key.clone()));
    key.revoked_at = Some(Micros::from_ms(1_774_873_000_000));
    key.allow.clear();
    key.block = ["item.delete".into()].into();
    store.put_key(&key).await.unwrap();
    assert_eq!(store.get_key(&key.key_id).await.unwrap(), Some(key));
}

pub async fn the_last_use_of_a_key_is_its_latest_day<S: Registry + KeyUses>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = key(&sample, KeyReach::Project(sample.project));
    store.put_key(&key).await.unwrap();
    assert_eq!(store.get_key_use(&key.key_id).await.unwrap(), None);
    for (day, latest) in [(20_500, 20_500), (20_502, 20_502), (20_501, 20_502), (20_502, 20_502)] {
        store.put_key_use(&key.key_id, Day::new(day)).await.unwrap();
        assert_eq!(store.get_key_use(&key.key_id).await.unwrap(), Some(Day::new(latest)));
    }
    assert_eq!(store.get_key(&key.key_id).await.unwrap(), Some(key.clone()), "as it was");
    store.put_key(&key).await.unwrap();
    let kept = store.get_key_use(&key.key_id).await.unwrap();
    assert_eq!(kept, Some(Day::new(20_502)), "whoever puts a key again leaves its use alone");
}

pub async fn keys_are_listed_by_what_they_reach<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let stranger = sample.stranger();
    let own = key(&sample, KeyReach::Project(sample.project));
    let gateway = key(&sample, KeyReach::Gateway([sample.project, stranger.project].into()));
    let of_all = key(&sample, KeyReach::Gateway(BTreeSet::new()));
    let foreign = key(&stranger, KeyReach::Project(stranger.project));
    for key in [&own, &gateway, &of_all, &foreign] {
        store.put_key(key).await.unwrap();
    }
    let ids = |keys: Vec<ApiKeyRecord>| -> BTreeSet<_> {
        keys.into_iter().map(|key| key.key_id).collect()
    };
    let listed = ids(store.list_keys(Some(sample.project)).await.unwrap());
    assert_eq!(listed, [own.key_id, gateway.key_id].into());
    // Keys of other cases reach all projects too.
    let listed = ids(store.list_keys(None).await.unwrap());
    assert!(listed.contains(&of_all.key_id) && !listed.contains(&foreign.key_id));
}

fn reference(sample: &Sample, id: Uuid, at: i64, body: Option<&str>) -> Reference {
    Reference {
        kind: ReferenceKind::User,
        project: sample.project,
        id,
        at: Micros::from_ms(at),
        body: body.map(Into::into),
    }
}

pub async fn the_newest_state_of_a_reference_stays<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let states = |id| {
        [
            reference(&sample, id, 5, Some(r#"{"name":"Ada"}"#)),
            reference(&sample, id, 9, None),
            reference(&sample, id, 7, Some(r#"{"name":"Ada L."}"#)),
        ]
    };
    for turn in 0..3 {
        let id = sample.v4();
        let mut states = states(id);
        states.rotate_left(turn);
        for state in &states {
            store.put_reference(state).await.unwrap();
            store.put_reference(state).await.unwrap();
        }
        let kept = store.references(ReferenceKind::User, sample.project, &[id]).await.unwrap();
        assert_eq!(kept, [reference(&sample, id, 9, None)]);
        let back = reference(&sample, id, 10, Some(r#"{"name":"Ada"}"#));
        store.put_reference(&back).await.unwrap();
        let kept = store.references(ReferenceKind::User, sample.project, &[id]).await.unwrap();
        assert_eq!(kept, [back]);
    }
}

pub async fn only_wanted_references_are_given<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let stranger = sample.stranger();
    let id = sample.v4();
    for kind in ReferenceKind::ALL {
        // The reference of a project is the project itself.
        let id = if kind == ReferenceKind::Project { sample.project.uuid() } else { id };
        let body = format!(r#"{{"kind":"{}"}}"#, kind.word());
        let one = Reference { kind, ..reference(&sample, id, 5, Some(&body)) };
        store.put_reference(&one).await.unwrap();
        let wanted = [sample.v4(), id];
        assert_eq!(store.references(kind, sample.project, &wanted).await.unwrap(), [one]);
        assert_eq!(store.references(kind, sample.project, &[]).await.unwrap(), []);
        assert_eq!(store.references(kind, stranger.project, &[id]).await.unwrap(), []);
    }
}

fn call(sample: &Sample, caller: &str) -> Reference {
    let body = format!(r#"{{"callerPhoneNumber":"{caller}","status":"Completed"}}"#);
    let call = reference(sample, sample.v4(), 5, Some(&body));
    Reference { kind: ReferenceKind::Call, ..call }
}

pub async fn calls_are_found_by_a_number_of_theirs<S: Registry + CallScan>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let stranger = sample.stranger();
    let mut wanted = [call(&sample, "+441632960155"), call(&stranger, "+441632960155")];
    let user = reference(&sample, sample.v4(), 5, Some(r#"{"name":"+441632960155"}"#));
    for reference in wanted.iter().chain([&user, &call(&sample, "+4416329601")]) {
        store.put_reference(reference).await.unwrap();
    }
    let ours = [sample.project, stranger.project];
    let is_wanted =
        |call: &Reference| ours.contains(&call.project) && call.holds_phone("+441632960155");
    let mut found = store.find_calls(&is_wanted).await.unwrap();
    found.sort_by_key(|call| call.id);
    wanted.sort_by_key(|call| call.id);
    assert_eq!(found, wanted);
}

pub async fn an_erased_reference_outlives_replays<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let (call, user) = (
        call(&sample, "+441632960155"),
        reference(&sample, sample.v4(), 5, Some(r#"{"name":"Ada"}"#)),
    );
    let now = Micros::from_ms(1_774_900_000_000);
    let left = call.without_phones(|_| true, now).unwrap();
    assert_eq!(left.body.as_deref(), Some(r#"{"status":"Completed"}"#));
    assert_eq!((left.at, left.without_phones(|_| true, now)), (now, None));
    let gone = user.gone(now);
    for (was, is) in [(&call, &left), (&user, &gone)] {
        for state in [was, is, was] {
            store.put_reference(state).await.unwrap();
        }
        let kept = store.references(was.kind, sample.project, &[was.id]).await.unwrap();
        assert_eq!(kept, std::slice::from_ref(is));
    }
    // One that is told of later than the clock says.
    let ahead = Reference { at: Micros::from_ms(now.ms() + 5), ..user };
    store.put_reference(&ahead).await.unwrap();
    store.put_reference(&ahead.gone(now)).await.unwrap();
    let kept = store.references(ahead.kind, sample.project, &[ahead.id]).await.unwrap();
    assert_eq!(kept[0].body, None);
}

pub async fn the_latest_start_of_a_gateway_stays<S: Registry>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let start = |instance: &str, at, live: &[&str]| GatewayStarted {
        gateway: Gateway::new(Some("pbx"), Some(instance)).unwrap(),
        at: Micros::from_ms(at),
        live: live.iter().map(|dial| DialId::parse(dial).unwrap()).collect(),
        project: Some(sample.project),
    };
    let starts = [
        start("a", 7, &["d-1", "d-2"]),
        start("a", 5, &["d-3"]),
        start("b", 1, &[]),
        start("a", 7, &["d-1", "d-2"]),
    ];
    for start in &starts {
        store.put_gateway_start(start).await.unwrap();
    }
    let mut kept = store.gateway_starts().await.unwrap();
    kept.retain(|start| start.project == Some(sample.project));
    kept.sort_by(|a, b| a.gateway.cmp(&b.gateway));
    assert_eq!(kept, [starts[0].clone(), starts[2].clone()]);
}
