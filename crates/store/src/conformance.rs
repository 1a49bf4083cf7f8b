//! What every store must do, as tests.
//!
//! [`conformance!`](crate::conformance) makes a test of each function here for one kind of store, which it
//! gets from a [`Factory`]. A function opens the factory's store as often as it likes: what it left there
//! the last time must still be there.

mod commits;
mod leadership;
mod watching;

use std::future::Future;

use bytes::Bytes;

pub use commits::*;
pub use leadership::*;
pub use watching::*;

use crate::{Batch, Fence, Key, Store, Write};

/// Makes stores over one place, which is empty at first. A store is dropped before the next is opened.
pub trait Factory: Send + Sync {
    type Store: Store;

    fn open(&self) -> impl Future<Output = Self::Store> + Send;

    /// Another server's store over the same place, while the first one is open: None if there can be but one.
    fn beside(&self, store: &Self::Store) -> impl Future<Output = Option<Self::Store>> + Send;

    /// How many batches a follower of these stores may be behind: at least 4.
    fn history(&self) -> usize;

    /// Makes the store forget what it need not keep for followers, if it does not do so with each commit.
    fn forget(&self, store: &Self::Store) -> impl Future<Output = ()> + Send {
        let _ = store;
        async {}
    }
}

/// One `#[tokio::test]` per function of the suite. The expression makes the factory, anew for each.
#[macro_export]
macro_rules! conformance {
    ($factory:expr) => {
        $crate::conformance! {
            @tests $factory;
            a_new_store_is_empty
            a_batch_is_there_after_reopening
            writes_apply_in_order
            records_come_in_key_order
            deleting_removes_and_deleting_nothing_is_nothing
            empty_keys_and_values_are_values
            an_empty_batch_counts
            a_large_batch_is_whole
            large_values_come_back
            revisions_count_batches_across_reopening
            the_head_is_the_newest_revision
            concurrent_commits_each_get_a_revision
            a_new_leader_fences_the_old
            fences_grow_across_reopening
            nobody_commits_without_leading
            the_leader_hears_that_it_lost
            whoever_resigned_commits_no_more
            who_leads_is_known
            candidates_wait_for_the_leader
            whoever_withdraws_does_not_lead
            candidates_lead_one_after_the_other
            followers_see_batches_in_order
            a_follower_starts_where_it_says
            a_follower_waits_for_what_comes
            followers_do_not_see_refused_batches
            a_follower_too_far_behind_is_told
        }
    };
    (@tests $factory:expr; $($name:ident)+) => {$(
        #[tokio::test]
        async fn $name() {
            $crate::conformance::$name(&$factory).await;
        }
    )+};
}

fn key(table: u16, key: impl Into<Vec<u8>>) -> Key {
    Key { table, key: Bytes::from(key.into()) }
}

fn put(at: &str, value: &str) -> Write {
    Write::Put { key: key(1, at), value: Bytes::copy_from_slice(value.as_bytes()) }
}

fn delete(at: &str) -> Write {
    Write::Delete { key: key(1, at) }
}

fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { writes: writes.into_iter().collect() }
}

async fn lead(store: &impl Store) -> Fence {
    store.campaign("conformance").await.expect("a lone candidate leads").fence
}

async fn records(store: &impl Store) -> Vec<(Key, Bytes)> {
    store.load().await.expect("a sound store loads").records
}

/// The records of table 1, as text.
async fn texts(store: &impl Store) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("these tests write text");
    records(store).await.iter().map(|(key, value)| (text(&key.key), text(value))).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}
