//! Parameters in the query of a path.

/// A value as it must be written.
///
/// AWS: everything is escaped that is not an unreserved character, or signer and server see different texts.
pub fn encoded(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
