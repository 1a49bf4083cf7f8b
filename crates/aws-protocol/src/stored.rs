//! Shapes outside of any request: as bytes in a store.
//!
//! The form is RPC v2 CBOR's map of members by name, so a shape that gains a member still reads what was
//! written before, and an older build skips what it does not know.

use berth_aws_api::Structure;

use crate::DecodeError;
use crate::rpc_v2_cbor::{decode, encode};

pub fn to_vec(value: &dyn Structure) -> Vec<u8> {
    encode::encode(value)
}

pub fn from_slice<T: Structure + Default>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut value = T::default();
    decode::decode(bytes, &mut value)?;
    Ok(value)
}
