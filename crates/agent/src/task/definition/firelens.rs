//! FireLens: one container of the task routes the logs of those that log through `awsfirelens`.
//!
//! Here both sides are put into the engine's terms: the router gets its generated configuration and the
//! folder of its socket, the others Docker's `fluentd` driver with that socket's address. `config.rs` writes
//! the configuration. What is known only when a container is made is added by `preparation/firelens.rs`.

mod config;

use std::collections::BTreeMap;
use std::path::PathBuf;

use berth_agent_protocol::acs;
use berth_lifecycle::{Condition, Need};
use berth_runtime::{Mount, MountSource};
use serde_json::{Value, json};

use super::{ContainerDefinition, Networking, Refusal, container, task_id};
use crate::options::Options;
use crate::router_files::Owner;
use crate::sources::ObjectName;
use config::{Config, Kind, Network};

/// AWS: where routers expect things, and their images are made for it.
const SOCKET_FOLDER: &str = "/var/run/";
/// A log option that is the driver's own; all others are the router's.
const BUFFER_LIMIT: &str = "log-driver-buffer-limit";
pub(crate) const CONFIG_FILE: &str = "fluent.conf";
pub(crate) const EXTERNAL_FILE: &str = "external.conf";

/// What is made for the router before it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Router {
    pub(crate) task_id: String,
    /// The text of [`CONFIG_FILE`].
    pub(crate) config: String,
    /// The object whose text is [`EXTERNAL_FILE`].
    pub(crate) external: Option<ObjectName>,
    pub(crate) owner: Option<Owner>,
}

/// A container whose logs go through the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Routed {
    pub(crate) router: String,
    /// It may also speak to the router itself, at an address that it is told when it is made.
    pub(crate) is_in_bridge: bool,
}

/// A container's log options.
type LogOptions = BTreeMap<String, String>;

pub(super) fn compile(
    task: &acs::Task,
    networking: Networking,
    options: &Options,
    containers: &mut [ContainerDefinition],
) -> Result<(), Refusal> {
    let routed: BTreeMap<String, LogOptions> = containers
        .iter()
        .filter_map(|container| Some((container.name.clone(), routed_options(container)?)))
        .collect();
    let mut routers = (0..containers.len())
        .filter_map(|at| Some((at, task.containers[at].firelens_configuration.as_ref()?)));
    let Some((at, firelens)) = routers.next() else {
        return match routed.first_key_value() {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::unreadable(format_args!(
                "container `{name}` logs through awsfirelens, and no container has a firelensConfiguration"
            ))),
        };
    };
    if routers.next().is_some() {
        return Err(Refusal::unreadable("more than one container has a firelensConfiguration"));
    }
    let id = task_id(&task.arn);
    // It becomes part of a path.
    if id.is_empty() || !id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        return Err(Refusal::unreadable(format_args!("`{id}` is no task's id")));
    }
    let folder = options.router_files.folder(id);
    let name = containers[at].name.clone();
    for container in containers.iter_mut().filter(|container| routed.contains_key(&container.name))
    {
        let socket = folder.join("socket/fluent.sock");
        route(container, &name, &routed[&container.name], id, socket, networking);
    }
    let router = Router {
        task_id: id.to_owned(),
        config: configuration(task, firelens, networking, options, &containers[at], &routed)?,
        external: external_object(firelens)?,
        owner: owner(&containers[at])?,
    };
    make_router(&mut containers[at], Kind::of(firelens)?, router, folder);
    lean_on_router(containers, at, &routed);
    Ok(())
}

fn routed_options(container: &ContainerDefinition) -> Option<LogOptions> {
    let log = container.spec.engine.host_config.get("LogConfig")?;
    (log.get("Type")?.as_str()? == "awsfirelens").then(|| {
        let options = log.get("Config").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        options.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    })
}

/// Docker's `fluentd` driver in the place of `awsfirelens`.
fn route(
    container: &mut ContainerDefinition,
    router: &str,
    options: &LogOptions,
    task_id: &str,
    socket: PathBuf,
    networking: Networking,
) {
    let mut driver = BTreeMap::from([
        ("tag", format!("{}-firelens-{task_id}", container.name)),
        ("fluentd-address", format!("unix://{}", socket.display())),
        ("fluentd-sub-second-precision", "true".to_owned()),
    ]);
    if let Some(limit) = options.get(BUFFER_LIMIT) {
        driver.insert("fluentd-buffer-limit", limit.clone());
    }
    let log = json!({ "Type": "fluentd", "Config": driver });
    container.spec.engine.host_config.insert("LogConfig".to_owned(), log);
    container.routed =
        Some(Routed { router: router.to_owned(), is_in_bridge: networking == Networking::Bridge });
}

