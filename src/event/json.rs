//! One JSON object to the slots of a wire type: lenient about types, strict about JSON.
//! Types are judged later, field by field, because a fault of JSON outranks them all.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::nested::{all_differ, keeps_rules, unescape};
use super::reject::{Reason, Reject};

/// Deepest nesting of the data.
pub(super) const DEPTH_MAX: usize = 32;

/// What a name of an object holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) enum Slot<'a> {
    /// The name is not there.
    #[default]
    Unseen,
    /// `null`, which means the same, but the name may not come again.
    Null,
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// A number as it is written: it never passes through a float.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// An object or an array, as it is written.
    Nested(&'a str),
}

impl<'a> Slot<'a> {
    /// The text, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number as it is written, if it is one.
    pub(super) const fn number(&self) -> Option<&'a str> {
        if let Self::Number(text) = self { Some(text) } else { None }
    }

    /// The object or array as it is written, if it is one.
    pub(super) const fn nested(&self) -> Option<&'a str> {
        if let Self::Nested(text) = self { Some(text) } else { None }
    }

    /// Whether there is nothing to judge.
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Unseen | Self::Null)
    }
}

/// Names of an object that are read; all others are only checked.
pub(super) trait Wire<'a>: Default {
    /// The slot of a name.
    fn slot(&mut self, name: &str) -> Option<&mut Slot<'a>>;

    /// Whether the nested value of this name is read by [`read`] too, which checks it then.
    fn is_read_on_its_own(name: &str) -> bool;
}

/// Declares a wire type: a struct of slots and the name of each.
macro_rules! wire {
    (
        $(#[$doc:meta])* $type:ident, read on their own: [$($own:literal),*],
        $($field:ident: $name:literal,)*
    ) => {
        $(#[$doc])*
        #[derive(PartialEq, Debug, Default)]
        pub(super) struct $type<'a> {
            $(pub(super) $field: $crate::event::json::Slot<'a>,)*
        }

        impl<'a> $crate::event::json::Wire<'a> for $type<'a> {
            fn slot(&mut self, name: &str) -> Option<&mut $crate::event::json::Slot<'a>> {
                match name {
                    $($name => Some(&mut self.$field),)*
                    _ => None,
                }
            }

            fn is_read_on_its_own(name: &str) -> bool {
                [$($own,)* ""].contains(&name) && !name.is_empty()
            }
        }
    };
}
pub(super) use wire;

/// An object of which nothing is wanted but that it is one.
#[derive(Debug, Default)]
pub(super) struct Nothing;

impl<'a> Wire<'a> for Nothing {
    fn slot(&mut self, _name: &str) -> Option<&mut Slot<'a>> {
        None
    }

    fn is_read_on_its_own(_name: &str) -> bool {
        false
    }
}

/// Reads one object that stands at `depth` (1 = outermost).
pub(super) fn read<'a, W: Wire<'a>>(text: &'a str, depth: usize) -> Result<W, Reject> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let inner_depth = DEPTH_MAX.saturating_sub(depth);
    reader
        .deserialize_map(Fields { inner_depth, wire: PhantomData })
        .and_then(|wire| reader.end().map(|()| wire))
        .map_err(|_| Reject::new(Reason::NotJson))
}

/// Reads an object that stands in a slot at `depth`; `None` if something else stands there.
pub(super) fn read_inner<'a, W: Wire<'a>>(
    slot: &Slot<'a>,
    depth: usize,
) -> Result<Option<W>, Reject> {
    let Some(text) = slot.nested() else {
        return Ok(None);
    };
    if text.starts_with('{') {
        return read(text, depth).map(Some);
    }
    let room = DEPTH_MAX.saturating_sub(depth).saturating_add(1);
    if keeps_rules(text, room) { Ok(None) } else { Err(Reject::new(Reason::NotJson)) }
}

/// The elements of an array at `depth`, or `None` if the text is no array.
pub(super) fn read_array(text: &str, depth: usize) -> Option<Vec<Slot<'_>>> {
    let inner_depth = DEPTH_MAX.saturating_sub(depth);
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    elements.into_iter().map(|raw| slot_of(raw.get(), inner_depth, NestedCheck::Now)).collect()
}

