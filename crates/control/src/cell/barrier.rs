//! How far a follower has to be before it answers a read.
//!
//! Asking the store costs a round trip between machines, so readers share questions. Nobody is content with the answer to
//! a question that was put before they came: what was written in between would be missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use berth_store::{Revision, Store, StoreError};
use tokio::sync::Mutex;

pub(super) struct Barrier {
    store: Arc<dyn Store>,
    /// Questions that have been put.
    asked: AtomicU64,
    latest: Mutex<Answered>,
}

/// The latest answer.
struct Answered {
    question: u64,
    head: Result<Revision, Arc<StoreError>>,
}

impl Barrier {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let latest = Answered { question: 0, head: Ok(Revision(0)) };
        Barrier { store, asked: AtomicU64::new(0), latest: Mutex::new(latest) }
    }

    /// The newest revision that was committed when this was called, or a later one.
    pub(super) async fn head(&self) -> Result<Revision, Arc<StoreError>> {
        let enough = self.asked.load(Ordering::SeqCst) + 1;
        let mut latest = self.latest.lock().await;
        // Those who waited for the question in flight find that one of them has put the next for all.
        if latest.question < enough {
            let question = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            let head = self.store.head().await.map_err(Arc::new);
            *latest = Answered { question, head };
        }
        latest.head.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use async_trait::async_trait;
    use berth_store::{Batch, Committed, Fence, Leader, Leadership, Loaded};
    use futures_util::stream::BoxStream;
    use tokio::sync::watch;

    use super::*;

    /// A head that moves by itself, asked for over a slow wire.
    #[derive(Default)]
    struct Slow {
        head: AtomicU64,
        questions: AtomicU64,
    }

    #[async_trait]
    impl Store for Slow {
        async fn head(&self) -> Result<Revision, StoreError> {
            self.questions.fetch_add(1, Ordering::SeqCst);
            let head = self.head.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            match head {
                13 => Err(StoreError::Stopped("unlucky".to_owned())),
                head => Ok(Revision(head)),
            }
        }

        async fn load(&self) -> Result<Loaded, StoreError> {
            unreachable!("readers ask for the head")
        }

        async fn commit(&self, _: Fence, _: Batch) -> Result<Revision, StoreError> {
            unreachable!("readers ask for the head")
        }

        async fn watch(
            &self,
            _: Revision,
        ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
            unreachable!("readers ask for the head")
        }

        async fn campaign(&self, _: &str) -> Result<Leadership, StoreError> {
            unreachable!("readers ask for the head")
        }

        async fn resign(&self, _: Fence) -> Result<(), StoreError> {
            unreachable!("readers ask for the head")
        }

        fn leader(&self) -> watch::Receiver<Option<Leader>> {
            unreachable!("readers ask for the head")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn readers_share_a_question_that_was_put_after_they_came() {
        let store = Arc::new(Slow::default());
        let barrier = Arc::new(Barrier::new(store.clone()));
        let ask = || {
            let barrier = barrier.clone();
            tokio::spawn(async move { barrier.head().await })
        };
        store.head.store(1, Ordering::SeqCst);
        let first = ask();
        tokio::time::sleep(Duration::from_millis(5)).await;
        store.head.store(2, Ordering::SeqCst);
        let late: Vec<_> = (0..100).map(|_| ask()).collect();
        assert_eq!(first.await.unwrap().unwrap(), Revision(1));
        for reader in late {
            assert_eq!(reader.await.unwrap().unwrap(), Revision(2), "not what was asked before");
        }
        assert_eq!(store.questions.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn readers_share_a_failure_and_a_reader_that_left_takes_no_answer_along() {
        let store = Arc::new(Slow::default());
        let barrier = Arc::new(Barrier::new(store.clone()));
        let left = tokio::time::timeout(Duration::from_millis(5), barrier.head()).await;
        left.expect_err("it takes longer");
        store.head.store(13, Ordering::SeqCst);
        let (one, other, last) = tokio::join!(barrier.head(), barrier.head(), barrier.head());
        assert!(one.is_err() && other.is_err() && last.is_err());
        let questions = store.questions.load(Ordering::SeqCst);
        assert_eq!(questions, 3, "for whoever left, for the first, for the two who came then");
        store.head.store(14, Ordering::SeqCst);
        assert_eq!(barrier.head().await.unwrap(), Revision(14));
    }
}
