//! Reads the settings: defaults < file < environment < flags. Collects every fault, not the first.
//! Rules across fields are `check`'s.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::check::check;
use super::fault::{Fault, Origin};
use super::sections::{Secret, Settings, Spec, Visitor};
use super::source::{self, Entries, Entry};
use super::value::{Raw, Setting};

/// Where settings are looked for.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The settings file.
    pub file: Option<PathBuf>,
    /// Names and values of environment variables; those that name no settings are ignored.
    pub env: Vec<(String, String)>,
    /// Key, value, and the flag that said so.
    pub flags: Vec<(String, String, &'static str)>,
}

impl Sources {
    /// The sources of this process: a file named by flag, else by `RINGFOLD_CONFIG`; its
    /// environment; its flags.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(String, String, &'static str)>) -> Self {
        let env: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let named = env.iter().find(|(name, value)| name == "RINGFOLD_CONFIG" && !value.is_empty());
        let file = file.or_else(|| named.map(|(_, value)| PathBuf::from(value)));
        Self { file, env, flags }
    }
}

impl Settings {
    /// Reads and checks the settings; every fault at once.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Fault>> {
        let mut entries = Entries::new();
        if let Some(file) = &sources.file {
            source::read_file(file, &mut entries).map_err(|fault| vec![fault])?;
        }
        source::read_env(&sources.env, &mut entries);
        source::read_flags(&sources.flags, &mut entries);
        Self::from_entries(entries)
    }

    pub(super) fn from_entries(entries: Entries) -> Result<Self, Vec<Fault>> {
        let mut settings = Self::default();
        let mut reader = Reader { entries, ..Reader::default() };
        settings.visit(&mut reader);
        let Reader { entries, origins, mut faults, warnings, known } = reader;
        faults.extend(entries.into_iter().map(|(key, entry)| unknown(key, entry, &known)));
        settings.origins = origins;
        settings.warnings = warnings;
        faults.extend(check(&settings));
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }
}

/// Puts entries into their settings; what is left over is unknown.
#[derive(Default)]
struct Reader {
    entries: Entries,
    origins: BTreeMap<String, Origin>,
    faults: Vec<Fault>,
    warnings: Vec<String>,
    known: Vec<String>,
}

impl Reader {
    fn take(&mut self, key: &str) -> Option<Entry> {
        self.known.push(key.to_owned());
        let entry = self.entries.remove(key)?;
        self.origins.insert(key.to_owned(), entry.origin.clone());
        Some(entry)
    }

    fn fault(&mut self, origin: &Origin, key: &str, what: String, fix: String) {
        self.faults.push(Fault { origin: origin.clone(), key: key.to_owned(), what, fix });
    }

    fn read_secret_file(
        &mut self,
        key: &str,
        origin: &Origin,
        file: &Path,
    ) -> Option<SecretString> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("cannot read {}: {error}", file.display());
                self.fault(origin, key, what, "name a file that this user can read".to_owned());
                return None;
            }
        };
        let mode = std::fs::metadata(file).map(|metadata| metadata.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o004 != 0) {
            self.warnings.push(format!(
                "{origin}: {key}: {} can be read by every user; chmod o-r it",
                file.display()
            ));
        }
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            let what = format!("{} is empty", file.display());
            self.fault(origin, key, what, "put the secret into it, on one line".to_owned());
        }
        Some(SecretString::from(secret))
    }
}

impl Visitor for Reader {
    fn setting<T: Setting>(&mut self, spec: Spec, slot: &mut T) {
        let Some(entry) = self.take(spec.key) else { return };
        if let Some(value) = T::read(&entry.raw) {
            *slot = value;
        } else {
            let what = format!("is {}", found(&entry.raw));
            let fix = format!("it must be {}", T::expects());
            self.fault(&entry.origin, spec.key, what, fix);
        }
    }

    fn passed_through(&mut self, spec: Spec, slot: &mut BTreeMap<String, String>) {
        let prefix = format!("{}.", spec.key);
        let keys: Vec<String> =
            self.entries.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
        for key in keys {
            let Some(entry) = self.entries.remove(&key) else { continue };
            let Some(name) = key.strip_prefix(&prefix) else { continue };
            if let Some(text) = plain(&entry.raw) {
                slot.insert(name.to_owned(), text);
                self.origins.insert(key, entry.origin);
            } else {
                let what = format!("is {}", found(&entry.raw));
                let fix = "it must be a text, a whole number, true or false".to_owned();
                self.fault(&entry.origin, &key, what, fix);
            }
        }
    }

