//! One value of `data` → what is written. It does not say which columns may be sent.

use std::sync::Arc;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::item::{Column, Kind};
use crate::value::{MicroUsd, Micros, Phone};

use super::super::coerce::{misfit, text, without_wrapper};
use super::super::dialect::Dialect;
use super::super::refusal::LanguageError;
use super::super::value::Operand;
use super::DataError;

/// Greatest number that may be written, in whole units of its column.
const NUMBER_MAX: i64 = 2_147_483_647;
/// Ten-thousandths of a US cent: that is a micro-USD.
const PARTS: i64 = 10_000;

/// A value of a column under its rules.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) dialect: Dialect,
    pub(super) column: Column,
    pub(super) value: &'a Json,
}

impl<'a> Sent<'a> {
    fn name(self) -> &'static str {
        self.column.name()
    }

    fn misfit(self) -> DataError {
        misfit(self.dialect, self.column.kind(), self.name(), self.value).into()
    }

    pub(super) fn expected(self, expected: &'static str) -> DataError {
        LanguageError::Value { column: self.name().to_owned(), expected }.into()
    }

    /// The value without its wrapper; a wrapper of another kind fits nothing.
    fn plain(self) -> Result<&'a Json, DataError> {
        without_wrapper(self.column.kind(), self.value).ok_or_else(|| self.misfit())
    }

    /// The typed value; `None` = null.
    fn operand(self) -> Result<Option<Operand>, DataError> {
        let plain = self.plain()?;
        if plain.is_null() {
            return Ok(None);
        }
        let rules = self.dialect.rules();
        let has_no_blank = matches!(self.column.kind(), Kind::ObjectId | Kind::Date | Kind::Phone);
        if plain == "" && has_no_blank && rules.blank_is_null() {
            return Ok(None);
        }
        if plain == "" && self.column.kind() == Kind::Date {
            return Err(DataError::UseNull { column: self.name() });
        }
        let fitting = rules.plain(self.column.kind(), plain);
        fitting.map(Some).ok_or_else(|| Sent { value: plain, ..self }.misfit())
    }

    /// Checks a wrapped value; what is not wrapped is looked at later.
    pub(super) fn check_wrapper(self) -> Result<(), DataError> {
        if self.value.is_object() { self.operand().map(|_| ()) } else { Ok(()) }
    }

    pub(super) fn id(self) -> Result<Option<Uuid>, DataError> {
        match self.operand()? {
            None => Ok(None),
            Some(Operand::Id(id)) => Ok(Some(id)),
            Some(_) => Err(self.misfit()),
        }
    }

    pub(super) fn date(self) -> Result<Option<Micros>, DataError> {
        match self.operand()? {
            None => Ok(None),
            Some(Operand::Date(at)) => Ok(Some(at)),
            Some(_) => Err(self.misfit()),
        }
    }

    pub(super) fn phone(self) -> Result<Option<Phone>, DataError> {
        match self.operand()? {
            None => Ok(None),
            Some(Operand::Phone(phone) | Operand::StoredPhone(phone)) => Ok(Some(phone)),
            Some(_) => Err(self.misfit()),
        }
    }

    pub(super) fn whole(self) -> Result<Option<i64>, DataError> {
        let Some(Operand::Number(number)) = self.operand()? else { return Ok(None) };
        match number.to_whole() {
            Some(whole) if self.range().contains(&whole) => Ok(Some(whole)),
            Some(_) | None => Err(self.out_of_range()),
        }
    }

    pub(super) fn cents(self) -> Result<Option<MicroUsd>, DataError> {
        let Some(Operand::Number(number)) = self.operand()? else { return Ok(None) };
        if number.has_finer_digits() {
            return Err(DataError::Decimals { column: self.name() });
        }
        let parts = number.to_parts();
        let range = self.range();
        let fits = (range.start().saturating_mul(PARTS)..=range.end().saturating_mul(PARTS))
            .contains(&parts);
        if fits { Ok(Some(MicroUsd::new(parts))) } else { Err(self.out_of_range()) }
    }

    fn range(self) -> std::ops::RangeInclusive<i64> {
        self.dialect.rules().number_min()..=NUMBER_MAX
    }

    fn out_of_range(self) -> DataError {
        let least = *self.range().start();
        DataError::Range { column: self.name(), least, most: NUMBER_MAX }
    }

    pub(super) fn boolean(self) -> Result<bool, DataError> {
        match self.operand()? {
            Some(Operand::Boolean(answer)) => Ok(answer),
            None | Some(_) => Err(self.misfit()),
        }
    }

    /// A status of at least so many UTF-16 units.
    pub(super) fn status(self, units_min: usize) -> Result<Arc<str>, DataError> {
        self.check_length()?;
        let status = self.dialect.rules().status(self.value).ok_or_else(|| self.misfit())?;
        if status.encode_utf16().count() < units_min {
            return Err(self.expected("text of 1 to 100 characters"));
        }
        Ok(status)
    }

    pub(super) fn message(self) -> Result<Option<Arc<str>>, DataError> {
        self.check_length()?;
        if self.value.is_null() {
            return Ok(None);
        }
        text(self.value).map(|text| Some(text.into())).ok_or_else(|| self.misfit())
    }

    /// Refuses text that is longer than its column.
    pub(super) fn check_length(self) -> Result<(), DataError> {
        let Kind::Text { units_max } = self.column.kind() else { return Ok(()) };
        let units = self.value.as_str().map_or(0, |text| text.encode_utf16().count());
        if units > units_max {
            return Err(DataError::TooLong { column: self.name(), units_max });
        }
        Ok(())
    }
}
