//! Pages of lists: a token goes on where the page ended, by key, never by count.

use std::fmt::Debug;

use berth_aws_protocol::page::Listing;

pub struct Paging {
    listing: Listing,
    size: usize,
    after: Option<String>,
}

pub struct Page<T> {
    pub items: Vec<T>,
    /// `None` if there is no more.
    pub next: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// The token is not of this list: each service has its own error for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPage;

impl Paging {
    /// `filters` is whatever decides what the list holds. The model's validation has checked the size.
    pub fn of(
        operation: &str,
        filters: &impl Debug,
        size: i32,
        token: Option<String>,
    ) -> Result<Self, NoPage> {
        let listing = Listing::new(operation).of("filters", &format!("{filters:?}"));
        let position = |token: String| {
            let position = listing.position(&token).ok().and_then(|at| String::from_utf8(at).ok());
            position.ok_or(NoPage)
        };
        let after = token.map(position).transpose()?;
        Ok(Self { size: size.unsigned_abs() as usize, after, listing })
    }

    /// The page of items, which come with their keys and in their order.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        self.cut_in(Order::Ascending, items)
    }

    /// The same for items that come in this order.
    pub fn cut_in<T>(&self, order: Order, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let is_due = |key: &String| match (&self.after, order) {
            (None, _) => true,
            (Some(after), Order::Ascending) => key > after,
            (Some(after), Order::Descending) => key < after,
        };
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
        let next = match (rest.next(), last) {
            (Some(_), Some(last)) => Some(self.listing.token(last.as_bytes())),
            _ => None,
        };
        Page { items, next }
    }
}
