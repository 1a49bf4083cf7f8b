//! Parameters: how they are named, found, put and shown.
//!
//! A parameter is a row, each of its versions another one. `names.rs` is what may be a name and what a request means
//! by one, `find.rs` finds it, `putting.rs` makes a new version, `values.rs` knows of keys, `filters.rs` of filters.
//! `public.rs` has what AWS publishes for everybody.

pub mod filters;
pub mod find;
pub mod labels;
pub mod names;
pub mod public;
pub mod putting;
pub mod render;
pub mod tagging;
pub mod values;

use berth_aws_api::ssm as api;
use berth_aws_protocol::page::{InvalidToken, Paging};
use berth_control::pipeline::{CommonError, Failure};

/// AWS: the code of what its model, or its own rules of the same kind, do not take.
pub fn invalid(message: impl Into<String>) -> Failure<api::Error> {
    let (code, message) = ("ValidationException", message.into());
    Failure::common(CommonError::Invalid { code, message })
}

pub fn page(
    operation: &str,
    filters: &impl std::fmt::Debug,
    size: i32,
    token: Option<String>,
) -> Result<Paging, api::Error> {
    Paging::of(operation, filters, size, token).map_err(|InvalidToken| {
        api::Error::invalid_next_token("The specified token is not valid for this request.")
    })
}
