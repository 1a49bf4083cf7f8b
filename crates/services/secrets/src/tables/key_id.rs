//! The id of a key: a UUID, as KMS shows it.

use std::fmt;
use std::str::FromStr;

use berth_control::env::Env;
use minicbor::{Decode, Encode};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct KeyId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// Where the dashes stand, counted in digits.
const DASHES: [usize; 4] = [8, 12, 16, 20];

impl KeyId {
    /// A new one, of version 4 as AWS's are.
    pub fn new(env: &Env) -> Self {
        let mut bytes = env.id();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        KeyId(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = hex::encode(self.0);
        for (already, digits) in DASHES.into_iter().enumerate() {
            text.insert(already + digits, '-');
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// It is no UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeyId;

impl FromStr for KeyId {
    type Err = NoKeyId;

    fn from_str(text: &str) -> Result<Self, NoKeyId> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(|_| NoKeyId)?;
        // Only the one spelling: dashes elsewhere, or capitals, are no key's.
        Some(KeyId(bytes)).filter(|id| id.to_string() == text).ok_or(NoKeyId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let text = "12345678-9abc-4def-8123-456789abcdef";
        assert_eq!(text.parse::<KeyId>().unwrap().to_string(), text);
        for other in [
            "123456789abc4def8123456789abcdef",
            "12345678-9ABC-4def-8123-456789abcdef",
            "1-2345678-9abc-4def-8123-456789abcdef",
            "alias/x",
            "",
        ] {
            assert_eq!(other.parse::<KeyId>(), Err(NoKeyId), "{other}");
        }
    }
}
