//! No byte of another project: every route, operator, column, sort, select, relation and id, made
//! from the `OpenAPI` documents, asked with keys of one project while another has data and while it
//! has none. Both must answer alike, and nothing that marks the other project's values may appear
//! unless it was sent.

mod requests;
mod worlds;

use ringfold::http::profile::{Documented, DropIn, Profile};

use requests::{Parties, Request, changing, reading};
use worlds::{MARKERS, OTHER_IDS, World, only_with_marks};

/// Answers must be equal; tells the first that are not.
async fn compare(there: &World, absent: &World, key: &str, request: &Request) -> u16 {
    let (with, without) = (there.answer(key, request).await, absent.answer(key, request).await);
    let sent = request.sent();
    assert_eq!(with, without, "{sent} answers otherwise where another project has data");
    let text = String::from_utf8_lossy(&with.bytes).into_owned();
    for mark in MARKERS.iter().chain(&OTHER_IDS) {
        let is_shown = text.contains(mark) && !sent.contains(mark);
        assert!(!is_shown, "{sent} shows {mark}: {text}");
    }
    with.status
}

async fn asks_everything(profile: &'static dyn Profile) {
    let (there, absent) = (World::with_another(profile).await, World::without(profile).await);
    let mut parties = Parties::seen_by(&there, profile).await;
    // What is compared with is taken from both projects, or the matrix would look away.
    assert!(parties.values.values().all(|values| !values.is_empty()), "{:?}", parties.values);
    let before = there.rows_of_the_other();
    let (mut asked, mut done) = (0_u32, 0_u32);
    for key in there.keys() {
        for request in reading(profile, &parties).iter().step_by(there.share_of(key)) {
            asked += 1;
            done += u32::from(compare(&there, &absent, key, request).await == 200);
        }
    }
    for key in there.keys() {
        for request in changing(profile, &parties) {
            asked += 1;
            done += u32::from(compare(&there, &absent, key, &request).await == 200);
        }
    }
    assert_eq!(there.rows_of_the_other(), before, "nothing of the other project was changed");
    assert_eq!(only_with_marks(&there.logged().await), Vec::<String>::new(), "nor posted for it");
    assert!(asked > 8_000 && done > 2_000, "{done} of {asked} requests were served");
    parties.values.clear();
}

#[tokio::test]
async fn the_documented_profile_shows_nothing_of_another_project() {
    asks_everything(&Documented).await;
}

#[tokio::test]
async fn the_drop_in_profile_shows_nothing_of_another_project() {
    asks_everything(&DropIn).await;
}

async fn foreign_is_missing(profile: &'static dyn Profile) {
    let world = World::with_another(profile).await;
    let parties = Parties::seen_by(&world, profile).await;
    let mut compared = 0;
    for request in requests::on_ids(profile, &parties) {
        for key in world.keys() {
            let mut answers = Vec::new();
            for id in [worlds::MISSING, worlds::OTHER, worlds::OTHER_DELETED, worlds::OWN_DELETED] {
                let answer = world.answer(key, &request.about(id)).await;
                let text = String::from_utf8_lossy(&answer.bytes).replace(id, "<id>");
                answers.push((id, answer.status, answer.headers, text));
            }
            for answer in &answers[1..] {
                let (one, other) = (&answers[0], answer);
                let is_alike = (one.1, &one.2, &one.3) == (other.1, &other.2, &other.3);
                assert!(is_alike, "{}: {one:?} {other:?}", request.sent());
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[tokio::test]
async fn foreign_deleted_and_missing_items_answer_alike() {
    foreign_is_missing(&Documented).await;
    foreign_is_missing(&DropIn).await;
}
