//! Lines of a file or of standard input: gzip is unpacked, a mark at the start, CRLF and blank
//! lines are taken as they come, and no line is ever held beyond its limit.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::exit::Failure;
use crate::supervisor::Exit;

const BUFFER_BYTES: usize = 1 << 17;
const BOM: &[u8] = b"\xEF\xBB\xBF";
const GZIP: &[u8] = &[0x1F, 0x8B];

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    /// A line without its end.
    Text(&'a [u8]),
    /// A line beyond the limit; its bytes are gone.
    TooLong,
}

/// Reads line by line.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    name: String,
    bytes_max: usize,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path, bytes_max: usize) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| {
            Failure::new(Exit::Failed, format!("cannot read the file: {error}"))
                .at(name.clone())
                .remedy("name a file that this user can read, or - for standard input")
        };
        let raw: Box<dyn Read> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(unreadable)?)
        };
        let reader = unpacked(raw).map_err(unreadable)?;
        Ok(Self { reader, name, bytes_max, line: Vec::new(), number: 0 })
    }

    /// Number of the line read last, from 1; 0 before the first.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Name and line, as messages tell them.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.name, self.number)
    }

    /// The next line that is not blank; `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, Failure> {
        self.next_by(Self::take)
    }

    /// The next record of a CSV file that is not blank: a line, with those that a quoted cell of it
    /// goes on over. One beyond the limit is told; what follows it cannot be read.
    pub(super) fn next_quoted(&mut self) -> Result<Option<Line<'_>>, Failure> {
        self.next_by(Self::take_quoted)
    }

    fn next_by(
        &mut self,
        take: fn(&mut Self) -> io::Result<Taken>,
    ) -> Result<Option<Line<'_>>, Failure> {
        loop {
            let taken = take(self).map_err(|error| {
                Failure::new(Exit::Failed, format!("cannot read on: {error}")).at(self.place())
            })?;
            match taken {
                Taken::End => return Ok(None),
                Taken::TooLong => return Ok(Some(Line::TooLong)),
                // Checked again below: a borrow that ends in one arm only is not accepted.
                Taken::Text if self.line.iter().all(u8::is_ascii_whitespace) => {}
                Taken::Text => break,
            }
        }
        Ok(Some(Line::Text(&self.line)))
    }

    fn take_quoted(&mut self) -> io::Result<Taken> {
        self.line.clear();
        let mut quotes = 0;
        loop {
            let known = self.line.len();
            let room = (self.bytes_max + 2).saturating_sub(known);
            let most = u64::try_from(room).unwrap_or(u64::MAX);
            let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.line)?;
            if read == 0 && room > 0 {
                break;
            }
            self.number += 1;
            if self.line.len() > self.bytes_max {
                return Ok(Taken::TooLong);
            }
            // Quotes inside a quoted cell are doubled: an odd number means that one is open.
            quotes += self.line.iter().skip(known).filter(|byte| **byte == b'"').count();
            if quotes.is_multiple_of(2) {
                break;
            }
        }
        if self.line.is_empty() {
            return Ok(Taken::End);
        }
        let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let kept = text.strip_suffix(b"\r").unwrap_or(text).len();
        self.line.truncate(kept);
        Ok(Taken::Text)
    }

    fn take(&mut self) -> io::Result<Taken> {
        self.line.clear();
        // The limit and a line end, which may be two bytes.
        let most = u64::try_from(self.bytes_max).unwrap_or(u64::MAX).saturating_add(2);
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(Taken::End);
        }
        self.number += 1;
        let is_whole = self.line.last() == Some(&b'\n');
        if is_whole {
            self.line.pop();
            if self.line.last() == Some(&b'\r') {
                self.line.pop();
            }
        }
        if self.line.len() > self.bytes_max {
            if !is_whole {
                self.skip_line()?;
            }
            return Ok(Taken::TooLong);
        }
        Ok(Taken::Text)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (used, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }
}

enum Taken {
    Text,
    TooLong,
    End,
}

/// Looks at the first bytes: what is packed by gzip is unpacked, whatever its name says.
fn unpacked(raw: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut start = Vec::new();
    let mut raw = raw;
    raw.by_ref().take(3).read_to_end(&mut start)?;
    if start.starts_with(GZIP) {
        let packed = io::Cursor::new(start).chain(raw);
        let plain = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(packed));
        return without_bom(plain);
    }
    let whole = io::Cursor::new(start).chain(raw);
    without_bom(BufReader::with_capacity(BUFFER_BYTES, whole))
}

fn without_bom(mut reader: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut start = Vec::new();
    reader.by_ref().take(3).read_to_end(&mut start)?;
    if start == BOM {
        return Ok(Box::new(reader));
    }
    Ok(Box::new(io::Cursor::new(start).chain(reader)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<(u64, Option<String>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = Lines::open(&path, 8).unwrap();
        let mut all = Vec::new();
        loop {
            let line = match lines.next_line().unwrap() {
                None => return all,
                Some(Line::TooLong) => None,
                Some(Line::Text(text)) => Some(String::from_utf8(text.to_vec()).unwrap()),
            };
            all.push((lines.number(), line));
        }
    }

    #[test]
    fn ends_marks_and_blank_lines_are_taken_as_they_come() {
        let text = |text: &str| Some(text.to_owned());
        let read = all(b"\xEF\xBB\xBFab\r\n\n  \ncd\nef");
        assert_eq!(read, vec![(1, text("ab")), (4, text("cd")), (5, text("ef"))]);
        assert_eq!(all(b""), vec![]);
        assert_eq!(all(b"a"), vec![(1, text("a"))]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_told_and_left_behind() {
        let text = |text: &str| Some(text.to_owned());
        let mut bytes = b"12345678\r\n123456789\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 300_000));
        bytes.extend_from_slice(b"\nend\n");
        let read = all(&bytes);
        assert_eq!(read, vec![(1, text("12345678")), (2, None), (3, None), (4, text("end"))]);
    }

    #[test]
    fn gzip_is_unpacked() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"a\nb\n").unwrap();
        let read = all(&packer.finish().unwrap());
        assert_eq!(read.len(), 2);
    }
}
