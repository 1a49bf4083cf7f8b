//! What ELB calls its things by: the last part of an ARN.

use std::fmt;
use std::str::FromStr;

use berth_control::env::Env;
use berth_control::tables::TableKey;
use minicbor::{Decode, Encode};

/// AWS: sixteen hexadecimal digits, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ElbId(#[n(0)] pub u64);

impl ElbId {
    pub fn new(env: &Env) -> Self {
        let mut bytes = [0; 8];
        env.ids.fill(&mut bytes);
        ElbId(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for ElbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ElbId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 16 || !text.bytes().all(is_digit) {
            return Err(());
        }
        u64::from_str_radix(text, 16).map(ElbId).map_err(drop)
    }
}

impl TableKey for ElbId {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.0.write_to(out);
    }
}
