//! The tariff files of the settings, read at the start.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::Settings;
use crate::supervisor::{ComponentError, Exit};
use crate::tariff::{Book, read_files};

/// Reads the tariff files; their warnings go to the log.
pub(super) fn load(settings: &Settings) -> Result<Arc<ArcSwap<Book>>, ComponentError> {
    let mut files = Vec::new();
    for path in &settings.tariff.files {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ComponentError::new(
                Exit::Settings,
                format!("tariff.files: {}: {error}", path.display()),
            )
        })?;
        files.push((path.display().to_string(), text));
    }
    let named: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    // The path is that of the file which names the sheet, with the sheet's name.
    let sheet = |path: &str| std::fs::read_to_string(path).ok();
    let (book, warnings) = read_files(&named, &sheet).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        ComponentError::new(Exit::Settings, faults.join("\n"))
    })?;
    for warning in warnings {
        tracing::warn!(%warning, "tariff");
    }
    Ok(Arc::new(ArcSwap::from_pointee(book)))
}
