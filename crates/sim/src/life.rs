//! A simulated process: what is spawned in it dies with it, wherever it stands.

use tokio_util::sync::CancellationToken;

/// One process's life. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Life(CancellationToken);

impl Life {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let ended = self.0.clone();
        tokio::spawn(async move {
            ended.run_until_cancelled_owned(work).await;
        });
    }

    /// The result of work that this process does for somebody outside; `None` if it died over it.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let ended = self.0.clone();
        // The work is the process's: it goes on if whoever waits for it goes away.
        let done = tokio::spawn(async move { ended.run_until_cancelled_owned(work).await });
        done.await.ok().flatten()
    }

    /// A part of it, which can also end alone.
    pub fn part(&self) -> Self {
        Self(self.0.child_token())
    }

    pub fn is_over(&self) -> bool {
        self.0.is_cancelled()
    }

    pub fn end(&self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_with_its_process_and_with_no_other() {
        let (one, other) = (Life::new(), Life::new());
        let waiting = tokio::spawn({
            let one = one.clone();
            async move { one.run(std::future::pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        one.end();
        assert_eq!(waiting.await.unwrap(), None);
        assert_eq!(other.run(async { 1 }).await, Some(1));
        assert_eq!(one.run(async { 1 }).await, None);
    }
}
