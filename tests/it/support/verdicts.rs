//! Every error of the store that can be forged, and what it means: `tests/data/store/verdicts.csv`.

use scylla_proxy::{Reaction as _, RequestReaction};

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Meant {
    pub error: String,
    /// Of a write.
    pub write: String,
    /// Of a read.
    pub read: String,
    /// What a client of the API is told of an update: `nothing` or `unknown` (503), `failed` (500).
    pub update: String,
    pub reaction: RequestReaction,
}

pub fn table() -> Vec<Meant> {
    let text = include_str!("../../data/store/verdicts.csv");
    text.lines().skip(1).map(meant).collect()
}

fn meant(line: &str) -> Meant {
    let cells: Vec<&str> = line.split(',').collect();
    let &[error, write, read, update] = cells.as_slice() else { panic!("{line}") };
    let [error, write, read, update] = [error, write, read, update].map(str::to_owned);
    let reaction = reaction(&error);
    Meant { error, write, read, update, reaction }
}

fn reaction(error: &str) -> RequestReaction {
    let forge = RequestReaction::forge();
    match error {
        "unavailable" => forge.unavailable(),
        "is_bootstrapping" => forge.is_bootstrapping(),
        "write_timeout" => forge.write_timeout(),
        "read_timeout" => forge.read_timeout(),
        "write_failure" => forge.write_failure(),
        "read_failure" => forge.read_failure(),
        "server_error" => forge.server_error(),
        "truncate_error" => forge.truncate_error(),
        "function_failure" => forge.function_failure(),
        "protocol_error" => forge.protocol_error(),
        "a_code_nobody_knows" => forge.other(0x7777),
        "a_broken_connection" => RequestReaction::drop_connection(),
        "overloaded" => forge.overloaded(),
        "unauthorized" => forge.unauthorized(),
        "authentication_error" => forge.authentication_error(),
        "syntax_error" => forge.syntax_error(),
        "config_error" => forge.config_error(),
        "already_exists" => forge.already_exists(),
        "unprepared" => forge.unprepared(),
        "invalid" => forge.invalid(),
        other => panic!("{other} cannot be forged"),
    }
}
