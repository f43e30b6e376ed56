//! Items as CSV (RFC 4180): a header with the names of the resource, a comma between cells. An
//! empty cell is null; an empty text is written `""`.

use serde_json::{Map, Number, Value as Json};

use crate::item::{Column, ColumnSet, Kind};

/// The columns that a CSV file may have, in the order in which they are written.
pub(super) fn columns() -> impl Iterator<Item = Column> {
    let all = ColumnSet::Documented.written_order().iter().copied();
    all.filter(|column| !column.is_relation())
}

/// The first line.
pub(super) fn header() -> String {
    columns().map(Column::name).collect::<Vec<_>>().join(",")
}

/// An object as a line.
pub(super) fn line(object: &Map<String, Json>) -> String {
    let cells = columns().map(|column| match object.get(column.name()) {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => quoted(text),
        Some(other) => other.to_string(),
    });
    cells.collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(['"', ',', '\n', '\r']) || text.trim() != text {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

/// The names of a header; every one must be a column, none twice.
pub(super) fn read_header(line: &str) -> Result<Vec<Column>, String> {
    let mut found: Vec<Column> = Vec::new();
    for name in cells(line)? {
        let name = name.unwrap_or_default();
        let column = columns().find(|column| column.name() == name.trim());
        let column = column.ok_or_else(|| {
            let known = header().replace(',', ", ");
            format!("there is no column `{}`; columns: {known}", name.trim())
        })?;
        if found.contains(&column) {
            return Err(format!("`{}` stands twice in the header", column.name()));
        }
        found.push(column);
    }
    Ok(found)
}

/// The object of a line below the header.
pub(super) fn read_line(line: &str, header: &[Column]) -> Result<Map<String, Json>, String> {
    let cells = cells(line)?;
    if cells.len() != header.len() {
        return Err(format!("{} cells stand under {} columns", cells.len(), header.len()));
    }
    let named = header.iter().zip(cells).map(|(column, cell)| {
        let value = cell.map_or(Json::Null, |text| value(*column, text));
        (column.name().to_owned(), value)
    });
    Ok(named.collect())
}

/// A cell as the JSON that its column wants; what cannot be so stays text and is refused later.
fn value(column: Column, text: String) -> Json {
    match column.kind() {
        Kind::Integer | Kind::Decimal => {
            text.parse::<Number>().map_or(Json::String(text), Json::Number)
        }
        Kind::Boolean if text == "true" => Json::Bool(true),
        Kind::Boolean if text == "false" => Json::Bool(false),
        Kind::Boolean
        | Kind::ObjectId
        | Kind::Date
        | Kind::Phone
        | Kind::Text { .. }
        | Kind::Relation { .. } => Json::String(text),
    }
}

/// The cells of a line; `None` = empty and not quoted.
fn cells(line: &str) -> Result<Vec<Option<String>>, String> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, behind) = if let Some(inside) = rest.strip_prefix('"') {
            let (text, behind) = quoted_cell(inside)?;
            (Some(text), behind)
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            if text.contains('"') {
                return Err("a quote stands inside a cell that is not quoted".to_owned());
            }
            ((!text.is_empty()).then(|| text.to_owned()), behind)
        };
        cells.push(cell);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(cells),
            None => return Err("text stands behind the closing quote of a cell".to_owned()),
        }
    }
}

/// A cell behind its opening quote, and what follows the closing one.
fn quoted_cell(inside: &str) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut rest = inside;
    while let Some((before, behind)) = rest.split_once('"') {
        text.push_str(before);
        match behind.strip_prefix('"') {
            Some(next) => {
                text.push('"');
                rest = next;
            }
            None => return Ok((text, behind)),
        }
    }
    Err("a quoted cell is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let item = json!({
            "_id": "550e8400-e29b-41d4-a716-446655440000", "statusMessage": "",
            "status": "He said \"no\",\r\ntwice", "callCostInUSDCents": 2.3205,
            "isAnswered": true, "dialDurationInSeconds": 33, "endedAt": null,
            "userPhoneNumber": " +1 ",
        });
        let header = read_header(&header()).unwrap();
        let read = read_line(&line(item.as_object().unwrap()), &header).unwrap();
        for column in columns() {
            let null = Json::Null;
            assert_eq!(&read[column.name()], item.get(column.name()).unwrap_or(&null));
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(read_header("_id,colour").unwrap_err().starts_with("there is no column `colour`"));
        assert_eq!(read_header("_id,_id").unwrap_err(), "`_id` stands twice in the header");
        assert!(read_header("_id,user").is_err(), "a relation has no cell");
        let header = [Column::Id, Column::Status];
        for (line, error) in [
            ("a", "1 cells stand under 2 columns"),
            ("a,b,c", "3 cells stand under 2 columns"),
            ("\"a,b", "a quoted cell is not closed"),
            ("\"a\"b,c", "text stands behind the closing quote of a cell"),
            ("a\"b,c", "a quote stands inside a cell that is not quoted"),
        ] {
            assert_eq!(read_line(line, &header).unwrap_err(), error);
        }
    }
}
