//! Configurations, as they come.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_agent::HttpControlPlane;
use berth_proxy_protocol::{CONFIGURATION_PATH, Configuration};
use bytes::Bytes;
use http::StatusCode;
use rand::RngExt;

use super::{SERVICE, Shared};

/// Between two attempts, more or less: proxies that lose a server together do not all come back at once.
const PAUSE: Duration = Duration::from_secs(1);

/// How often is looked for addresses that somebody else had.
const AGAIN: Duration = Duration::from_secs(5);

/// Takes what a configuration wants and could not have, once it can be had.
pub async fn catch_up(shared: &Shared) -> Infallible {
    loop {
        tokio::time::sleep(AGAIN).await;
        let _held = shared.applying.lock().await;
        if shared.proxy.try_again() {
            tracing::info!("a listener has what it could not have before");
            shared.applied.notify_one();
        }
    }
}

/// Applies one configuration after another, for ever.
pub async fn follow(control_plane: &HttpControlPlane, shared: &Shared) {
    let mut revision = None;
    let mut is_cut_off = false;
    loop {
        match newer(control_plane, revision).await {
            Ok(newer) => {
                if std::mem::take(&mut is_cut_off) {
                    tracing::info!("the control plane tells its configuration again");
                }
                if let Some((configuration, bytes)) = newer {
                    revision = Some(configuration.revision);
                    // One that takes over finds what is carried in the file.
                    let _held = shared.applying.lock().await;
                    apply(shared, &configuration);
                    shared.kept.keep(&bytes).await;
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut is_cut_off, true) {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "no configuration can be had; the last one is carried on"
                    );
                }
                tokio::time::sleep(PAUSE.mul_f64(rand::rng().random_range(0.5..1.5))).await;
            }
        }
    }
}

/// `None`: there was none for a while, and it is time to ask again.
async fn newer(
    control_plane: &HttpControlPlane,
    revision: Option<u64>,
) -> Result<Option<(Configuration, Bytes)>> {
    let path = match revision {
        Some(revision) => format!("{CONFIGURATION_PATH}?after={revision}"),
        None => CONFIGURATION_PATH.to_owned(),
    };
    let answer = control_plane.exchange(SERVICE, &path, None).await?;
    match answer.status() {
        StatusCode::NOT_MODIFIED => Ok(None),
        StatusCode::OK => {
            let bytes = answer.into_body();
            let read =
                serde_json::from_slice(&bytes).context("the configuration cannot be read")?;
            Ok(Some((read, bytes)))
        }
        status => bail!("{status}: {}", String::from_utf8_lossy(answer.body())),
    }
}

fn apply(shared: &Shared, configuration: &Configuration) {
    shared.proxy.apply(configuration);
    for listener in shared.proxy.state().listeners {
        let (arn, address) = (&listener.arn, listener.address);
        if let Some(problem) = &listener.problem {
            tracing::warn!(arn, %address, problem, "a listener cannot be had");
        }
        if let Some(lack) = &listener.lack {
            tracing::warn!(arn, %address, lack, "a listener does not do all that it should");
        }
    }
    tracing::info!(
        revision = configuration.revision,
        balancers = configuration.balancers.len(),
        "carrying another configuration"
    );
    shared.applied.notify_one();
}
