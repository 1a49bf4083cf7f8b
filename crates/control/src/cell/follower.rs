//! A cell that another server writes: applies what is committed there, and waits to lead.
//!
//! The tables are the same that a leader has, and their changes are announced as a leader's are, so that whatever is
//! derived from them is warm when this server leads. Whoever wants to write is told that this server follows.
//!
//! Nothing is derived and nothing decided here. The one thing to be careful with is the moment of promotion: the old leader
//! commits nothing more once this one is elected, so what the store's head is then has to be applied first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use berth_store::{Committed, Leadership, Revision, Store, StoreError};
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};

use super::job::panic_message;
use super::task::Task;
use super::{CellError, OpenError, Request, Standing};

/// How long a store is left alone that did not answer.
const REST: Duration = Duration::from_millis(500);

/// A leadership, and the head of the store when it began.
type Elected = (Leadership, Revision);
type Election = BoxFuture<'static, Elected>;
type Batches = BoxStream<'static, Result<Committed, StoreError>>;

/// Follows until this server leads.
pub(super) async fn follow(task: &mut Task) -> Result<Leadership, CellError> {
    let store = task.store.clone();
    let mut batches = batches(store.clone(), applied(task));
    let mut leader = store.leader();
    let mut election = election(task);
    let mut elected: Option<Elected> = None;
    let mut is_heard = true;
    loop {
        if let Some((leadership, head)) = &elected {
            if *leadership.lost.borrow() {
                // Nothing was written under it: the tables are as true as before.
                (elected, election) = (None, self::election(task));
            } else if applied(task) >= *head {
                return Ok(leadership.clone());
            }
        }
        tokio::select! {
            biased;
            request = task.requests.recv() => match request {
                None => return Err(CellError::Closed),
                Some(Request::Run(job)) => job.failed(CellError::Following),
                Some(Request::Close(closer)) => {
                    task.closers.push(closer);
                    return Err(CellError::Closed);
                }
            },
            won = &mut election, if elected.is_none() => elected = Some(won),
            () = lost(&elected) => {}
            batch = batches.next() => {
                let batch = batch.unwrap_or_else(|| Err(StoreError::Stopped("it tells of nothing more".to_owned())));
                apply(task, batch)?;
            }
            changed = leader.changed(), if is_heard => {
                is_heard = changed.is_ok();
                let leader = leader.borrow_and_update().clone();
                tracing::info!(leader = leader.as_ref().map(|leader| &*leader.candidate), "following");
                task.shared.course.move_on(|place| place.standing = Standing::Following { leader });
            }
        }
    }
}

fn applied(task: &Task) -> Revision {
    task.shared.course.look(|place| place.applied)
}

/// Resolves when a leadership is lost that this server has not entered on yet.
async fn lost(elected: &Option<Elected>) {
    let Some((leadership, _)) = elected else { return future::pending().await };
    // A store that has dropped its side has no more to say.
    if leadership.lost.clone().wait_for(|lost| *lost).await.is_err() {
        future::pending().await
    }
}

/// Dropped, it withdraws the candidacy.
fn election(task: &Task) -> Election {
    let (store, candidate) = (task.store.clone(), task.options.candidate.clone());
    async move {
        let leadership = persistently("campaign", || store.campaign(&candidate)).await;
        let head = persistently("head", || store.head()).await;
        (leadership, head)
    }
    .boxed()
}

async fn persistently<T, F>(what: &'static str, ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => tracing::warn!(%error, what, "the store did not answer; asking again"),
        }
        tokio::time::sleep(REST).await;
    }
}

/// Batches after `from`, in order. It ends with its first error, which is that the store does not have them all any more;
/// everything else passes.
fn batches(store: Arc<dyn Store>, from: Revision) -> Batches {
    let start = Some((store, None::<Batches>, from));
    stream::unfold(start, |state| async move {
        let (store, mut open, mut at) = state?;
        loop {
            let next = match &mut open {
                None => match store.watch(at).await {
                    Ok(stream) => {
                        open = Some(stream);
                        continue;
                    }
                    Err(error) => Some(Err(error)),
                },
                Some(stream) => stream.next().await,
            };
            match next {
                Some(Ok(batch)) => {
                    at = batch.revision;
                    return Some((Ok(batch), Some((store, open, at))));
                }
                Some(Err(error @ StoreError::Compacted { .. })) => return Some((Err(error), None)),
                Some(Err(error)) => {
                    tracing::warn!(%error, "the store tells nothing new; asking again")
                }
                None => tracing::warn!("the store tells nothing new; asking again"),
            }
            open = None;
            tokio::time::sleep(REST).await;
        }
    })
    .boxed()
}

fn apply(task: &mut Task, batch: Result<Committed, StoreError>) -> Result<(), CellError> {
    let unfollowable = |error: OpenError| CellError::Unfollowable(Arc::new(error));
    let Committed { revision, batch } = batch.map_err(|error| unfollowable(error.into()))?;
    let expected = Revision(applied(task).0 + 1);
    if revision != expected {
        let gap = format!("revision {revision} came instead of {expected}");
        return Err(unfollowable(StoreError::Stopped(gap).into()));
    }
    let mut changes = Vec::new();
    // The services' own code runs here: encodings, keys, indexes.
    let transaction = &mut task.transaction;
    match catch_unwind(AssertUnwindSafe(|| transaction.apply(&batch, &mut changes))) {
        Ok(applied) => applied.map_err(unfollowable)?,
        Err(panic) => {
            return Err(CellError::Broken { table: None, reason: panic_message(&*panic) });
        }
    }
    let published = task.transaction.publish();
    task.show(published, changes, revision);
    Ok(())
}
