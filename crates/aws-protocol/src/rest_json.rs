//! REST-JSON: members are spread over path, query, headers and body, as each one's location says.

mod decode;
mod encode;
pub(crate) mod route;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use wire::{
    decode_error, decode_request, decode_response, encode_error, encode_request, encode_response,
};
