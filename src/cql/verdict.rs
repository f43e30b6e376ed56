//! What an error of the driver means: not applied, unknown, overloaded, refused, invalid.
//! It repeats nothing and decides nothing else. The table: `docs/store.md`, "what an error means".
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's enums may grow: what is new counts as unknown"
)]

use std::error::Error;

use scylla::errors::{
    BadQuery, ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, DbError,
    ExecutionError, MetadataError, MetadataFetchErrorKind, NewSessionError, NextPageError,
    NextRowError, PrepareError, RequestAttemptError, RequestError, UseKeyspaceError,
};

use crate::ports::store::{ReadError, WriteError};

/// What is true after an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    NotApplied,
    Unknown,
    Overloaded,
    Refused,
    Invalid,
}

/// What a failed write means.
pub(super) fn write(error: &ExecutionError) -> WriteError {
    let text = line(error);
    match of_execution(error) {
        Verdict::NotApplied => WriteError::NotApplied(text),
        Verdict::Unknown => WriteError::Unknown(text),
        Verdict::Overloaded => WriteError::Overloaded(text),
        Verdict::Refused => WriteError::Refused(text),
        Verdict::Invalid => WriteError::Invalid(text),
    }
}

/// What a failed read means.
pub(super) fn read(error: &ExecutionError) -> ReadError {
    let text = line(error);
    match of_execution(error) {
        Verdict::NotApplied | Verdict::Unknown | Verdict::Overloaded => {
            ReadError::Unavailable(text)
        }
        // No read is made of what clients send but ids and times: an invalid one is a wrong schema.
        Verdict::Refused | Verdict::Invalid => ReadError::Refused(text),
    }
}

/// An answer whose columns or values are not those expected.
pub(super) fn unreadable(error: impl Error) -> ReadError {
    ReadError::Unreadable(line(&error))
}

