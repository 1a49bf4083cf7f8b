//! What a log router and those that log through it need before they are made.

use berth_runtime::{ContainerSpec, RuntimeId};
use bytes::Bytes;
use serde_json::Value;

use super::super::definition::firelens::{CONFIG_FILE, EXTERNAL_FILE, Routed, Router};
use super::{Circumstances, Unprepared};
use crate::host::Host;
use crate::persist::while_unreachable;
use crate::sources::patiently;

/// AWS: Docker's first version with `fluentd-async`, which took the place of `fluentd-async-connect`.
const ASYNC_SINCE: (u32, u32) = (20, 10);

/// Lays out the router's files.
pub(super) async fn lay_out(
    host: &Host,
    router: &Router,
    circumstances: &Circumstances,
) -> Result<(), Unprepared> {
    let mut files = vec![(CONFIG_FILE, Bytes::from(router.config.clone()))];
    if let Some(object) = &router.external {
        let (sources, role) = (&host.options.sources, circumstances.execution_role.as_ref());
        let text = patiently(host, || sources.object(&object.bucket, &object.key, role)).await;
        let text = text.map_err(|error| {
            Unprepared(format!("unable to download firelens s3 config file: {error}"))
        })?;
        files.push((EXTERNAL_FILE, text));
    }
    let placed = host.options.router_files.place(&router.task_id, files, router.owner).await;
    placed.map_err(|error| Unprepared(format!("unable to generate firelens config file: {error}")))
}

/// Adds what depends on the engine, and on the router that runs by now.
pub(super) async fn connect(
    host: &Host,
    routed: &Routed,
    circumstances: &Circumstances,
    spec: &mut ContainerSpec,
) -> Result<(), Unprepared> {
    let failed = |fault: String| Unprepared(format!("unable to log through firelens: {fault}"));
    let info = while_unreachable(host, || host.runtime.info()).await;
    let version = info.map_err(|error| failed(error.to_string()))?.version;
    let option =
        if is_since(&version, ASYNC_SINCE) { "fluentd-async" } else { "fluentd-async-connect" };
    if let Some(Value::Object(options)) =
        spec.engine.host_config.get_mut("LogConfig").and_then(|log| log.get_mut("Config"))
    {
        // A router that is away for a moment must not keep the container from starting.
        options.insert(option.to_owned(), Value::from("true"));
    }
    if routed.is_in_bridge {
        let id = circumstances.router.as_ref();
        let address = address(host, id).await.map_err(failed)?;
        spec.environment.insert("FLUENT_HOST".to_owned(), address);
        spec.environment.insert("FLUENT_PORT".to_owned(), "24224".to_owned());
    }
    Ok(())
}

async fn address(host: &Host, router: Option<&RuntimeId>) -> Result<String, String> {
    let not_there = || "the log router does not run".to_owned();
    let id = router.ok_or_else(not_there)?;
    let state = while_unreachable(host, || host.runtime.inspect(id)).await;
    let state = state.map_err(|error| error.to_string())?.ok_or_else(not_there)?;
    let address = state.addresses.iter().find(|address| address.is_ipv4());
    address.map(ToString::to_string).ok_or_else(not_there)
}

/// Whether a version such as `20.10.24+dfsg1` is this one or newer; one that cannot be read is new.
fn is_since(version: &str, since: (u32, u32)) -> bool {
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= since,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, expected) in [
            ("19.03.15", false),
            ("20.9.0", false),
            ("20.10.24+dfsg1", true),
            ("28.0.1", true),
            ("dev", true),
        ] {
            assert_eq!(is_since(version, ASYNC_SINCE), expected, "{version}");
        }
    }
}
