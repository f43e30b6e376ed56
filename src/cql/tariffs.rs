//! The tariff in pieces. Rows are put and never changed: write timestamps fall as `added_at` rises,
//! so that of two writes of one row the earlier stays, whenever they arrive.

use scylla::response::query_result::QueryRowsResult;
use scylla::statement::batch::{Batch, BatchType};
use scylla::value::CqlTimestamp;

use crate::ports::store::{ReadError, WriteError};
use crate::ports::tariffs::{NewPart, PartName, TariffRegistry};
use crate::tariff::PartKind;
use crate::value::Micros;

use super::columns::{cql_time, micros_of};
use super::connect::CqlStore;
use super::verdict::unreadable;

/// Kind of the list of parts.
const LIST: &str = "list";
/// Write timestamps count down from here; the sum stays below every clock of our days.
const COUNTDOWN: i64 = 3_400_000_000_000_000;
/// Lines of the list in one request.
const LINES_MOST: usize = 500;

/// Binds one row: kind, id, chunk, chunks, body, `added_at`, write timestamp.
type PartRow<'a> = (&'a str, String, i32, i32, &'a str, CqlTimestamp, i64);

impl TariffRegistry for CqlStore {
    async fn append_parts(&self, parts: &[NewPart]) -> Result<(), WriteError> {
        for new in parts {
            let pieces = new.part.pieces();
            let chunks = i32::try_from(pieces.len()).unwrap_or(i32::MAX);
            for (chunk, piece) in (0_i32..).zip(pieces) {
                let (kind, id) = (new.part.kind.label(), new.part.id.clone());
                let row = (chunk, chunks, piece, cql_time(new.added_at), written(new.added_at));
                let row: PartRow<'_> = (kind, id, row.0, row.1, row.2, row.3, row.4);
                self.link.write(&self.statements.tariffs.put, row).await?;
            }
        }
        for parts in parts.chunks(LINES_MOST) {
            let mut batch = Batch::new(BatchType::Unlogged);
            batch.set_is_idempotent(true);
            let rows: Vec<PartRow<'_>> = parts.iter().map(line).collect();
            for _ in &rows {
                batch.append_statement(self.statements.tariffs.put.clone());
            }
            self.link.write_batch(&batch, rows).await?;
        }
        Ok(())
    }

    async fn list_parts(&self) -> Result<Vec<PartName>, ReadError> {
        let mut names = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(&str, CqlTimestamp)>().map_err(unreadable)? {
                let (line, added_at) = row.map_err(unreadable)?;
                names.push(name(line, added_at)?);
            }
            Ok(())
        };
        self.link.each_page(&self.statements.tariffs.list, (LIST,), take).await?;
        names.sort_unstable();
        Ok(names)
    }

    async fn get_part(&self, kind: PartKind, id: &str) -> Result<Option<String>, ReadError> {
        let mut found: Vec<(i32, String)> = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(i32, String)>().map_err(unreadable)? {
                found.push(row.map_err(unreadable)?);
            }
            Ok(())
        };
        let values = (kind.label(), id);
        self.link.each_page(&self.statements.tariffs.get, values, take).await?;
        let Some((chunks, _)) = found.first() else { return Ok(None) };
        let chunks = usize::try_from(*chunks).unwrap_or(0);
        if found.len() < chunks {
            let what = format!("{} {id}: {} of {chunks} pieces", kind.label(), found.len());
            return Err(ReadError::Unreadable(what));
        }
        Ok(Some(found.into_iter().take(chunks).map(|(_, body)| body).collect()))
    }
}

fn written(added_at: Micros) -> i64 {
    COUNTDOWN.saturating_sub(added_at.get())
}

fn line(new: &NewPart) -> PartRow<'static> {
    let id = format!("{} {}", new.part.kind.label(), new.part.id);
    (LIST, id, 0, 1, "", cql_time(new.added_at), written(new.added_at))
}

fn name(line: &str, added_at: CqlTimestamp) -> Result<PartName, ReadError> {
    let named =
        line.split_once(' ').and_then(|(label, id)| Some((PartKind::from_label(label)?, id)));
    let (kind, id) =
        named.ok_or_else(|| ReadError::Unreadable("tariff: unexpected line in list".to_owned()))?;
    Ok(PartName { added_at: micros_of(added_at), kind, id: id.into() })
}
