//! `schema print | apply | diff`: the tables of the CQL store.

use std::io::Write;

use serde_json::json;

use super::args::{SchemaApplyArgs, SchemaCommand};
use super::runtime::block_on;
use super::{Context, Outcome};
use crate::app::{cql_error, cql_settings};
use crate::cql::schema::{self, Applied, KeyspaceRule};
use crate::supervisor::Exit;

pub(super) fn run(command: &SchemaCommand, context: &mut Context) -> Outcome {
    let settings = cql_settings(&context.settings()?);
    match command {
        SchemaCommand::Print => {
            for (_, text) in settings.dialect.files() {
                write!(context.out, "{text}")?;
            }
            Ok(Exit::Done)
        }
        SchemaCommand::Apply(args) => {
            let rule = rule(args);
            block_on(async {
                let applied = schema::apply(&settings, rule).await.map_err(|e| cql_error(&e))?;
                context.told(&applied)?;
                Ok(Exit::Done)
            })
        }
        SchemaCommand::Diff => block_on(async {
            let states = schema::diff(&settings).await.map_err(|e| cql_error(&e))?;
            let mut exit = Exit::Done;
            for file in states {
                let state = file.state.word();
                if file.state != Applied::Same {
                    exit = Exit::Found;
                }
                context.line(
                    &format!("{:04} {state}", file.version),
                    &json!({ "version": file.version, "state": state }),
                )?;
            }
            Ok(exit)
        }),
    }
}

fn rule(args: &SchemaApplyArgs) -> KeyspaceRule {
    match (args.create_keyspace, args.replication) {
        (true, replicas) => KeyspaceRule::Create { replicas },
        (false, _) => KeyspaceRule::MustExist,
    }
}

impl Context {
    fn told(&mut self, applied: &[i32]) -> std::io::Result<()> {
        for version in applied {
            let done = json!({ "version": version, "state": "applied" });
            self.line(&format!("{version:04} applied"), &done)?;
        }
        if applied.is_empty() {
            self.line("nothing to apply", &json!({ "applied": 0 }))?;
        }
        Ok(())
    }
}
