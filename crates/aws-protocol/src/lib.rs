//! AWS's wire protocols: five codecs, Signature Version 4, error rendering, pagination tokens.
//!
//! The codecs are driven by the tables of `aws-api` and know no type of any service. What a request
//! means, whether its sender may, and what is stored are decided elsewhere. Start with [`Protocol`].

mod decode_error;
mod ec2_query;
mod error;
#[cfg(test)]
mod generate;
mod identify;
mod instant;
mod json;
pub mod page;
mod protocol;
mod query;
mod rest_json;
mod rpc_v2_cbor;
mod scalar;
pub mod sigv4;
pub mod stored;
mod xml;

pub use decode_error::DecodeError;
pub use error::{CommonError, ErrorHead, ErrorReply, ReceivedError};
pub use identify::{Directory, Identified, Unidentified};
pub use protocol::{EncodeError, Protocol, REQUEST_ID};
