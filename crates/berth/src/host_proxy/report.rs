//! What is found out about targets and listeners, told as it changes.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_agent::HttpControlPlane;
use berth_proxy::{ListenerState, State};
use berth_proxy_protocol::{ListenerDown, REPORT_EVERY, REPORT_PATH, Report};
use http::StatusCode;

use super::{SERVICE, Shared};

const PAUSE: Duration = Duration::from_secs(1);

/// Reports for ever.
pub async fn report(control_plane: &HttpControlPlane, shared: &Shared) {
    let proxy = shared.proxy.id().to_owned();
    let findings = shared.proxy.health();
    // The first says everything, as does the one after a report that was lost.
    let mut is_whole = true;
    let mut told: Option<Vec<String>> = None;
    loop {
        let targets = match is_whole {
            true => findings.all(),
            false => tokio::select! {
                biased;
                news = findings.news() => news,
                () = shared.applied.notified() => Vec::new(),
                () = tokio::time::sleep(REPORT_EVERY) => Vec::new(),
            },
        };
        let State { balancers, listeners, .. } = shared.proxy.state();
        let listeners_down = down(listeners);
        let carried = Some(balancers).filter(|now| is_whole || told.as_ref() != Some(now));
        let report = Report {
            proxy: proxy.clone(),
            is_whole,
            targets,
            carried: carried.clone(),
            listeners_down,
        };
        is_whole = match tell(control_plane, &report).await {
            Ok(is_taken) => {
                told = carried.or(told);
                !is_taken
            }
            Err(error) => {
                tracing::debug!(error = format!("{error:#}"), "a report was not taken");
                tokio::time::sleep(PAUSE).await;
                true
            }
        };
    }
}

fn down(listeners: Vec<ListenerState>) -> Vec<ListenerDown> {
    let down = listeners.into_iter().filter_map(|listener| {
        let problem = listener.problem?;
        Some(ListenerDown {
            listener: listener.arn,
            reason: format!("{}: {problem}", listener.address),
        })
    });
    down.collect()
}

/// Whether it was taken; if not, everything is wanted.
async fn tell(control_plane: &HttpControlPlane, report: &Report) -> Result<bool> {
    let body = serde_json::to_vec(report).context("a report can be written")?;
    let answer = control_plane.exchange(SERVICE, REPORT_PATH, Some(body.into())).await?;
    match answer.status() {
        StatusCode::NO_CONTENT => Ok(true),
        StatusCode::CONFLICT => Ok(false),
        status => bail!("{status}: {}", String::from_utf8_lossy(answer.body())),
    }
}
