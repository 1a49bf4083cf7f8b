//! Pages of Secrets Manager's lists.

use std::fmt::Debug;

use berth_aws_api::secretsmanager as api;
use berth_aws_protocol::page::{InvalidToken, Paging};

/// `filters` is whatever decides what the list holds, and how it is sorted.
pub fn paging(
    operation: &str,
    filters: &impl Debug,
    size: i32,
    token: Option<String>,
) -> Result<Paging, api::Error> {
    Paging::of(operation, filters, size, token)
        .map_err(|InvalidToken| api::Error::invalid_next_token("The NextToken value is invalid."))
}
