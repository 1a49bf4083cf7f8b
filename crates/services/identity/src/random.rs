//! Texts that nobody can guess, from the environment's source of randomness.

use berth_control::env::Env;

/// Upper-case base 32, as in AWS's own ids.
pub const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn text(env: &Env, alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0; length];
    env.ids.fill(&mut bytes);
    letters(alphabet, &bytes)
}

/// A letter for each byte. The alphabets' lengths divide 256, so that every letter is equally likely.
pub fn letters(alphabet: &[u8], bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}