    fn secret(&mut self, spec: Spec, slot: &mut Secret) {
        let file_key = format!("{}_file", spec.key);
        if let Some(entry) = self.take(&file_key) {
            slot.file = entry.raw.text().filter(|text| !text.is_empty()).map(PathBuf::from);
            if let Some(file) = &slot.file {
                slot.value = self.read_secret_file(&file_key, &entry.origin, file);
            } else {
                let fix = "name the file that holds the secret".to_owned();
                self.fault(&entry.origin, &file_key, "is no path".to_owned(), fix);
            }
        }
        let Some(entry) = self.entries.remove(spec.key) else { return };
        self.origins.insert(spec.key.to_owned(), entry.origin.clone());
        match entry {
            Entry { raw: Raw::Text(secret), origin: Origin::Env(_) } if !secret.is_empty() => {
                slot.value = Some(SecretString::from(secret));
            }
            Entry { origin, .. } => {
                let what = "a secret is set by its file or by the environment only".to_owned();
                let name = spec.key.to_ascii_uppercase().replace('.', "__");
                let fix = format!("use {file_key}, or {}{name}", source::ENV_PREFIX);
                self.fault(&origin, spec.key, what, fix);
            }
        }
    }
}

/// What was found where something else was expected; never a long text.
fn found(raw: &Raw) -> String {
    let text = match raw {
        Raw::Typed(value) => value.to_string().trim().to_owned(),
        Raw::Text(text) => super::value::quoted(text),
    };
    if text.chars().count() > 60 { "something else".to_owned() } else { text }
}

/// The text of a single value of any type.
fn plain(raw: &Raw) -> Option<String> {
    let value = match raw {
        Raw::Text(text) => return Some(text.clone()),
        Raw::Typed(value) => value,
    };
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let number = value.as_integer().map(|n| n.to_string());
    number.or_else(|| value.as_bool().map(|b| b.to_string()))
}

