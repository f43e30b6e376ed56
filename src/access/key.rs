//! The text of an API key: how one is made, read and compared.
//! It does not look keys up, and it does not say what a key may do (`decide` does).

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::base62::{encode, is_base62};
use super::record::ApiKeyRecord;

const PREFIX: &str = "rfk_";
const ID_LEN: usize = 12;
const SECRET_LEN: usize = 43;
const CHECKSUM_LEN: usize = 6;
/// `rfk_` + id + `_` + secret + checksum.
const TEXT_LEN: usize = 66;

/// Random bytes that [`IssuedKey::make`] takes: 32 for the secret, 16 for the id.
pub const KEY_RANDOM_BYTES: usize = 48;

/// A new API key, shown once. Gateway keys look the same: what a key reaches is in its record.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedKey {
    text: String,
    key_id: Arc<str>,
    hash: [u8; 32],
}

impl IssuedKey {
    /// Makes a key of bytes nobody can guess.
    pub fn make(random: &[u8; KEY_RANDOM_BYTES]) -> Self {
        let (secret, id) = random.split_at(32);
        let key_id = encode(id, ID_LEN);
        let secret = encode(secret, SECRET_LEN);
        let body = format!("{PREFIX}{key_id}_{secret}");
        let checksum = checksum(&body);
        Self { text: format!("{body}{checksum}"), key_id: key_id.into(), hash: digest(&secret) }
    }

    /// The whole text, for the one person who asked for it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The public id.
    pub fn key_id(&self) -> &Arc<str> {
        &self.key_id
    }

    /// SHA-256 of the secret: all that is stored of it.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_…", self.key_id)
    }
}

/// A well-formed API key as a caller presented it: its id, and the hash of what it keeps secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedKey {
    key_id: Arc<str>,
    hash: [u8; 32],
}

impl PresentedKey {
    /// Reads a key's text: ringfold's own form with a right checksum, or an imported UUID (any
    /// letter case). Everything else is `None`, without a look-up.
    pub fn parse(text: &str) -> Option<Self> {
        parse_issued(text).or_else(|| parse_imported(text))
    }

    /// The id to look up.
    pub fn key_id(&self) -> &Arc<str> {
        &self.key_id
    }

    /// SHA-256 of the secret, or of the whole text of an imported UUID.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Whether the record found under the id is of this key. An unknown id takes the same path
    /// and time as a known one.
    pub fn is_of(&self, record: Option<&ApiKeyRecord>) -> bool {
        let stored = record.map_or([0; 32], |record| record.hash);
        let same: bool = self.hash.ct_eq(&stored).into();
        same && record.is_some()
    }
}

impl fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "API key {}", self.key_id)
    }
}

fn parse_issued(text: &str) -> Option<PresentedKey> {
    if text.len() != TEXT_LEN {
        return None;
    }
    let (body, given) = text.split_at_checked(TEXT_LEN.saturating_sub(CHECKSUM_LEN))?;
    let (key_id, secret) = body.strip_prefix(PREFIX)?.split_at_checked(ID_LEN)?;
    let secret = secret.strip_prefix('_')?;
    let is_well_formed = is_base62(key_id) && is_base62(secret) && checksum(body) == given;
    is_well_formed.then(|| PresentedKey { key_id: key_id.into(), hash: digest(secret) })
}

fn parse_imported(text: &str) -> Option<PresentedKey> {
    is_uuid(text).then(|| {
        let hash = digest(&text.to_ascii_lowercase());
        let key_id: String = hex(&hash).take(ID_LEN).collect();
        PresentedKey { key_id: key_id.into(), hash }
    })
}

/// Whether the text is `8-4-4-4-12` hex digits.
fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    let lengths = [8, 4, 4, 4, 12];
    let fits = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    fits && parts.next().is_none()
}

fn checksum(body: &str) -> String {
    encode(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM_LEN)
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.iter().flat_map(|byte| {
        [byte.wrapping_shr(4), byte & 0x0F]
            .map(|nibble| char::from_digit(u32::from(nibble), 16).unwrap_or('0'))
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_issued_key_is_read_back() {
        let issued = IssuedKey::make(&[7; KEY_RANDOM_BYTES]);
        assert_eq!(issued.reveal().len(), TEXT_LEN);
        let presented = PresentedKey::parse(issued.reveal()).unwrap();
        assert_eq!(presented.key_id(), issued.key_id());
        assert_eq!(presented.hash(), issued.hash());
    }

    #[test]
    fn debug_shows_no_secret() {
        let issued = IssuedKey::make(&[9; KEY_RANDOM_BYTES]);
        let shown = format!("{issued:?} {:?}", PresentedKey::parse(issued.reveal()).unwrap());
        assert!(!shown.contains(issued.reveal().split_at(20).1), "{shown}");
    }

    #[test]
    fn any_changed_character_is_refused() {
        let text = IssuedKey::make(&[5; KEY_RANDOM_BYTES]).reveal().to_owned();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            assert_eq!(PresentedKey::parse(&String::from_utf8(changed).unwrap()), None, "{at}");
        }
    }

    #[test]
    fn an_imported_uuid_is_one_key_in_any_letter_case() {
        let lower = PresentedKey::parse("550e8400-e29b-41d4-a716-446655440000").unwrap();
        let upper = PresentedKey::parse("550E8400-E29B-41D4-A716-446655440000").unwrap();
        assert_eq!(lower, upper);
        let digest: String = hex(&lower.hash()).collect();
        assert!(digest.starts_with(&**lower.key_id()), "{digest}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "rfk_", "550e8400e29b41d4a716446655440000", "rfk_é", "x", "rfk__"] {
            assert_eq!(PresentedKey::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_of_the_right_shape_is_accepted_by_chance(seed in 1_u64..) {
            let mut state = seed;
            let mut letters = |count: usize| -> String {
                let letter = || {
                    // xorshift64: generating a million texts by strategies takes minutes
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        [usize::try_from(state % 62).unwrap()]
                };
                String::from_utf8(std::iter::repeat_with(letter).take(count).collect()).unwrap()
            };
            for _ in 0..4_000 {
                let text = format!("rfk_{}_{}", letters(12), letters(49));
                prop_assert!(PresentedKey::parse(&text).is_none(), "{text}");
            }
        }

        #[test]
        fn every_made_key_is_accepted(random in prop::array::uniform32(any::<u8>())) {
            let mut bytes = [0; KEY_RANDOM_BYTES];
            bytes[..32].copy_from_slice(&random);
            bytes[32..].copy_from_slice(&random[16..]);
            prop_assert!(PresentedKey::parse(IssuedKey::make(&bytes).reveal()).is_some());
        }
    }
}