/// An error as one line without its end.
pub(super) fn line(error: &impl Error) -> String {
    const LONGEST: usize = 300;
    let text = error.to_string().replace('\n', " ");
    let text = text.trim_end_matches('.');
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

/// Whether connecting failed because of credentials, rights or settings, so that waiting does not
/// help.
pub(super) fn is_refused(error: &NewSessionError) -> bool {
    match error {
        NewSessionError::MetadataError(MetadataError::ConnectionPoolError(
            ConnectionPoolError::Broken { last_connection_error },
        )) => is_refused_connection(last_connection_error),
        NewSessionError::MetadataError(MetadataError::FetchError(error)) => {
            matches!(fetch_verdict(&error.error), Some(Verdict::Refused | Verdict::Invalid))
        }
        NewSessionError::EmptyKnownNodesList | NewSessionError::IllegalConfig(_) => true,
        _ => false,
    }
}

fn is_refused_connection(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::ConnectionSetupRequestError(error) => match error.get_error() {
            ConnectionSetupRequestErrorKind::DbError(error, text) => {
                of_server(error, text) == Verdict::Refused
            }
            ConnectionSetupRequestErrorKind::MissingAuthentication
            | ConnectionSetupRequestErrorKind::StartAuthSessionError(_)
            | ConnectionSetupRequestErrorKind::AuthChallengeEvaluationError(_)
            | ConnectionSetupRequestErrorKind::AuthFinishError(_) => true,
            _ => false,
        },
        // A certificate that is not trusted arrives as an I/O error of its own kind.
        ConnectionError::IoError(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn fetch_verdict(error: &MetadataFetchErrorKind) -> Option<Verdict> {
    let (MetadataFetchErrorKind::PrepareError(attempt)
    | MetadataFetchErrorKind::NextRowError(NextRowError::NextPageError(
        NextPageError::RequestFailure(RequestError::LastAttemptError(attempt)),
    ))) = error
    else {
        return None;
    };
    Some(of_attempt(attempt))
}

fn of_execution(error: &ExecutionError) -> Verdict {
    match error {
        // Values that do not fit the prepared statement: the tables are not those of this program.
        ExecutionError::BadQuery(BadQuery::ValuesTooLongForKey(..)) => Verdict::Invalid,
        ExecutionError::BadQuery(_)
        | ExecutionError::UseKeyspaceError(UseKeyspaceError::BadKeyspaceName(_)) => {
            Verdict::Refused
        }
        ExecutionError::EmptyPlan | ExecutionError::ConnectionPoolError(_) => Verdict::NotApplied,
        ExecutionError::PrepareError(error) => of_prepare(error),
        ExecutionError::LastAttemptError(attempt) => of_attempt(attempt),
        // Client timeouts, and whatever a newer driver may add.
        _ => Verdict::Unknown,
    }
}

fn of_prepare(error: &PrepareError) -> Verdict {
    match error {
        // Preparing changes nothing.
        PrepareError::AllAttemptsFailed { first_attempt } => match of_attempt(first_attempt) {
            Verdict::Refused | Verdict::Invalid => Verdict::Refused,
            Verdict::NotApplied | Verdict::Unknown | Verdict::Overloaded => Verdict::NotApplied,
        },
        PrepareError::PreparedStatementIdsMismatch => Verdict::Refused,
        _ => Verdict::NotApplied,
    }
}

fn of_attempt(error: &RequestAttemptError) -> Verdict {
    match error {
        RequestAttemptError::DbError(error, text) => of_server(error, text),
        // A request that does not fit a frame never left.
        RequestAttemptError::CqlRequestSerialization(_) => Verdict::Invalid,
        RequestAttemptError::UnableToAllocStreamId => Verdict::Overloaded,
        // Values that do not fit the statement, and `Unprepared` that does not heal.
        RequestAttemptError::SerializationError(_)
        | RequestAttemptError::RepreparedIdChanged { .. }
        | RequestAttemptError::RepreparedIdMissingInBatch => Verdict::Refused,
        // Broken connections and answers nobody can read.
        _ => Verdict::Unknown,
    }
}

fn of_server(error: &DbError, text: &str) -> Verdict {
    match error {
        DbError::Unavailable { .. } | DbError::IsBootstrapping => Verdict::NotApplied,
        DbError::Overloaded | DbError::RateLimitReached { .. } => Verdict::Overloaded,
        DbError::Unauthorized
        | DbError::AuthenticationError
        | DbError::Unprepared { .. }
        | DbError::SyntaxError
        | DbError::ConfigError
        | DbError::AlreadyExists { .. } => Verdict::Refused,
        DbError::Invalid if names_the_schema(text) => Verdict::Refused,
        DbError::Invalid => Verdict::Invalid,
        // Timeouts, failures of replicas, faults of the server, codes nobody knows.
        _ => Verdict::Unknown,
    }
}

/// `Invalid` is also what servers say of a table, type, column or keyspace they do not know.
fn names_the_schema(text: &str) -> bool {
    const SAID: [&str; 7] = [
        "does not exist",
        "doesn't exist",
        "unconfigured table",
        "unconfigured columnfamily",
        "Undefined column",
        "Unknown type",
        "No keyspace has been specified",
    ];
    SAID.iter().any(|said| text.contains(said))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use scylla::errors::{OperationType, WriteType};
    use scylla::statement::Consistency;

    use super::*;

    fn server(error: DbError, text: &str) -> &'static str {
        let attempt = RequestAttemptError::DbError(error, text.to_owned());
        write(&ExecutionError::LastAttemptError(attempt)).kind()
    }

    #[test]
    fn what_was_surely_not_applied_is_told_from_what_may_have_been() {
        let consistency = Consistency::LocalQuorum;
        let unavailable = DbError::Unavailable { consistency, required: 2, alive: 1 };
        assert_eq!(server(unavailable, ""), "not_applied");
        assert_eq!(server(DbError::IsBootstrapping, ""), "not_applied");
        assert_eq!(write(&ExecutionError::EmptyPlan).kind(), "not_applied");
        let pool = ExecutionError::ConnectionPoolError(ConnectionPoolError::Initializing);
        assert_eq!(write(&pool).kind(), "not_applied");

        for write_type in [WriteType::Simple, WriteType::UnloggedBatch, WriteType::Cdc] {
            let (received, required) = (1, 2);
            let late = DbError::WriteTimeout { consistency, received, required, write_type };
            assert_eq!(server(late, ""), "unknown");
        }
        let failed = DbError::WriteFailure {
            consistency,
            received: 1,
            required: 2,
            numfailures: 1,
            write_type: WriteType::UnloggedBatch,
        };
        assert_eq!(server(failed, ""), "unknown");
        assert_eq!(server(DbError::ServerError, ""), "unknown");
        assert_eq!(server(DbError::Other(0x1234), ""), "unknown");
        let timeout = ExecutionError::RequestTimeout(Duration::from_secs(5));
        assert_eq!(write(&timeout).kind(), "unknown");
    }

    #[test]
    fn overload_asks_for_fewer_in_flight() {
        assert_eq!(server(DbError::Overloaded, ""), "overloaded");
        let op_type = OperationType::Write;
        let limited = DbError::RateLimitReached { op_type, rejected_by_coordinator: true };
        assert_eq!(server(limited, ""), "overloaded");
        let streams = ExecutionError::LastAttemptError(RequestAttemptError::UnableToAllocStreamId);
        assert_eq!(write(&streams).kind(), "overloaded");
    }

    #[test]
    fn rights_and_schema_are_refusals_and_only_content_is_invalid() {
        assert_eq!(server(DbError::Unauthorized, ""), "refused");
        assert_eq!(server(DbError::AuthenticationError, ""), "refused");
        assert_eq!(server(DbError::Invalid, "table item does not exist"), "refused");
        assert_eq!(server(DbError::Invalid, "unconfigured table item"), "refused");
        assert_eq!(server(DbError::Invalid, "Undefined column name edit_cost"), "refused");
        let missing = RequestAttemptError::RepreparedIdMissingInBatch;
        assert_eq!(write(&ExecutionError::LastAttemptError(missing)).kind(), "refused");
        assert_eq!(server(DbError::Invalid, "Batch too large"), "invalid");
    }

    #[test]
    fn reads_are_repeated_refused_or_unreadable() {
        let consistency = Consistency::LocalQuorum;
        let (received, required, data_present) = (0, 1, false);
        let late = DbError::ReadTimeout { consistency, received, required, data_present };
        let attempt = RequestAttemptError::DbError(late, String::new());
        let error = read(&ExecutionError::LastAttemptError(attempt));
        assert!(matches!(error, ReadError::Unavailable(_)), "{error:?}");
        let attempt = RequestAttemptError::DbError(DbError::Unauthorized, String::new());
        let error = read(&ExecutionError::LastAttemptError(attempt));
        assert!(matches!(error, ReadError::Refused(_)), "{error:?}");
    }

    #[test]
    fn texts_are_one_short_line() {
        let error = std::io::Error::other(format!("first\nsecond {}", "x".repeat(500)));
        let text = line(&error);
        assert!(text.starts_with("first second x") && text.chars().count() == 300, "{text}");
    }
}