fn configuration(
    task: &acs::Task,
    firelens: &acs::FirelensConfiguration,
    networking: Networking,
    options: &Options,
    router: &ContainerDefinition,
    routed: &BTreeMap<String, LogOptions>,
) -> Result<String, Refusal> {
    let kind = Kind::of(firelens)?;
    let network = match networking {
        Networking::Bridge => Network::Reachable,
        Networking::Host | Networking::None => Network::SocketOnly,
    };
    let mut config = Config::new(kind, network, container::promised_mib(router));
    // AWS: on unless it is switched off; what is no truth value does not switch it off.
    if firelens.options.get("enable-ecs-log-metadata").map(String::as_str) != Some("false") {
        let cluster = task.task_cluster_arn.as_deref().unwrap_or(&options.cluster);
        config.add_to_records("ecs_cluster", cluster.rsplit('/').next().unwrap_or(cluster));
        config.add_to_records("ecs_task_arn", &task.arn);
        let definition = format!("{}:{}", task.family, task.version);
        config.add_to_records("ecs_task_definition", &definition);
    }
    if let Some(path) = external_path(firelens, kind)? {
        config.include(path);
    }
    for (name, options) in routed {
        let options = options.iter().filter(|(name, _)| *name != BUFFER_LIMIT);
        config.route(name, options).map_err(|fault| {
            Refusal::uninitialised(format_args!("unable to generate firelens config: {fault}"))
        })?;
    }
    Ok(config.to_string())
}

/// The file that the generated configuration includes, as the router sees it.
fn external_path(
    firelens: &acs::FirelensConfiguration,
    kind: Kind,
) -> Result<Option<String>, Refusal> {
    let value = || {
        firelens.options.get("config-file-value").cloned().ok_or_else(|| {
            Refusal::unreadable(
                "firelensConfiguration has a config-file-type and no config-file-value",
            )
        })
    };
    match firelens.options.get("config-file-type").map(String::as_str) {
        None => Ok(None),
        Some("file") => value().map(Some),
        Some("s3") => Ok(Some(kind.external_path().to_owned())),
        Some(other) => Err(Refusal::unsupported(format_args!("the config-file-type `{other}`"))),
    }
}

fn external_object(firelens: &acs::FirelensConfiguration) -> Result<Option<ObjectName>, Refusal> {
    let value = || firelens.options.get("config-file-value").map_or("", String::as_str);
    match firelens.options.get("config-file-type").map(String::as_str) {
        Some("s3") => {
            value().parse().map(Some).map_err(|fault: <ObjectName as std::str::FromStr>::Err| {
                Refusal::unreadable(format_args!("config-file-value: {fault}"))
            })
        }
        _ => Ok(None),
    }
}

/// AWS: the socket's folder belongs to the router's user, who must be told by number unless it is root.
fn owner(router: &ContainerDefinition) -> Result<Option<Owner>, Refusal> {
    let user = router.spec.engine.config.get("User").and_then(Value::as_str).unwrap_or_default();
    if matches!(user, "" | "root") {
        return Ok(None);
    }
    let (uid, gid) = match user.split_once(':') {
        Some((uid, gid)) => (uid, Some(gid)),
        None => (user, None),
    };
    let parsed =
        || Some(Owner { uid: uid.parse().ok()?, gid: gid.map(str::parse).transpose().ok()? });
    let unusable = || {
        Refusal::uninitialised(format_args!(
            "the user `{user}` of the log router `{}` is not a user's number, perhaps with a group's after a colon",
            router.name
        ))
    };
    parsed().map(Some).ok_or_else(unusable)
}

fn make_router(container: &mut ContainerDefinition, kind: Kind, router: Router, folder: PathBuf) {
    let mount = |source: &str, target: &str| Mount {
        source: MountSource::Host(folder.join(source).to_string_lossy().into_owned()),
        target: target.to_owned(),
        read_only: false,
    };
    let spec = &mut container.spec;
    spec.mounts.push(mount(&format!("config/{CONFIG_FILE}"), kind.config_path()));
    spec.mounts.push(mount("socket", SOCKET_FOLDER));
    if router.external.is_some() {
        spec.mounts.push(mount(&format!("config/{EXTERNAL_FILE}"), kind.external_path()));
    }
    if kind == Kind::Fluentd {
        // AWS: fluentd's image has a user of its own, who may not use the socket's folder.
        spec.environment.insert("FLUENT_UID".to_owned(), "0".to_owned());
    }
    container.router = Some(router);
}

/// AWS: the router starts first and so stops last, unless it waits for others itself.
fn lean_on_router(
    containers: &mut [ContainerDefinition],
    at: usize,
    routed: &BTreeMap<String, LogOptions>,
) {
    if !containers[at].needs.is_empty() {
        return;
    }
    let router = containers[at].name.clone();
    for container in containers.iter_mut() {
        let needs_it = container.needs.iter().any(|need| need.container == router);
        if container.name != router && routed.contains_key(&container.name) && !needs_it {
            container.needs.push(Need { container: router.clone(), condition: Condition::Start });
        }
    }
}

#[cfg(test)]
mod tests;
