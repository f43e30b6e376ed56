//! Prints the settings in force, without secrets, each with where it came from; and the table of
//! all settings that `docs/operations.md` holds.

use std::collections::BTreeMap;

use super::fault::Origin;
use super::sections::{Secret, Settings, Spec, Visitor};
use super::value::{Setting, quoted};

/// One setting in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The full key.
    pub key: String,
    /// The value as TOML; empty = not set.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Settings {
    /// Every setting in force; secrets show only that they are set.
    pub fn shown(&self) -> Vec<Shown> {
        let mut lines = Vec::new();
        self.clone().visit(&mut Printer(|_, key: &str, value: String| {
            lines.push(Shown { key: key.to_owned(), value, origin: self.origin(key) });
        }));
        lines
    }
}

/// Names of librdkafka settings that hold secrets.
const SECRET_WORDS: [&str; 4] = ["password", "secret", "token", "pem"];

struct Printer<F>(F);

impl<F: FnMut(Spec, &str, String)> Visitor for Printer<F> {
    fn setting<T: Setting>(&mut self, spec: Spec, slot: &mut T) {
        self.0(spec, spec.key, slot.print());
    }

    fn passed_through(&mut self, spec: Spec, slot: &mut BTreeMap<String, String>) {
        for (name, value) in slot {
            let is_secret = SECRET_WORDS.iter().any(|word| name.contains(word));
            let value = if is_secret { "(set)".to_owned() } else { quoted(value) };
            self.0(spec, &format!("{}.{name}", spec.key), value);
        }
    }

    fn secret(&mut self, spec: Spec, slot: &mut Secret) {
        let file = slot.file.as_ref().map(|file| quoted(&file.to_string_lossy()));
        if file.is_none() && slot.value.is_some() {
            self.0(spec, spec.key, "(set)".to_owned());
        } else {
            self.0(spec, &format!("{}_file", spec.key), file.unwrap_or_default());
        }
    }
}

/// The table of all settings, as Markdown.
pub fn table() -> String {
    let mut lines = vec![
        "| setting | default | sets | why this default |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    let mut row = |spec: Spec, key: &str, value: &str| {
        let value = if value.is_empty() { "–".to_owned() } else { format!("`{value}`") };
        let (what, why) = (spec.what, spec.why);
        lines.push(format!("| `{key}` | {value} | {what} | {why} |"));
    };
    Settings::default().visit(&mut Documenter(&mut row));
    lines.join("\n") + "\n"
}

struct Documenter<'a>(&'a mut dyn FnMut(Spec, &str, &str));

impl Visitor for Documenter<'_> {
    fn setting<T: Setting>(&mut self, spec: Spec, slot: &mut T) {
        (self.0)(spec, spec.key, &slot.print());
    }

    fn passed_through(&mut self, spec: Spec, _slot: &mut BTreeMap<String, String>) {
        (self.0)(spec, &format!("{}.*", spec.key), "");
    }

    fn secret(&mut self, spec: Spec, _slot: &mut Secret) {
        (self.0)(spec, &format!("{}_file", spec.key), "");
    }
}
