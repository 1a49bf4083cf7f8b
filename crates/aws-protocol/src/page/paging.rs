//! Pages of lists whose items have keys: a token goes on where the page ended, by key, never by count. So nothing is shown
//! twice or left out because something else came or went.
//!
//! Each service has its own error for a token that is not of its list.

use std::fmt::Debug;

use super::{InvalidToken, Listing};

/// Where a page of a list begins, and how long it may be.
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

impl Paging {
    /// `filters` is whatever decides what the list holds, and how it is sorted. The model's validation has checked the
    /// size.
    pub fn of(
        operation: &str,
        filters: &impl Debug,
        size: i32,
        token: Option<String>,
    ) -> Result<Self, InvalidToken> {
        let listing = Listing::new(operation).of("filters", &format!("{filters:?}"));
        let position =
            |token: String| String::from_utf8(listing.position(&token)?).map_err(|_| InvalidToken);
        let after = token.map(position).transpose()?;
        Ok(Self { size: size.unsigned_abs() as usize, after, listing })
    }

    /// The page of items, which come with their keys and in their order.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        self.cut_in(Order::Ascending, items)
    }

    /// The page of so many items, which are made by their numbers: none but those of the page are. Only for what nothing
    /// comes to and nothing goes from.
    pub fn cut_numbered<T>(
        &self,
        count: usize,
        item: impl FnMut(usize) -> T,
    ) -> Result<Page<T>, InvalidToken> {
        let last_seen = self.after.as_ref().map(|after| after.parse::<usize>()).transpose();
        let last_seen = last_seen.map_err(|_| InvalidToken)?;
        let start = last_seen.map_or(0, |last| last.saturating_add(1)).min(count);
        let end = start.saturating_add(self.size).min(count);
        let is_cut = start < end && end < count;
        let next = is_cut.then(|| self.listing.token((end - 1).to_string().as_bytes()));
        Ok(Page { items: (start..end).map(item).collect(), next })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(order: Order, size: i32, token: Option<String>) -> Paging {
        Paging::of("ListThings", &order, size, token).expect("its own token")
    }

    #[test]
    fn pages_join_into_the_list_in_both_orders() {
        for (order, expected) in [(Order::Ascending, "abcde"), (Order::Descending, "edcba")] {
            for size in 1..7 {
                let (mut read, mut token) = (String::new(), None);
                loop {
                    let items = expected.chars().map(|item| (item.to_string(), item));
                    let page = paging(order, size, token).cut_in(order, items);
                    assert!(page.items.len() <= size as usize && !page.items.is_empty());
                    read.extend(page.items);
                    token = page.next;
                    if token.is_none() {
                        break;
                    }
                }
                assert_eq!(read, expected, "{size} at a time");
            }
        }
    }

    #[test]
    fn what_comes_and_goes_between_pages_moves_nothing_else() {
        let cut = |items: &str, token| {
            let items = items.chars().map(|item| (item.to_string(), item));
            paging(Order::Ascending, 2, token).cut(items.collect::<Vec<_>>())
        };
        let first = cut("abcd", None);
        assert_eq!(first.items, ['a', 'b']);
        assert_eq!(cut("aacde", first.next).items, ['c', 'd'], "b, where the page ended, is gone");
    }

    /// However far back a page is, what is in front of it costs nothing.
    #[test]
    fn of_what_is_numbered_nothing_but_the_page_is_made() {
        let count = usize::MAX - 7;
        let after = |after: usize| Some(after.to_string());
        let page = |after| {
            let paging = Paging { after, ..paging(Order::Ascending, 3, None) };
            paging.cut_numbered(count, |number| number)
        };
        assert_eq!(page(None).expect("the first").items, [0, 1, 2]);
        let far = page(after(count - 5)).expect("a number");
        assert_eq!(far.items, [count - 4, count - 3, count - 2]);
        let rest = paging(Order::Ascending, 3, far.next).cut_numbered(count, |number| number);
        let rest = rest.expect("its own token");
        assert_eq!((rest.items, rest.next), (vec![count - 1], None));
        assert!(page(after(count)).expect("a number").items.is_empty());
        assert!(page(Some("x".to_owned())).is_err());
    }

    #[test]
    fn a_token_is_of_its_own_list() {
        let page =
            paging(Order::Ascending, 1, None).cut([("a".to_owned(), 1), ("b".to_owned(), 2)]);
        for (operation, filters) in
            [("ListOthers", Order::Ascending), ("ListThings", Order::Descending)]
        {
            let refused = Paging::of(operation, &filters, 1, page.next.clone()).err();
            assert_eq!(refused, Some(InvalidToken));
        }
    }
}
