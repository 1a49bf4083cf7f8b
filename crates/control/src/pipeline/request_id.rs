//! The id that every response carries, so that a client's complaint finds its log line.

use std::fmt;

use http::HeaderValue;

/// A random UUID in its text form, held in place: a request allocates nothing for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; LENGTH]);

const LENGTH: usize = 36;

impl RequestId {
    /// Marks sixteen random bytes as a version 4 UUID and spells them.
    pub fn from_bytes(mut bytes: [u8; 16]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = [b'-'; LENGTH];
        let mut at = 0;
        for (index, byte) in bytes.into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 0x0f)];
            at += 2;
        }
        RequestId(text)
    }

    /// What [`RequestId::as_str`] spelled.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let spelled: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        let is_right = |(at, byte): (usize, &u8)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        };
        spelled.iter().enumerate().all(is_right).then_some(RequestId(spelled))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only hex digits and hyphens are ever put in")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("hex digits and hyphens are allowed in a header")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_become_a_version_4_uuid() {
        assert_eq!(
            RequestId::from_bytes([0xff; 16]).as_str(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        let counting = std::array::from_fn(|index| index as u8);
        let id = RequestId::from_bytes(counting);
        assert_eq!(id.to_string(), "00010203-0405-4607-8809-0a0b0c0d0e0f");
        assert_eq!(id.header(), id.as_str());
        assert_eq!(RequestId::parse(id.as_str()), Some(id));
        for wrong in
            ["", "00010203-0405-4607-8809-0A0B0C0D0E0F", "000102030-405-4607-8809-0a0b0c0d0e0f"]
        {
            assert_eq!(RequestId::parse(wrong), None, "{wrong}");
        }
    }
}
