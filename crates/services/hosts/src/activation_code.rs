//! The secret half of an activation: 130 random bits, told once and kept as a hash.

use berth_control::env::Env;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::random;

/// Five bits each.
const LETTERS: usize = 26;

pub fn generate(env: &Env) -> String {
    random::text(env, random::LOWER, LETTERS)
}

/// A quick hash is enough: what is hashed cannot be guessed, as a password might be.
pub fn hash(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

/// In constant time.
pub fn matches(code: &str, hashed: &[u8; 32]) -> bool {
    hash(code).ct_eq(hashed).into()
}
