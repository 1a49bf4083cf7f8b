//! Pages of SSM's lists.

use std::fmt::Debug;

use berth_aws_api::ssm as api;
use berth_aws_protocol::page::{InvalidToken, Paging};

/// `filters` is whatever decides what the list holds.
pub fn paging(
    operation: &str,
    filters: &impl Debug,
    size: i32,
    token: Option<String>,
) -> Result<Paging, api::Error> {
    Paging::of(operation, filters, size, token).map_err(|InvalidToken| {
        api::Error::invalid_next_token("The specified token is not valid for this request.")
    })
}
