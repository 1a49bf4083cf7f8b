//! Pagination tokens: where a listing goes on, in a form that clients cannot usefully take apart.
//!
//! ```
//! use berth_aws_protocol::page::Listing;
//!
//! let listing = Listing::new("ListTasks").of("cluster", "default").of("desiredStatus", "RUNNING");
//! let token = listing.token(b"the last key that was shown");
//! assert_eq!(listing.position(&token).unwrap(), b"the last key that was shown");
//! assert!(Listing::new("ListTasks").of("cluster", "other").position(&token).is_err());
//! ```
//!
//! A token is bound to its operation and filters, and carries a checksum, so that one from elsewhere or
//! one that was edited is refused instead of skipping entries. It is no secret and no proof: a position
//! must never let its holder see what the listing itself would not show.

mod paging;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use paging::{Order, Page, Paging};

/// Changes when positions of older builds are no longer understood.
const VERSION: u8 = 1;
const CHECKSUM: usize = 12;

/// One listing: an operation with the filters that decide what it lists.
#[derive(Clone, Debug)]
pub struct Listing {
    binding: Sha256,
}

/// A token that this listing has not given out.
///
/// AWS: `InvalidParameterException`, `InvalidNextToken`, …: the code is the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The specified nextToken is invalid: it belongs to another request or has been changed.")]
pub struct InvalidToken;

impl Listing {
    pub fn new(operation: &str) -> Self {
        Listing { binding: Sha256::new() }.with(operation)
    }

    /// Binds the tokens to a filter's value as well. Page sizes do not belong here: they may change.
    #[must_use]
    pub fn of(self, filter: &str, value: &str) -> Self {
        self.with(filter).with(value)
    }

    /// A token for going on behind `position`.
    pub fn token(&self, position: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(1 + CHECKSUM + position.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.checksum(position));
        bytes.extend_from_slice(position);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a token.
    pub fn position(&self, token: &str) -> Result<Vec<u8>, InvalidToken> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| InvalidToken)?;
        let (head, position) = bytes.split_at_checked(1 + CHECKSUM).ok_or(InvalidToken)?;
        if head[0] == VERSION && head[1..] == self.checksum(position) {
            Ok(position.to_vec())
        } else {
            Err(InvalidToken)
        }
    }

    /// Each text with its length, so that no two lists of texts run together into the same bytes.
    fn with(mut self, text: &str) -> Self {
        self.binding.update((text.len() as u64).to_be_bytes());
        self.binding.update(text);
        self
    }

    fn checksum(&self, position: &[u8]) -> [u8; CHECKSUM] {
        let mut hash = self.binding.clone();
        hash.update([VERSION]);
        hash.update(position);
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&hash.finalize()[..CHECKSUM]);
        checksum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn filters_do_not_run_together() {
        let token = Listing::new("ListTasks").of("a", "bc").token(b"1");
        for other in [
            Listing::new("ListTasks"),
            Listing::new("ListTask").of("sa", "bc"),
            Listing::new("ListTasks").of("ab", "c"),
            Listing::new("ListTasks").of("a", "bc").of("d", ""),
        ] {
            assert_eq!(other.position(&token), Err(InvalidToken), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "AQ", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(Listing::new("ListTasks").position(text), Err(InvalidToken), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_token_gives_its_position_back(filter in ".*", position in proptest::collection::vec(any::<u8>(), 0..64)) {
            let listing = Listing::new("ListTasks").of("filter", &filter);
            prop_assert_eq!(listing.position(&listing.token(&position)), Ok(position));
        }

        #[test]
        fn one_changed_byte_is_noticed(position in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let listing = Listing::new("ListTasks");
            let mut bytes = URL_SAFE_NO_PAD.decode(listing.token(&position)).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_eq!(listing.position(&URL_SAFE_NO_PAD.encode(bytes)), Err(InvalidToken));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Listing::new("ListTasks").position(&text);
        }
    }
}
