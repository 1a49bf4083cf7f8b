//! What proxies ask and tell, over two paths of our own (`berth_proxy_protocol`).
//!
//! What a proxy is told has private keys and client secrets in it. So only hosts get it, by their own credentials, and on
//! another machine only by TLS.

mod feed;

use std::sync::Arc;
use std::time::Duration;

use berth_control::cell::{Changes, Feed as Commits};
use berth_control::pipeline::query::parameters;
use berth_control::pipeline::{Call, CommonError, PrincipalKind, Stopping};
use berth_control::tables::{Change, Record};
use berth_proxy_protocol::Report;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::time::Instant;

pub use feed::Feed;

use crate::proxies::Taken;
use crate::service::Balancing;
use crate::tables::{self, TargetHealth};

/// What policies and the audit call these two.
pub const FETCH: &str = "FetchProxyConfiguration";
pub const REPORT: &str = "ReportProxyFindings";

/// What agents may do of it: both.
pub const AGENT_ACTIONS: &[&str] = &[FETCH, REPORT];

/// How long a proxy waits for another configuration before it hears that there is none.
const PATIENCE: Duration = Duration::from_secs(25);

pub async fn configuration(
    balancing: Arc<Balancing>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    proxy(&call)?;
    if !call.secure && !call.source.is_loopback() {
        return Err(CommonError::AccessDenied(
            "A proxy on another machine is told its configuration by TLS only: it has private keys in it."
                .to_owned(),
        ));
    }
    let after = after(&request)?;
    let stopping = Stopping::of(&request);
    let deadline = Instant::now() + PATIENCE;
    // First, so that nothing falls between looking and waiting.
    let mut changes = balancing.cell.changes();
    loop {
        let told = balancing.feed.current(&balancing);
        if after != Some(told.revision) {
            return Ok(answer(StatusCode::OK, told.body.clone()));
        }
        let is_changed = tokio::select! {
            biased;
            () = stopping.cancelled() => false,
            () = tokio::time::sleep_until(deadline) => false,
            is_changed = concerned(&balancing, &mut changes) => is_changed,
        };
        if !is_changed {
            return Ok(answer(StatusCode::NOT_MODIFIED, Bytes::new()));
        }
    }
}

pub async fn report(
    balancing: Arc<Balancing>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let host = proxy(&call)?;
    let report: Report = serde_json::from_slice(request.body()).map_err(|error| {
        CommonError::Unreadable(format!("This is no report of a proxy: {error}"))
    })?;
    // No host can speak for another one's proxies.
    let name = format!("{host}/{}", report.proxy);
    let taken = balancing.proxies.take(&name, report);
    balancing.write_findings().await.map_err(|error| {
        tracing::warn!(%error, "what a proxy found out is not written down");
        CommonError::Unavailable("What was found out cannot be written down right now.".to_owned())
    })?;
    Ok(match taken {
        Taken::Yes => answer(StatusCode::NO_CONTENT, Bytes::new()),
        Taken::Incomplete => answer(StatusCode::CONFLICT, Bytes::new()),
    })
}

/// The host whose proxy calls.
fn proxy(call: &Call) -> Result<&str, CommonError> {
    match &call.principal.kind {
        PrincipalKind::Agent { host } => Ok(host),
        // Nobody proved anything with `--auth open`, where everyone may do everything.
        PrincipalKind::Anonymous => Ok("anonymous"),
        _ => Err(CommonError::AccessDenied(format!(
            "{} is no host: this is answered to proxies that sign with their host's credentials.",
            call.principal_arn()
        ))),
    }
}

fn after(request: &Request<Bytes>) -> Result<Option<u64>, CommonError> {
    let Some((_, value)) = parameters(request.uri()).find(|(name, _)| name == "after") else {
        return Ok(None);
    };
    value.parse().map(Some).map_err(|_| CommonError::Invalid {
        code: "InvalidParameterException",
        message: format!("`after` is a revision, not `{value}`."),
    })
}

/// Waits until something is committed that a configuration may depend on; false when nothing ever will be again.
async fn concerned(balancing: &Balancing, changes: &mut Changes) -> bool {
    let neighbours = &balancing.neighbours;
    loop {
        match changes.next().await {
            None => return false,
            Some(Commits::Resync) => return true,
            Some(Commits::Committed(commit)) => {
                let concerns = |change: &Change| {
                    // What proxies found out is theirs to know.
                    let table = change.table();
                    (tables::NUMBERS.contains(&table.number) && table != TargetHealth::TABLE)
                        || neighbours.certificates.concerns(change)
                        || neighbours.hosts.concerns(change)
                };
                if commit.changes.iter().any(concerns) {
                    return true;
                }
            }
        }
    }
}

fn answer(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
