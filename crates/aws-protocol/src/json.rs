//! AWS JSON 1.0 and 1.1, and the JSON text that REST-JSON shares.
//!
//! The reader pulls tokens out of the text and fills the value as it goes; there is no tree between.
//! AWS: a body is an object, or empty; unknown members are skipped, `null` means absent, instants are
//! seconds since the epoch as a number, blobs are base64, what is no number is `"NaN"`, `"Infinity"`, `"-Infinity"`.

pub(crate) mod decode;
pub(crate) mod encode;
mod error;
mod reader;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use error::{encode_error_body, read_error};
pub(crate) use wire::{
    Version, decode_error, decode_request, decode_response, encode_error, encode_request,
    encode_response,
};
