//! Pages of ELB's lists.

use std::fmt::Debug;

use berth_aws_api::elbv2 as api;
use berth_aws_protocol::page::{InvalidToken, Paging};

/// AWS: the most, and what a page has if nothing is said.
const PAGE: i32 = 400;

/// `filters` is whatever decides what the list holds.
pub fn paging(
    operation: &str,
    filters: &impl Debug,
    size: Option<i32>,
    marker: Option<String>,
) -> Result<Paging, api::Error> {
    Paging::of(operation, filters, size.unwrap_or(PAGE), marker)
        .map_err(|InvalidToken| api::Error::validation("The specified marker is invalid"))
}
