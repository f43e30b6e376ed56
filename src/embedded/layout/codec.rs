//! Primitives of the layout: integers, texts and options as bytes. It knows no type of ours.

use std::sync::Arc;

/// Leading byte of every value written by this release.
pub(in crate::embedded) const FORMAT: u8 = 1;

/// Why bytes cannot be read. They are on our own disk: damage, or a newer release.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(in crate::embedded) enum DecodeError {
    /// The value ends inside a field.
    #[error("value ends too early")]
    Short,
    /// The leading byte is not one that this release knows.
    #[error("value has format {0}, this release reads {FORMAT}")]
    Format(u8),
    /// A field holds what it must not.
    #[error("field {0} holds an impossible value")]
    Field(&'static str),
}

/// Appends fields to a value.
#[derive(Debug, Default)]
pub(in crate::embedded) struct Encoder(Vec<u8>);

impl Encoder {
    /// Without a format byte: for parts of a value.
    pub(in crate::embedded) fn bare() -> Self {
        Self(Vec::with_capacity(64))
    }

    /// A value with its format byte.
    pub(in crate::embedded) fn value() -> Self {
        let mut bytes = Vec::with_capacity(192);
        bytes.push(FORMAT);
        Self(bytes)
    }

    /// The bytes.
    pub(in crate::embedded) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// One byte.
    pub(in crate::embedded) fn u8(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    /// Seven bits a byte, low bits first.
    pub(in crate::embedded) fn u64(&mut self, mut number: u64) -> &mut Self {
        loop {
            let low = u8::try_from(number & 0x7F).unwrap_or(0x7F);
            number >>= 7;
            if number == 0 {
                return self.u8(low);
            }
            self.u8(low | 0x80);
        }
    }

    /// Small magnitudes of either sign are short.
    pub(in crate::embedded) fn i64(&mut self, number: i64) -> &mut Self {
        self.u64((number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned())
    }

    /// A flag.
    pub(in crate::embedded) fn flag(&mut self, flag: bool) -> &mut Self {
        self.u8(u8::from(flag))
    }

    /// Length, then bytes.
    pub(in crate::embedded) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Bytes of a known length.
    pub(in crate::embedded) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// 0, or 1 and the field.
    pub(in crate::embedded) fn option<T>(
        &mut self,
        field: Option<T>,
        put: impl FnOnce(&mut Self, T),
    ) -> &mut Self {
        self.flag(field.is_some());
        if let Some(field) = field {
            put(self, field);
        }
        self
    }

    /// An optional number.
    pub(in crate::embedded) fn number(&mut self, field: Option<impl Into<i64>>) -> &mut Self {
        self.option(field, |e, number| {
            e.i64(number.into());
        })
    }

    /// An optional text.
    pub(in crate::embedded) fn text(&mut self, field: Option<&str>) -> &mut Self {
        self.option(field, |e, text| {
            e.bytes(text.as_bytes());
        })
    }

    /// An optional UUID.
    pub(in crate::embedded) fn uuid(&mut self, field: Option<&[u8; 16]>) -> &mut Self {
        self.option(field, |e, bytes| {
            e.raw(bytes);
        })
    }
}

/// Takes fields from a value.
#[derive(Debug)]
pub(in crate::embedded) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    /// Of a part without a format byte.
    pub(in crate::embedded) const fn bare(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Of a whole value; checks its format byte.
    pub(in crate::embedded) fn value(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Self(bytes);
        match decoder.u8()? {
            FORMAT => Ok(decoder),
            other => Err(DecodeError::Format(other)),
        }
    }

    /// Whether every field was taken.
    pub(in crate::embedded) const fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of a known length.
    pub(in crate::embedded) fn raw(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(DecodeError::Short)?;
        self.0 = tail;
        Ok(head)
    }

    /// One byte.
    pub(in crate::embedded) fn u8(&mut self) -> Result<u8, DecodeError> {
        let (byte, tail) = self.0.split_first().ok_or(DecodeError::Short)?;
        self.0 = tail;
        Ok(*byte)
    }

    /// Seven bits a byte, low bits first.
    pub(in crate::embedded) fn u64(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7F);
            let placed = bits.checked_shl(shift).filter(|placed| placed >> shift == bits);
            number |= placed.ok_or(DecodeError::Field("number"))?;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(DecodeError::Field("number"))
    }

    /// A number of either sign.
    pub(in crate::embedded) fn i64(&mut self) -> Result<i64, DecodeError> {
        let folded = self.u64()?;
        Ok((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
    }

    /// A number that fits a smaller type.
    pub(in crate::embedded) fn int<T: TryFrom<i64>>(
        &mut self,
        field: &'static str,
    ) -> Result<T, DecodeError> {
        T::try_from(self.i64()?).map_err(|_| DecodeError::Field(field))
    }

    /// A flag.
    pub(in crate::embedded) fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Field("flag")),
        }
    }

