//! AWS Query: parameters in a form, answers in XML. The forms are shared with EC2 Query, which names things its own way.

pub(crate) mod decode;
mod dialect;
pub(crate) mod encode;
pub(crate) mod form;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use dialect::Dialect;
pub(crate) use wire::{
    decode_error, decode_request, decode_response, encode_error, encode_request, encode_response,
    form_request,
};
