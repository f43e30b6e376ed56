//! Length of text as the API measures it.

/// Length in UTF-16 code units: how clients of the resource count characters.
pub fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}
