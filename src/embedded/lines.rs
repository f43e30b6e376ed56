//! Bytes of a file → its lines, each with the offset at which it starts. No I/O.

/// Longest line that is handed on whole, without its end.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One line, without its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line<'a> {
    /// Where it starts in the file.
    pub(super) offset: u64,
    /// The line itself. One that is too long is cut to one byte more than is allowed, so that
    /// whoever reads it sees that it is.
    pub(super) bytes: &'a [u8],
}

/// Splits what it is fed. A last line without an end is held back until it has one.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Offset of the next byte to be fed.
    position: u64,
    /// Where the line begins that is being gathered.
    line_start: u64,
    /// Its bytes so far, as many as are kept.
    held: Vec<u8>,
    skipping: Skipping,
}

/// Whether the bytes up to the next line's start are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Skipping {
    #[default]
    No,
    /// Reading began inside a line that is done.
    ToNextLine,
}

impl Splitter {
    /// Begins behind what is done: `done` is one more than the offset of the last finished line,
    /// or the start of the first unfinished one. The first byte to be fed is the one at
    /// [`Splitter::position`].
    pub(super) fn behind(done: u64) -> Self {
        match done.checked_sub(1) {
            None => Self::default(),
            Some(before) => Self {
                position: before,
                line_start: before,
                held: Vec::new(),
                skipping: Skipping::ToNextLine,
            },
        }
    }

    /// Offset of the next byte to be fed.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Takes more bytes; hands on every line that ends in them.
    pub(super) fn feed(&mut self, mut bytes: &[u8], mut take: impl FnMut(Line<'_>)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.hold(line);
            self.position += 1;
            self.hand_on(&mut take);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.hold(bytes);
    }

    /// No more bytes will come: what is held is a line of its own.
    pub(super) fn finish(&mut self, mut take: impl FnMut(Line<'_>)) {
        self.hand_on(&mut take);
    }

    fn hold(&mut self, bytes: &[u8]) {
        self.position += bytes.len() as u64;
        if self.skipping == Skipping::No {
            // Room for one byte too many and a carriage return.
            let room = (LINE_BYTES_MAX + 2).saturating_sub(self.held.len());
            self.held.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        }
    }

    fn hand_on(&mut self, take: &mut impl FnMut(Line<'_>)) {
        let mut line = &*self.held;
        if self.line_start == 0 {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        line = line.strip_suffix(b"\r").unwrap_or(line);
        line = line.get(..=LINE_BYTES_MAX).unwrap_or(line);
        if self.skipping == Skipping::No && !line.trim_ascii().is_empty() {
            take(Line { offset: self.line_start, bytes: line });
        }
        self.skipping = Skipping::No;
        self.held.clear();
        self.line_start = self.position;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(splitter: &mut Splitter, parts: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Vec::new();
        for part in parts {
            splitter.feed(part, |line| lines.push((line.offset, line.bytes.to_vec())));
        }
        lines
    }

    #[test]
    fn lines_have_the_offset_of_their_start() {
        let lines = split(&mut Splitter::default(), &[b"a\nbc\n\n  \r\nd\r\ne"]);
        assert_eq!(lines, [(0, b"a".to_vec()), (2, b"bc".to_vec()), (10, b"d".to_vec())]);
    }

    #[test]
    fn a_last_line_without_an_end_is_held_back() {
        let mut splitter = Splitter::default();
        assert_eq!(split(&mut splitter, &[b"a\nb"]), [(0, b"a".to_vec())]);
        assert_eq!(split(&mut splitter, &[b"c\n"]), [(2, b"bc".to_vec())]);
        assert_eq!(split(&mut splitter, &[b"d"]), []);
        let mut last = Vec::new();
        splitter.finish(|line| last.push((line.offset, line.bytes.to_vec())));
        assert_eq!(last, [(5, b"d".to_vec())]);
    }

    #[test]
    fn a_byte_order_mark_is_ignored_at_the_start_only() {
        let lines = split(&mut Splitter::default(), &[b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb\n"]);
        assert_eq!(lines, [(0, b"a".to_vec()), (5, b"\xEF\xBB\xBFb".to_vec())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_one_byte_behind_the_limit() {
        let mut splitter = Splitter::default();
        let long = vec![b'x'; 3 * LINE_BYTES_MAX];
        assert_eq!(split(&mut splitter, &[&long]), []);
        assert!(splitter.held.capacity() <= 2 * (LINE_BYTES_MAX + 2));
        let lines = split(&mut splitter, &[b"\nb\n"]);
        assert_eq!(lines[0].1.len(), LINE_BYTES_MAX + 1);
        assert_eq!(lines[1], (3 * LINE_BYTES_MAX as u64 + 1, b"b".to_vec()));
        let just = vec![b'x'; LINE_BYTES_MAX];
        let lines = split(&mut Splitter::default(), &[&just, b"\r\n"]);
        assert_eq!(lines[0].1.len(), LINE_BYTES_MAX);
    }

    const BYTES: &[u8] = b"ab\r\n \xEF\xBB\xBF";

    proptest! {
        #[test]
        fn any_cut_and_any_resumption_gives_the_same_lines(
            text in proptest::collection::vec(prop::sample::select(BYTES.to_vec()), 0..60),
            cut in 0..60_usize,
            done in 0..8_usize,
        ) {
            let whole = split(&mut Splitter::default(), &[&text]);
            let cut = cut.min(text.len());
            prop_assert_eq!(
                &split(&mut Splitter::default(), &[&text[..cut], &text[cut..]]),
                &whole
            );
            // So many lines are done: the next offset to read is behind the start of the last one.
            let done = done.min(whole.len());
            let next = if done == 0 { 0 } else { whole[done - 1].0 + 1 };
            for next in [next, whole.get(done).map_or(next, |line| line.0)] {
                let mut splitter = Splitter::behind(next);
                let from = usize::try_from(splitter.position()).unwrap_or(0);
                prop_assert_eq!(&split(&mut splitter, &[&text[from..]]), &whole[done..]);
            }
        }
    }
}
