//! `dlq show`: one letter, whole. Phone numbers and secrets are masked unless asked for.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::args::DlqShowArgs;
use super::super::exit::Failure;
use super::super::{Context, Outcome};
use super::letters::AnyLetters;
use super::mask::{mask, mask_header};
use super::{next_page, shown, time_of};
use crate::ports::letters::KeptLetter;
use crate::supervisor::Exit;

pub(super) async fn run(
    args: &DlqShowArgs,
    mut letters: AnyLetters,
    context: &mut Context,
) -> Outcome {
    while let Some(page) = next_page(&mut letters).await? {
        if let Some(letter) = page.iter().find(|letter| letter.id == args.letter) {
            let view = View { unmasked: args.unmasked };
            let text = view.text(letter);
            context.line(text.trim_end(), &view.json(letter))?;
            return Ok(Exit::Done);
        }
    }
    Err(Failure::new(Exit::Failed, format!("there is no dead letter {}", args.letter))
        .at("LETTER")
        .remedy("ringfold dlq list shows them"))
}

/// How a letter is shown.
struct View {
    unmasked: bool,
}

impl View {
    /// Bytes as text; what is no text shows as such.
    fn plain<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        let text = String::from_utf8_lossy(bytes);
        if self.unmasked { text } else { Cow::Owned(mask(&text)) }
    }

    fn header<'b>(&self, name: &str, value: &'b [u8]) -> Cow<'b, str> {
        let text = String::from_utf8_lossy(value);
        if self.unmasked { text } else { Cow::Owned(mask_header(name, &text)) }
    }

    fn text(&self, letter: &KeptLetter) -> String {
        let mut lines = vec![
            format!("letter    {}", letter.id),
            format!("reason    {}", letter.reason),
            format!("error     {}", letter.error),
            format!("recorded  {}", time_of(letter)),
            format!("attempts  {}", letter.attempts),
        ];
        lines.extend(letter.redriven_at.map(|at| format!("redriven  {at}")));
        lines.extend(letter.key.as_ref().map(|key| format!("key       {}", self.plain(key))));
        for (name, value) in &letter.headers {
            let value = value.as_ref().map_or(Cow::Borrowed("-"), |v| self.header(name, v));
            lines.push(format!("header    {name}: {value}"));
        }
        match &letter.value {
            None => lines.push("value     none".to_owned()),
            Some(value) => {
                lines.push(format!("value     {} bytes", value.len()));
                lines.push(self.plain(value).into_owned());
            }
        }
        lines.join("\n")
    }

    fn json(&self, letter: &KeptLetter) -> Value {
        let mut object = shown(letter);
        let headers: Vec<Value> = letter
            .headers
            .iter()
            .map(|(name, value)| {
                let value = value.as_ref().map(|value| self.header(name, value));
                json!({ "name": name, "value": value })
            })
            .collect();
        object["key"] = json!(letter.key.as_ref().map(|key| self.plain(key)));
        object["headers"] = json!(headers);
        object["value"] = json!(letter.value.as_ref().map(|value| self.plain(value)));
        object["masked"] = json!(!self.unmasked);
        if self.unmasked {
            object["raw"] = json!(letter.value.as_ref().map(|value| base64(value)));
        }
        object
    }
}

/// RFC 4648 with padding: the bytes of a value that need be no text.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4_usize {
            let index = (bits >> (18 - 6 * place)) & 0x3F;
            let letter = ALPHABET.get(usize::try_from(index).unwrap_or(0)).copied();
            text.push(if place > group.len() { '=' } else { char::from(letter.unwrap_or(b'=')) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xFB, 0xFF]), "+/8=");
    }
}
