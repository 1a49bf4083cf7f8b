//! Pages of IAM's lists, and what IAM calls invalid.

use std::fmt::Debug;

use berth_aws_api::iam as api;
use berth_aws_protocol::page::{InvalidToken, Paging};
use berth_control::pipeline::{CommonError, Failure};

/// AWS: as long as nothing is said.
const PAGE: i32 = 100;

/// `filters` is whatever decides what the list holds.
pub fn paging(
    operation: &str,
    filters: &impl Debug,
    max_items: Option<i32>,
    marker: Option<String>,
) -> Result<Paging, Failure<api::Error>> {
    Paging::of(operation, filters, max_items.unwrap_or(PAGE), marker)
        .map_err(|InvalidToken| invalid("Invalid Marker."))
}

/// AWS: the code of what its model, or its own rules of the same kind, do not take.
pub fn invalid(message: impl Into<String>) -> Failure<api::Error> {
    Failure::common(CommonError::Invalid { code: "ValidationError", message: message.into() })
}
