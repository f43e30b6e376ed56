//! W3C trace context of a record, if it is well-formed. A malformed one is absent: tracing never
//! refuses an event.

/// Where the sender's span is: version 00 of `traceparent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceContext {
    /// 16 bytes of trace id, never zero.
    pub trace_id: u128,
    /// 8 bytes of span id, never zero.
    pub span_id: u64,
    /// Whether the sender sampled it.
    pub is_sampled: bool,
}

impl TraceContext {
    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; later versions may go on behind that.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let span_id = u64::try_from(hex(parts.next()?, 16)?).ok()?;
        let flags = hex(parts.next()?, 2)?;
        let ends = parts.next().is_none();
        let fits = version != 0xFF && (version != 0 || ends) && trace_id != 0 && span_id != 0;
        fits.then_some(Self { trace_id, span_id, is_sampled: flags & 1 == 1 })
    }
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let fits = text.len() == digits
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    if fits { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_contexts_are_kept() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let expected = TraceContext {
            trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
            span_id: 0xb7ad_6b71_6920_3331,
            is_sampled: true,
        };
        assert_eq!(TraceContext::parse(good), Some(expected));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }
}