fn unknown(key: String, entry: Entry, known: &[String]) -> Fault {
    let distance = |name: &&String| strsim::damerau_levenshtein(name, &key);
    let nearest = known.iter().min_by_key(distance);
    // A third of the letters may differ: beyond that a guess is noise.
    let near = nearest.filter(|name| distance(name) <= (key.len() / 3).max(2));
    let fix = match near {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`ringfold check-config --print` lists all settings".to_owned(),
    };
    Fault { origin: entry.origin, key, what: "there is no such setting".to_owned(), fix }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::value::{Bytes, Span};

    fn load(toml: &str) -> Result<Settings, Vec<String>> {
        let mut entries = Entries::new();
        source::read_text("ringfold.toml".as_ref(), toml, &mut entries)
            .map_err(|fault| vec![fault.to_string()])?;
        Settings::from_entries(entries).map_err(|f| f.iter().map(Fault::to_string).collect())
    }

    fn fault(toml: &str) -> String {
        let faults = load(toml).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.into_iter().next().unwrap()
    }

    #[test]
    fn without_settings_the_program_is_useful() {
        let settings = load("").unwrap();
        assert!(settings.takes_events());
        assert!(settings.http.listen.ip().is_loopback());
    }

    #[test]
    fn every_default_round_trips_through_the_file() {
        let defaults = Settings::default().shown();
        let lines = defaults.iter().filter(|shown| !shown.value.is_empty());
        let lines: Vec<String> =
            lines.map(|shown| format!("{} = {}", shown.key, shown.value)).collect();
        let text = lines.join("\n");
        assert!(text.lines().count() > 40, "{text}");
        let read = load(&text).unwrap();
        let values = |shown: Vec<crate::config::Shown>| -> Vec<(String, String)> {
            shown.into_iter().map(|s| (s.key, s.value)).collect()
        };
        assert_eq!(values(read.shown()), values(defaults));
    }

    #[test]
    fn a_fault_names_file_line_key_and_fix() {
        assert_eq!(
            fault("[http]\nlisten = 8080\n"),
            "ringfold.toml:2: http.listen: is 8080; it must be an address and port like \
             \"127.0.0.1:8080\" or \"[::]:8080\""
        );
        assert_eq!(
            fault("[http]\n\nlisen = \"127.0.0.1:1\"\n"),
            "ringfold.toml:3: http.lisen: there is no such setting; did you mean `http.listen`?"
        );
        assert!(fault("[http\n").starts_with("ringfold.toml:1: syntax: "));
        assert!(fault("a = 1\n[[http]]\n").starts_with("ringfold.toml:"));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = load("roles = []\nitem.limit.ringing = 5\nnonsense = true\n").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
    }

    #[test]
    fn a_later_source_replaces_an_earlier_one_and_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("r.toml");
        std::fs::write(&file, "ingest.batch.rows = 10\nitem.limit.ringing = \"1m\"\n").unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let sources = Sources {
            file: Some(file),
            env: vec![
                pair("RINGFOLD__INGEST__BATCH__ROWS", "20"),
                pair("RINGFOLD__KAFKA__CLIENT__FETCH__MIN__BYTES", "7"),
                pair("RINGFOLD__TELEMETRY__LOG__LEVEL", "warn"),
                pair("HOME", "/"),
            ],
            flags: vec![("telemetry.log.level".to_owned(), "debug".to_owned(), "--log")],
        };
        let settings = Settings::load(&sources).unwrap();
        assert_eq!(settings.ingest.batch_rows, 20);
        assert_eq!(settings.item.ringing, Span::from_ms(60_000));
        assert_eq!(settings.telemetry.log_level, "debug");
        assert_eq!(settings.kafka.client["fetch.min.bytes"], "7");
        assert_eq!(settings.origin("telemetry.log.level").to_string(), "--log");
        let origin = settings.origin("ingest.batch.rows").to_string();
        assert_eq!(origin, "RINGFOLD__INGEST__BATCH__ROWS");
        assert!(settings.origin("item.limit.ringing").to_string().ends_with("r.toml:2"));
        assert_eq!(settings.origin("ingest.batch.age"), Origin::Default);
    }

    #[test]
    fn a_secret_comes_from_its_file_or_the_environment_and_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        std::fs::write(&file, "tops3cret\n").unwrap();
        let path = file.display();
        let settings = load(&format!("admin.password_file = \"{path}\"")).unwrap();
        assert_eq!(settings.admin.password.value.as_ref().unwrap().expose_secret(), "tops3cret");
        assert!(settings.warnings[0].contains("every user"), "{:?}", settings.warnings);
        let shown = format!("{:?} {settings:?}", settings.shown());
        assert!(!shown.contains("tops3cret"));
        let text = fault("admin.password = \"tops3cret\"");
        assert!(text.contains("use admin.password_file, or RINGFOLD__ADMIN__PASSWORD"), "{text}");
        assert!(!text.contains("tops3cret"));
        let env = vec![("RINGFOLD__ADMIN__PASSWORD".to_owned(), "tops3cret".to_owned())];
        let settings = Settings::load(&Sources { env, ..Sources::default() }).unwrap();
        assert!(settings.shown().iter().any(|s| s.key == "admin.password" && s.value == "(set)"));
    }

    #[test]
    fn rules_across_settings_say_why() {
        assert!(
            fault("store.kind = \"cql\"\ncql.nodes = [\"a:1\"]").contains("losing that machine")
        );
        assert!(fault("ingest.future.limit = \"10m\"").contains("make it at least \"10m\""));
        assert!(fault("admin.listen = \"0.0.0.0:1\"").contains("admin.password_file"));
        assert!(fault("kafka.client.\"auto.offset.reset\" = \"latest\"").contains("never a gap"));
        assert!(fault("tariff.files = [\"/no/such\"]").contains("no file /no/such"));
        assert!(fault("log.kind = \"kafka\"").contains("kafka.brokers: is empty"));
        assert!(fault("telemetry.log.level = \"ringfold=loud\"").contains("log level"));
        let both = "admin.listen = \"127.0.0.1:8080\"";
        assert!(fault(both).contains("others than operators"));
    }

    #[test]
    fn values_have_their_units() {
        let text = "ingest.cache.bytes = \"1GiB\"\nhttp.rate.per_key = \"off\"\n\
                    kafka.client = { \"fetch.min.bytes\" = 1, debug = \"all\" }";
        let settings = load(text).unwrap();
        assert_eq!(settings.ingest.cache_bytes, Bytes(1 << 30));
        assert_eq!(settings.http.rate_per_key.0, None);
        assert_eq!(settings.kafka.client.len(), 2);
        assert!(fault("ingest.cache.bytes = 5").contains("like \"64MiB\""));
        assert!(fault("http.max_in_flight = -1").contains("whole number"));
    }
}
