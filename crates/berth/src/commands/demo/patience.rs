//! Waiting for a state that somebody else brings about.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const AT_MOST: Duration = Duration::from_secs(60);

/// Looks again and again until there is an answer; `what` says what did not happen if there never is.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let end = Instant::now() + AT_MOST;
    loop {
        if let Some(answer) = look().await? {
            return Ok(answer);
        }
        if Instant::now() >= end {
            bail!("waited {} s in vain until {what}", AT_MOST.as_secs());
        }
        sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_the_wait() {
        let mut looks = 0;
        let answer = until("x", async || {
            looks += 1;
            Ok((looks == 3).then_some("there"))
        });
        assert_eq!(answer.await.expect("the third look finds it"), "there");
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_happens_is_told() {
        let error = until::<()>("a host joins", async || Ok(None)).await.expect_err("never");
        assert_eq!(error.to_string(), "waited 60 s in vain until a host joins");
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_ends_the_wait_at_once() {
        let began = Instant::now();
        let error = until::<()>("x", async || bail!("broken")).await.expect_err("it failed");
        assert_eq!((error.to_string().as_str(), began.elapsed()), ("broken", Duration::ZERO));
    }
}
