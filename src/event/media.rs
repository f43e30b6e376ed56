//! What a content type says of a value: JSON data, a whole event, several, or nothing we read.

/// How a value is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Media {
    /// The value is the data.
    Json,
    /// The value is a `CloudEvent` in JSON.
    Event,
    /// The value is an array of such events.
    Batch,
    /// Another event format, another charset, no JSON.
    Foreign,
}

impl Media {
    /// Reads a media type in any case; absent means JSON.
    pub(super) fn of(content_type: Option<&str>) -> Self {
        let Some(text) = content_type else {
            return Self::Json;
        };
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        if !parts.all(keeps_utf8) {
            return Self::Foreign;
        }
        [
            ("application/json", Self::Json),
            ("application/cloudevents+json", Self::Event),
            ("application/cloudevents-batch+json", Self::Batch),
        ]
        .into_iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name))
        .map_or(Self::Foreign, |(_, media)| media)
    }
}

/// Parameters other than the charset say nothing about reading.
fn keeps_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let value = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || value.eq_ignore_ascii_case("utf-8")
        || value.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_tell_the_form() {
        for (text, media) in [
            ("application/json", Media::Json),
            ("Application/JSON; charset=UTF-8", Media::Json),
            ("application/json;charset=\"utf-8\"", Media::Json),
            ("application/cloudevents+json; charset=UTF-8", Media::Event),
            ("Application/CloudEvents+JSON", Media::Event),
            ("application/cloudevents-batch+json", Media::Batch),
            ("application/cloudevents+avro", Media::Foreign),
            ("application/cloudevents", Media::Foreign),
            ("application/json; charset=utf-16", Media::Foreign),
            ("text/plain", Media::Foreign),
            ("", Media::Foreign),
        ] {
            assert_eq!(Media::of(Some(text)), media, "{text}");
        }
        assert_eq!(Media::of(None), Media::Json);
    }
}
