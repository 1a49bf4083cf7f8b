//! Fetching the page that the demo's containers serve.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Where the demo's program listens inside its container.
pub const CONTAINER_PORT: u16 = 80;
pub const HEALTH_PATH: &str = "/health";

/// What the page has, and no other one that something else on this host may serve.
const MARK: &str = "<title>Berth: your task is running</title>";
const LONGEST: usize = 64 << 10;

/// Whether the demo's page is there.
pub async fn is_at(url: &str) -> Result<bool> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let address: http::Uri = url.parse()?;
    // Whoever does not listen yet, or breaks off, has no page.
    let Ok(answer) = client.get(address).await else { return Ok(false) };
    let is_good = answer.status().is_success();
    let Ok(body) = Limited::new(answer.into_body(), LONGEST).collect().await else {
        return Ok(false);
    };
    Ok(is_good && String::from_utf8_lossy(&body.to_bytes()).contains(MARK))
}
