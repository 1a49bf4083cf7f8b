//! Where messages of HTTP/1.1 end, be they requests or responses.

mod framing;

pub(crate) use framing::Framing;

/// How long the head is that these bytes begin with, if all of it is there: up to the empty line, whichever way lines end.
/// No head ends before `from`.
pub(crate) fn head_length(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(place) = bytes[at..].iter().position(|&byte| byte == b'\n') {
        at += place + 1;
        match bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}
