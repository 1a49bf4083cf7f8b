//! What is told of a client's certificate: whose it is, who says so, and until when.
//!
//! Reads just enough of DER for that (RFC 5280, 4.1). Certificates come from clients: whatever is not as it should be is nothing.

use std::fmt::Write;

/// As headers and logs say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// In hexadecimal digits.
    pub(crate) serial: String,
    /// Names as RFC 4514 writes them.
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// `2024-01-31T23:59:59Z`.
    pub(crate) not_before: String,
    pub(crate) not_after: String,
}

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

impl Facts {
    pub(crate) fn read(certificate: &[u8]) -> Option<Facts> {
        let mut outer = Reader(certificate).expect(SEQUENCE)?;
        let mut body = outer.expect(SEQUENCE)?;
        if body.0.first() == Some(&VERSION) {
            body.next()?;
        }
        let serial = body.expect(INTEGER)?.0;
        body.expect(SEQUENCE)?;
        let issuer = name(body.expect(SEQUENCE)?)?;
        let mut validity = body.expect(SEQUENCE)?;
        let (not_before, not_after) = (time(validity.next()?)?, time(validity.next()?)?);
        let subject = name(body.expect(SEQUENCE)?)?;
        // The sign's byte says nothing.
        let serial = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
        let serial = serial.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02X}").expect("writing to memory");
            text
        });
        Some(Facts { serial, issuer, subject, not_before, not_after })
    }
}

/// What is left of a value.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next value, with its tag.
    fn next(&mut self) -> Option<(u8, Reader<'a>)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let bytes = rest.get(..length - 0x80).filter(|bytes| bytes.len() <= 4)?;
            rest = &rest[bytes.len()..];
            length = bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        }
        let value = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, Reader(value)))
    }

    fn expect(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.next().filter(|(its, _)| *its == tag).map(|(_, value)| value)
    }
}

/// The last part first (RFC 4514, 2.1).
fn name(mut parts: Reader<'_>) -> Option<String> {
    let mut text = String::new();
    while !parts.0.is_empty() {
        let mut set = parts.expect(SET)?;
        let mut part = String::new();
        while !set.0.is_empty() {
            let mut attribute = set.expect(SEQUENCE)?;
            let kind = attribute.expect(OBJECT_IDENTIFIER)?.0;
            let (_, value) = attribute.next()?;
            if !part.is_empty() {
                part.push('+');
            }
            part.push_str(&kind_name(kind)?);
            part.push('=');
            escape(&mut part, &String::from_utf8_lossy(value.0));
        }
        text = if text.is_empty() { part } else { format!("{part},{text}") };
    }
    Some(text)
}

fn kind_name(identifier: &[u8]) -> Option<String> {
    let known = match identifier {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x04] => "SN",
        [0x55, 0x04, 0x05] => "serialNumber",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "street",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x55, 0x04, 0x0c] => "title",
        [0x55, 0x04, 0x2a] => "GN",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        _ => return dotted(identifier),
    };
    Some(known.to_owned())
}

fn dotted(identifier: &[u8]) -> Option<String> {
    let (&first, rest) = identifier.split_first()?;
    let mut text = format!("{}.{}", (first / 40).min(2), first - 40 * (first / 40).min(2));
    let mut number: u64 = 0;
    for &byte in rest {
        number = number.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte < 0x80 {
            write!(text, ".{number}").ok()?;
            number = 0;
        }
    }
    Some(text)
}

/// RFC 4514, 2.4. What could end a header's line is left out of any name.
fn escape(text: &mut String, value: &str) {
    for (place, character) in value.chars().enumerate() {
        let is_special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';')
            || (place == 0 && matches!(character, ' ' | '#'));
        if is_special {
            text.push('\\');
        }
        text.push(if character.is_control() { ' ' } else { character });
    }
}

/// Two digits of a year are from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
fn time((tag, value): (u8, Reader<'_>)) -> Option<String> {
    let digits = std::str::from_utf8(value.0).ok()?.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let full = match (tag, digits.len()) {
        (UTC_TIME, 12) => format!("{}{digits}", if &digits[..2] < "50" { "20" } else { "19" }),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|range| &full[range]);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::Facts;

    fn certificate() -> Vec<u8> {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "XX");
        params.distinguished_name.push(DnType::OrganizationName, "Acme, Inc.");
        params.distinguished_name.push(DnType::CommonName, "ann");
        params.distinguished_name.push(DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 311]), "odd");
        params.not_before = date_time_ymd(1999, 12, 31);
        params.not_after = date_time_ymd(2050, 1, 2);
        params.serial_number = Some(vec![0xab, 0x01].into());
        let key = KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("it signs itself").der().to_vec()
    }

    #[test]
    fn a_certificate_says_whose_it_is() {
        let facts = Facts::read(&certificate()).expect("it is a certificate");
        let name = "1.3.6.1.4.1.311=odd,CN=ann,O=Acme\\, Inc.,C=XX";
        assert_eq!(
            facts,
            Facts {
                serial: "AB01".into(),
                issuer: name.into(),
                subject: name.into(),
                not_before: "1999-12-31T00:00:00Z".into(),
                not_after: "2050-01-02T00:00:00Z".into(),
            }
        );
    }

    #[test]
    fn whatever_is_cut_off_or_spoilt_is_no_certificate_or_another_one() {
        let whole = certificate();
        let end = whole.len() - 200;
        for length in 0..end {
            assert_eq!(Facts::read(&whole[..length]), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[place] ^= 0xff;
            // Nothing is expected of it but that it ends.
            let _facts = Facts::read(&spoilt);
        }
    }
}
