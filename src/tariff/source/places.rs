//! Where the parts of the files that were read stand, for those who refuse one of them later. It
//! judges nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tariff::append::Refusal;
use crate::tariff::part::PartKind;

use super::finding::{Fault, Finding, Place};

/// Places of versions, assignments and exchange rates, by kind and id.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<(PartKind, String), Place>);

impl Places {
    pub(super) fn put(&mut self, kind: PartKind, id: String, place: Place) {
        self.0.insert((kind, id), place);
    }

    pub(super) fn get(&self, kind: PartKind, id: &str) -> Option<&Place> {
        self.0.get(&(kind, id.to_owned()))
    }

    /// The refusal as a fault of the file that holds the part.
    pub fn fault(&self, refusal: &Refusal) -> Fault {
        let place = self.get(refusal.kind, &refusal.id);
        let (file, line) =
            place.map_or_else(|| ("?".into(), 0), |place| (Arc::clone(&place.file), place.line));
        let key = refusal.key().to_owned();
        Fault(Finding {
            file,
            line,
            key,
            what: refusal.what(),
            remedy: refusal.remedy().to_owned(),
        })
    }
}
