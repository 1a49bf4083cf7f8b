//! DER, as far as it takes to count a list: one element after the other.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The first element: its tag, what is in it, and what is behind it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        let length = digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
        (length, rest)
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

fn expect(bytes: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, behind) = element(bytes)?;
    (tag == wanted).then_some((content, behind))
}

/// How many certificates a list has that were revoked (RFC 5280, 5.1); `None`: it is no such list.
pub fn revoked(list: &[u8]) -> Option<u64> {
    let (list, behind) = expect(list, SEQUENCE)?;
    let (mut rest, _) = expect(list, SEQUENCE).filter(|_| behind.is_empty())?;
    // The version may be left out; then the algorithm, the issuer, and when it was made.
    if let Some((_, behind)) = expect(rest, INTEGER) {
        rest = behind;
    }
    let (_, rest) = expect(rest, SEQUENCE)?;
    let (_, rest) = expect(rest, SEQUENCE)?;
    let is_time = |tag: u8| tag == UTC_TIME || tag == GENERALIZED_TIME;
    let (_, _, mut rest) = element(rest).filter(|(tag, ..)| is_time(*tag))?;
    // When the next one comes may be left out, and so may the list.
    if let Some((tag, _, behind)) = element(rest)
        && is_time(tag)
    {
        rest = behind;
    }
    let Some((mut entries, _)) = expect(rest, SEQUENCE) else { return Some(0) };
    let mut count = 0;
    while !entries.is_empty() {
        (_, entries) = expect(entries, SEQUENCE)?;
        count += 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::revoked;

    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        assert!(content.len() < 0x80, "short enough for one digit");
        [&[0x30, content.len() as u8], &content[..]].concat()
    }

    #[test]
    fn entries_are_counted() {
        let (nothing, time, entry) = (sequence(&[]), [0x17, 1, b'0'], sequence(&[&[2, 1, 7]]));
        let list = |parts: &[&[u8]]| sequence(&[&sequence(parts), &nothing, &[3, 1, 0]]);
        let two = sequence(&[&entry, &entry]);
        assert_eq!(revoked(&list(&[&nothing, &nothing, &time])), Some(0));
        assert_eq!(revoked(&list(&[&[2, 1, 1], &nothing, &nothing, &time, &time, &two])), Some(2));
        assert_eq!(revoked(&list(&[&nothing, &nothing, &time, &two])), Some(2));
        assert_eq!(revoked(&list(&[&nothing])), None);
        assert_eq!(revoked(&nothing), None);
        assert_eq!(revoked(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
    }
}