    /// Length, then bytes.
    pub(in crate::embedded) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = usize::try_from(self.u64()?).map_err(|_| DecodeError::Short)?;
        self.raw(len)
    }

    /// Length, then UTF-8.
    pub(in crate::embedded) fn str(&mut self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Field("text"))
    }

    /// An optional field. At the end of the value it is not set: an older release wrote fewer.
    pub(in crate::embedded) fn option<T>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.is_done() || !self.flag()? {
            return Ok(None);
        }
        take(self).map(Some)
    }

    /// An optional number.
    pub(in crate::embedded) fn number<T: TryFrom<i64>>(
        &mut self,
        field: &'static str,
    ) -> Result<Option<T>, DecodeError> {
        self.option(|d| d.int(field))
    }

    /// An optional text.
    pub(in crate::embedded) fn text(&mut self) -> Result<Option<Arc<str>>, DecodeError> {
        self.option(|d| d.str().map(Arc::from))
    }

    /// The 16 bytes of a UUID.
    pub(in crate::embedded) fn uuid(&mut self) -> Result<uuid::Uuid, DecodeError> {
        let bytes: [u8; 16] = self.raw(16)?.try_into().map_err(|_| DecodeError::Short)?;
        Ok(uuid::Uuid::from_bytes(bytes))
    }

    /// An optional UUID as one of our ids.
    pub(in crate::embedded) fn id<T: From<uuid::Uuid>>(
        &mut self,
    ) -> Result<Option<T>, DecodeError> {
        self.option(|d| d.uuid().map(T::from))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_come_back() {
        for number in [0, 1, -1, 63, -64, 64, 1 << 20, i64::MAX, i64::MIN, i64::MIN + 1] {
            let mut encoder = Encoder::bare();
            encoder.i64(number);
            let bytes = encoder.finish();
            assert!(bytes.len() <= 10);
            let mut decoder = Decoder::bare(&bytes);
            assert_eq!(decoder.i64().unwrap(), number);
            assert!(decoder.is_done());
        }
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused() {
        let too_long = [0xFF; 11];
        assert!(Decoder::bare(&too_long).u64().is_err());
        let too_great = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
        assert!(Decoder::bare(&too_great).u64().is_err());
    }

    #[test]
    fn a_field_that_an_older_release_did_not_write_is_not_set() {
        let mut encoder = Encoder::value();
        encoder.number(Some(7));
        let bytes = encoder.finish();
        let mut decoder = Decoder::value(&bytes).unwrap();
        assert_eq!(decoder.number::<i64>("first").unwrap(), Some(7));
        assert_eq!(decoder.number::<i64>("added later").unwrap(), None);
    }

    #[test]
    fn an_unknown_format_and_a_short_value_are_told_apart() {
        assert_eq!(Decoder::value(&[9, 0]).unwrap_err(), DecodeError::Format(9));
        assert_eq!(Decoder::value(&[]).unwrap_err(), DecodeError::Short);
        assert_eq!(Decoder::bare(&[5, 1]).bytes().unwrap_err(), DecodeError::Short);
    }
}
