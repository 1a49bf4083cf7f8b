//! Who connects, as which container instance, and what the tables remember of it.

use berth_agent_protocol::{Exception, ExceptionKind};
use berth_aws_api::{ServiceError, ecs as api};
use berth_control::cell::WriteError;
use berth_control::pipeline::Call;
use berth_control::pipeline::websocket::Opening;
use berth_model::{ClusterId, ContainerInstanceId, ContainerInstanceStatus, Timestamp};

use crate::identity::speaks_for;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{AgentVersion, ContainerInstance};

/// Sequence numbers that one session may use; the next one begins after them.
///
/// AWS: an agent remembers the highest number it has seen, and drops a manifest with a lower one. Setting
/// a block aside for each session keeps them rising with one write for each connection.
pub const SEQUENCE_BLOCK: u64 = 1 << 20;

/// The query of an agent's web socket, resolved.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub cluster: ClusterId,
    pub instance: ContainerInstanceId,
    version: AgentVersion,
}

impl Handshake {
    pub fn parse(ecs: &Ecs, call: &Call, opening: &Opening) -> Result<Self, Exception> {
        let given = |name: &str| opening.parameter(name).filter(|value| !value.is_empty());
        // AWS: the two sockets name the same parameters differently.
        let cluster = given("clusterArn").or_else(|| given("cluster"));
        let instance = given("containerInstanceArn")
            .or_else(|| given("containerInstance"))
            .ok_or_else(|| {
                Exception::new(ExceptionKind::BadRequest, "The query has no containerInstanceArn.")
            })?;
        let view = ecs.cell.snapshot();
        let cluster = resolve::cluster(&view, &call.scope, cluster.as_deref())
            .map_err(|error| Exception::new(ExceptionKind::InvalidCluster, words(&error)))?;
        let instance = resolve::container_instance(&view, &cluster, &instance)
            .map_err(|error| Exception::new(ExceptionKind::InvalidInstance, words(&error)))?
            .ok_or_else(|| {
                Exception::new(
                    ExceptionKind::InvalidInstance,
                    "There is no such container instance.",
                )
            })?;
        if instance.status == ContainerInstanceStatus::Inactive {
            return Err(deregistered());
        }
        if !speaks_for(call, &instance) {
            let message = "The container instance was registered with other credentials.";
            return Err(Exception::new(ExceptionKind::AccessDenied, message));
        }
        let text = |name: &str| given(name).unwrap_or_default().into_owned();
        let version = AgentVersion {
            agent_version: text("agentVersion"),
            agent_hash: text("agentHash"),
            docker_version: text("dockerVersion"),
        };
        Ok(Self { cluster: cluster.id, instance: instance.id, version })
    }
}

/// Notes that the agent is there. Answers the sequence number that this session counts up from.
pub async fn connected(ecs: &Ecs, agent: &Handshake, now: Timestamp) -> Result<u64, Exception> {
    let Handshake { instance, version, .. } = agent.clone();
    let written = ecs.cell.write(move |tx| {
        let found = tx.get::<ContainerInstance>(&instance);
        let Some(found) = found.filter(|found| found.status != ContainerInstanceStatus::Inactive)
        else {
            return Err(deregistered());
        };
        let first = found.sequence;
        let changed = !found.agent_connected;
        let found = ContainerInstance {
            agent_connected: true,
            agent: if version.agent_version.is_empty() { found.agent.clone() } else { version },
            version: found.version + u64::from(changed),
            sequence: first + SEQUENCE_BLOCK,
            connection_changed_at: Some(now),
            ..found.clone()
        };
        tx.put(found);
        Ok(first)
    });
    match written.await {
        Ok(first) => Ok(first),
        Err(WriteError::Aborted(exception)) => Err(exception),
        Err(WriteError::Panicked(_) | WriteError::Cell(_)) => Err(Exception::new(
            ExceptionKind::Server,
            "The control plane cannot take agents right now.",
        )),
    }
}

/// Notes that the agent is gone, unless a session has begun since the one that began after this number.
pub async fn disconnected(ecs: &Ecs, agent: &Handshake, begins_after: u64) {
    let (id, now) = (agent.instance, ecs.env.now());
    let written = ecs.cell.write(move |tx| {
        let is_latest =
            |found: &&ContainerInstance| found.sequence == begins_after + SEQUENCE_BLOCK;
        if let Some(found) =
            tx.get::<ContainerInstance>(&id).filter(is_latest).filter(|found| found.agent_connected)
        {
            let version = found.version + 1;
            let found = ContainerInstance {
                agent_connected: false,
                version,
                connection_changed_at: Some(now),
                ..found.clone()
            };
            tx.put(found);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    if let Err(error) = written.await {
        tracing::debug!(instance = %id, %error, "the end of a session could not be noted");
    }
}

fn words(error: &api::Error) -> &str {
    error.message().unwrap_or_default()
}

fn deregistered() -> Exception {
    Exception::new(ExceptionKind::InactiveInstance, "The container instance is deregistered.")
}
