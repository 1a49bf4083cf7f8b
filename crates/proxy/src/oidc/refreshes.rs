//! Each session is refreshed once, however many requests come with it: of a refresh token that is good for one time
//! only, the second use would log the user out.
//!
//! Requests that were on their way with the old cookies get what came of it for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, Shared};
use tokio::time::Instant;

use super::reason::Reason;
use super::session::Session;

/// How long an answer is remembered, and one that was a refusal.
const KEPT: Duration = Duration::from_secs(60);
const REFUSAL_KEPT: Duration = Duration::from_secs(5);
/// More at once are not remembered.
const MOST: usize = 10_000;

type Outcome = Result<Arc<Session>, Reason>;
type Refreshing = Shared<BoxFuture<'static, Outcome>>;

#[derive(Default)]
pub(super) struct Refreshes(Mutex<HashMap<[u8; 16], (Instant, Refreshing)>>);

impl Refreshes {
    /// `refresh` is done if nobody else does it, or did it just now; then to its end, whoever waits for it. Says too whether it
    /// was.
    pub(super) async fn once(
        &self,
        session: [u8; 16],
        refresh: impl Future<Output = Result<Session, Reason>> + Send + 'static,
    ) -> (Outcome, bool) {
        let (refreshing, is_ours) = {
            let now = Instant::now();
            let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match under_way.get(&session).filter(|entry| is_fresh(entry, now)) {
                Some((_, refreshing)) => (refreshing.clone(), false),
                None => {
                    if under_way.len() >= MOST {
                        under_way.retain(|_, entry| is_fresh(entry, now));
                    }
                    let task = tokio::spawn(refresh);
                    let refreshing =
                        async move { task.await.unwrap_or(Err(Reason::Unhandled)).map(Arc::new) };
                    let refreshing = refreshing.boxed().shared();
                    if under_way.len() < MOST {
                        under_way.insert(session, (now, refreshing.clone()));
                    }
                    (refreshing, true)
                }
            }
        };
        (refreshing.await, is_ours)
    }
}

fn is_fresh((began_at, refreshing): &(Instant, Refreshing), now: Instant) -> bool {
    let kept = match refreshing.peek() {
        Some(Err(_)) => REFUSAL_KEPT,
        Some(Ok(_)) | None => KEPT,
    };
    now.duration_since(*began_at) < kept
}
