//! Fetching the page that the demo's container serves.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::patience::until;

/// Where the demo's program listens inside its container.
pub const CONTAINER_PORT: u16 = 80;

/// A container may run a moment before its program listens.
pub async fn wait_for(url: &str) -> Result<()> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let address: http::Uri = url.parse()?;
    until(&format!("{url} answers"), async || {
        let answer = client.get(address.clone()).await;
        Ok(answer.ok().filter(|response| response.status().is_success()).map(drop))
    })
    .await
}
