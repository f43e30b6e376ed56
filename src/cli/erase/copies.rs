//! Names the copies that `erase` cannot reach, and how long they are kept. It touches none.

use serde_json::json;

use super::super::Context;
use super::super::exit::Failure;
use crate::config::{LogKind, Settings, StoreKind};

/// What keeps it, and until when.
type Copy = (String, String);

/// Tells each copy.
pub(super) fn tell(settings: &Settings, context: &mut Context) -> Result<(), Failure> {
    for (what, until) in copies(settings) {
        let shown = json!({ "notReached": what, "until": until });
        context.line(&format!("not reached: {what}: {until}"), &shown)?;
    }
    Ok(())
}

fn copies(settings: &Settings) -> Vec<Copy> {
    let mut copies = match settings.log.kind {
        LogKind::Local => of_local_log(settings),
        LogKind::Kafka => of_topics(settings),
    };
    let of_store = match settings.store {
        StoreKind::Local => ("backups of data.dir", "until you delete them"),
        StoreKind::Cql => (
            "overwritten cells in table files, snapshots and backups of the CQL store",
            "until they are compacted (`nodetool flush`, then `compact`) or deleted",
        ),
    };
    let others = [
        of_store,
        ("files written by `ringfold export`", "until you delete them"),
        ("the memory of running processes", "until their cache drops the dial, or they end"),
        (
            "what the on-call product and the gateways still hold",
            "an event that is new tells it anew: erase it there first",
        ),
    ];
    copies.extend(others.map(|(what, until)| (what.to_owned(), until.to_owned())));
    copies
}

fn of_local_log(settings: &Settings) -> Vec<Copy> {
    let dir = settings.data_dir.display();
    let keep = &settings.log.keep;
    let kept = format!("{keep} after they were taken, once they are folded (log.local.keep)");
    let mut copies = vec![
        (format!("records of the local log in {dir}"), kept),
        (format!("dead letters in {dir}"), "as long as the directory is there".to_owned()),
    ];
    let files = settings.log.files.iter();
    copies.extend(files.map(|file| {
        (format!("the followed file {}", file.display()), "until you delete it".to_owned())
    }));
    copies
}

fn of_topics(settings: &Settings) -> Vec<Copy> {
    let topics = &settings.kafka.topics;
    let named = [&topics.dials, &topics.references, &topics.dead_letters];
    let kept = named.into_iter().filter(|topic| !topic.is_empty()).map(|topic| {
        (format!("records of the topic {topic}"), "its retention (retention.ms)".to_owned())
    });
    kept.collect()
}
