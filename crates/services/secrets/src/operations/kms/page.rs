//! Pages of KMS's lists.

use std::fmt::Debug;

use berth_aws_api::kms as api;
use berth_aws_protocol::page::{InvalidToken, Paging};

/// AWS: as long as nothing is said.
const PAGE: i32 = 100;

pub fn of(
    operation: &str,
    filters: &impl Debug,
    limit: Option<i32>,
    marker: Option<String>,
) -> Result<Paging, api::Error> {
    Paging::of(operation, filters, limit.unwrap_or(PAGE), marker)
        .map_err(|InvalidToken| api::Error::invalid_marker("The marker is not one of this list."))
}
