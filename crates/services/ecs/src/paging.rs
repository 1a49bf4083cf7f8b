//! Pages of lists: `maxResults` within its bounds, and a token that continues where the page ended.
//!
//! A position is a key, never a count: what comes and goes between two pages moves nothing.

use std::fmt::Display;
use std::str::FromStr;

use berth_aws_api::ecs as api;
use berth_aws_protocol::page::Listing;

/// ECS's lists have at most this many items a page, and this many if the caller does not say.
const MOST: i32 = 100;

/// Which page a caller asks for. `K` is what the list is ordered by.
pub struct Paging<K> {
    listing: Listing,
    size: usize,
    after: Option<K>,
}

pub struct Page<T> {
    pub items: Vec<T>,
    pub next_token: Option<String>,
}

impl<K: Display + FromStr> Paging<K> {
    /// `filters` is whatever decides what the list holds: a token is good for the same filters only.
    pub fn of(
        operation: &str,
        filters: &impl std::fmt::Debug,
        max_results: Option<i32>,
        next_token: Option<String>,
    ) -> Result<Self, api::Error> {
        Self::of_at_most(MOST, operation, filters, max_results, next_token)
    }

    /// For a list whose pages have another size at most.
    pub fn of_at_most(
        most: i32,
        operation: &str,
        filters: &impl std::fmt::Debug,
        max_results: Option<i32>,
        next_token: Option<String>,
    ) -> Result<Self, api::Error> {
        Self::of_sizes(most, most, operation, filters, max_results, next_token)
    }

    /// For a list whose pages are smaller than they may be unless the caller says otherwise.
    pub fn of_sizes(
        unless_said: i32,
        most: i32,
        operation: &str,
        filters: &impl std::fmt::Debug,
        max_results: Option<i32>,
        next_token: Option<String>,
    ) -> Result<Self, api::Error> {
        let size = max_results.unwrap_or(unless_said);
        if !(1..=most).contains(&size) {
            return Err(api::Error::invalid_parameter(format!(
                "maxResults must be between 1 and {most}, not {size}."
            )));
        }
        let listing = Listing::new(operation).of("filters", &format!("{filters:?}"));
        let after = match next_token {
            None => None,
            Some(token) => Some(Self::position(&listing, &token).ok_or_else(|| {
                api::Error::invalid_parameter(
                    "Invalid token: nextToken is not one that this operation gave for these filters.",
                )
            })?),
        };
        Ok(Self { listing, size: size as usize, after })
    }

    fn position(listing: &Listing, token: &str) -> Option<K> {
        String::from_utf8(listing.position(token).ok()?).ok()?.parse().ok()
    }

    pub fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// The page from items that begin after [`Paging::after`].
    pub fn cut(&self, items: impl Iterator<Item = K>) -> Page<K> {
        let mut items: Vec<K> = items.take(self.size + 1).collect();
        let more = items.len() > self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| more);
        Page { next_token: last.map(|key| self.listing.token(key.to_string().as_bytes())), items }
    }
}
