//! RPC v2 CBOR: `POST /service/S/operation/O`, everything in one CBOR map.
//!
//! AWS: instants are tag 1 with seconds, strings and collections may come in pieces of unknown number,
//! floats in any width, `null` and `undefined` mean absent, unknown members are skipped.

pub(crate) mod decode;
pub(crate) mod encode;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use wire::{
    decode_error, decode_request, decode_response, encode_error, encode_request, encode_response,
};
