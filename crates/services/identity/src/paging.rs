//! Pages of lists: a marker goes on where the page ended, by key, never by count.

use std::fmt::Debug;

use berth_aws_api::iam as api;
use berth_aws_protocol::page::Listing;
use berth_control::pipeline::{CommonError, Failure};

/// AWS: as long as nothing is said.
const PAGE: i32 = 100;

pub struct Paging {
    listing: Listing,
    size: usize,
    after: Option<String>,
}

pub struct Page<T> {
    pub items: Vec<T>,
    /// Whether there is more.
    pub is_truncated: bool,
    pub marker: Option<String>,
}

impl Paging {
    /// `filters` is whatever decides what the list holds. The model's validation has checked the size.
    pub fn of(
        operation: &str,
        filters: &impl Debug,
        max_items: Option<i32>,
        marker: Option<String>,
    ) -> Result<Self, Failure<api::Error>> {
        let listing = Listing::new(operation).of("filters", &format!("{filters:?}"));
        let position = |marker: String| {
            let position = listing.position(&marker).ok().and_then(|at| String::from_utf8(at).ok());
            position.ok_or_else(|| invalid("Invalid Marker."))
        };
        let after = marker.map(position).transpose()?;
        let size = max_items.unwrap_or(PAGE).unsigned_abs() as usize;
        Ok(Self { size, after, listing })
    }

    /// The page of items, which come with their keys and in their order.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let is_due = |key: &String| self.after.as_ref().is_none_or(|after| key > after);
        let mut rest = items.into_iter().filter(|(key, _)| is_due(key));
        let mut last = None;
        let items = rest
            .by_ref()
            .take(self.size)
            .map(|(key, item)| {
                last = Some(key);
                item
            })
            .collect();
        let marker = match (rest.next(), last) {
            (Some(_), Some(last)) => Some(self.listing.token(last.as_bytes())),
            _ => None,
        };
        Page { items, is_truncated: marker.is_some(), marker }
    }
}

/// AWS: the code of what its model, or its own rules of the same kind, do not take.
pub fn invalid(message: impl Into<String>) -> Failure<api::Error> {
    Failure::common(CommonError::Invalid { code: "ValidationError", message: message.into() })
}
