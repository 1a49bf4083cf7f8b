//! Fetching the page that the demo's containers serve.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

/// Where the demo's program listens inside its container.
pub const CONTAINER_PORT: u16 = 80;
pub const HEALTH_PATH: &str = "/health";

/// What the page has, and no other one that something else on this host may serve.
const MARK: &str = "<title>Berth: your task is running</title>";
const LONGEST: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the demo's page is there. Whoever does not listen yet, breaks off, or takes connections and says nothing, has none.
pub async fn is_at(url: &str) -> Result<bool> {
    let page = timeout(PATIENCE, fetch(url.parse()?)).await;
    Ok(page.ok().flatten().is_some_and(|page| String::from_utf8_lossy(&page).contains(MARK)))
}

async fn fetch(address: http::Uri) -> Option<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client.get(address).await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await.ok()?;
    Some(body.to_bytes())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::is_at;

    #[tokio::test(start_paused = true)]
    async fn somebody_else_who_listens_and_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        assert!(!is_at(&format!("http://{address}/")).await.expect("the address is one"));
    }
}