struct Fields<W> {
    inner_depth: usize,
    wire: PhantomData<W>,
}

impl<'de, W: Wire<'de>> Visitor<'de> for Fields<W> {
    type Value = W;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<W, A::Error> {
        let mut wire = W::default();
        let mut unknown: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            let raw: &'de RawValue = map.next_value()?;
            let check =
                if W::is_read_on_its_own(&name) { NestedCheck::Later } else { NestedCheck::Now };
            let value = slot_of(raw.get(), self.inner_depth, check)
                .ok_or_else(|| A::Error::custom("a nested value breaks the rules"))?;
            match wire.slot(&name) {
                None => unknown.push(name),
                Some(slot @ Slot::Unseen) => *slot = value,
                Some(_) => return Err(A::Error::custom("a name comes twice")),
            }
        }
        if all_differ(&mut unknown) {
            Ok(wire)
        } else {
            Err(A::Error::custom("a name comes twice"))
        }
    }
}

/// When the rules of a nested value are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NestedCheck {
    Now,
    Later,
}

/// The slot of a value as it is written; `None` if it breaks the rules of the contract.
fn slot_of(raw: &str, depth: usize, check: NestedCheck) -> Option<Slot<'_>> {
    match raw.as_bytes().first()? {
        b'"' => unescape(raw).map(Slot::Text),
        b'{' | b'[' => {
            (check == NestedCheck::Later || keeps_rules(raw, depth)).then_some(Slot::Nested(raw))
        }
        b't' => Some(Slot::Bool(true)),
        b'f' => Some(Slot::Bool(false)),
        b'n' => Some(Slot::Null),
        _ => Some(Slot::Number(raw)),
    }
}

/// A name of an object, borrowed unless it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    wire! {
        /// Two names and one that is read on its own.
        Sample, read on their own: ["inner"],
        a: "a",
        b: "b",
        inner: "inner",
    }

    #[test]
    fn known_names_fill_their_slots_and_others_are_ignored() {
        let wire: Sample<'_> =
            read(r#" {"b":-1.50e2,"x":[1],"a":"\u0041b","inner":{"a":1,"a":2}} "#, 1).unwrap();
        assert_eq!(wire.a, Slot::Text("Ab".into()));
        assert_eq!(wire.b, Slot::Number("-1.50e2"));
        assert_eq!(wire.inner, Slot::Nested(r#"{"a":1,"a":2}"#), "left to its own reader");
        let wire: Sample<'_> = read(r#"{"a":null,"b":false}"#, 1).unwrap();
        assert_eq!((wire.a, wire.b, wire.inner), (Slot::Null, Slot::Bool(false), Slot::Unseen));
    }

    #[test]
    fn what_is_not_one_object_by_the_rules_is_refused() {
        for bad in [
            "",
            " ",
            "null",
            "[]",
            "{",
            r#"{"a":1}}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":null,"a":1}"#,
            r#"{"a":null,"a":null}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":{"y":1,"y":1}}"#,
            r#"{"b":"\ud800"}"#,
            r#"{"x":"\ud800"}"#,
            "{\"a\":\"\t\"}",
            "\u{feff}{}",
        ] {
            assert!(read::<Sample<'_>>(bad, 1).is_err(), "{bad}");
        }
    }

    #[test]
    fn depth_is_bounded_wherever_the_object_stands() {
        let nested =
            |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(read::<Nothing>(&nested(31), 1).is_ok());
        assert!(read::<Nothing>(&nested(32), 1).is_err());
        assert!(read::<Nothing>(&nested(31), 2).is_err());
    }

    #[test]
    fn the_marks_that_the_parser_uses_inside_are_plain_names() {
        let wire: Sample<'_> =
            read(r#"{"a":{"$serde_json::private::Number":"1"},"b":2}"#, 1).unwrap();
        assert_eq!(wire.a, Slot::Nested(r#"{"$serde_json::private::Number":"1"}"#));
    }
}
