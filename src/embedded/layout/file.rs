//! Values of `meta` that say which file a path was when its cursor was written.

use super::codec::{DecodeError, Decoder, Encoder};

/// Which file it is, however it is named: device, inode and a hash of how it begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::embedded) struct Identity {
    /// Device.
    pub(in crate::embedded) device: u64,
    /// Inode.
    pub(in crate::embedded) inode: u64,
    /// Bytes that the hash covers: fewer than the most while the file is short.
    pub(in crate::embedded) hashed: u32,
    /// Hash of the first bytes.
    pub(in crate::embedded) hash: u32,
}

/// The identity of a path.
pub(in crate::embedded) fn encode(identity: &Identity) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder
        .u64(identity.device)
        .u64(identity.inode)
        .u64(u64::from(identity.hashed))
        .u64(u64::from(identity.hash));
    encoder.finish()
}

/// Reads an identity.
pub(in crate::embedded) fn decode(value: &[u8]) -> Result<Identity, DecodeError> {
    let mut d = Decoder::value(value)?;
    let small = |number| u32::try_from(number).map_err(|_| DecodeError::Field("hash"));
    Ok(Identity {
        device: d.u64()?,
        inode: d.u64()?,
        hashed: small(d.u64()?)?,
        hash: small(d.u64()?)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_identity_comes_back() {
        let identity = Identity { device: 1, inode: u64::MAX, hashed: 1_024, hash: u32::MAX };
        assert_eq!(decode(&encode(&identity)).unwrap(), identity);
    }
}
