//! What each message of the control plane means.
//!
//! A payload is acknowledged when its tasks are remembered, not before: an agent that dies in between is
//! sent it again. The tasks themselves do not wait for that.

use std::sync::Arc;

use berth_agent_protocol::acs::{
    AckRequest, DesiredStatus, FromServer, HeartbeatAckRequest, IAMRoleCredentialsAckRequest,
    IAMRoleCredentialsMessage, NackRequest, PayloadMessage, RoleType, TaskIdentifier,
    TaskManifestMessage, TaskStopVerificationAck, TaskStopVerificationMessage,
};
use tokio::sync::mpsc;

use super::reply;
use crate::host::Host;
use crate::memory::Version;
use crate::task::{Accepted, Register};

pub(super) struct Inbox {
    host: Arc<Host>,
    register: Arc<Register>,
    /// The latest manifest, while its stop verification may come.
    manifest: Option<String>,
}

type Out = mpsc::Sender<String>;

impl Inbox {
    pub(super) fn new(host: Arc<Host>, register: Arc<Register>) -> Self {
        Self { host, register, manifest: None }
    }

    pub(super) fn take(&mut self, frame: FromServer, out: &Out) {
        match frame {
            FromServer::Payload(payload) => self.payload(payload, out),
            FromServer::Heartbeat(heartbeat) => {
                reply(&self.host, out, HeartbeatAckRequest { message_id: heartbeat.message_id });
            }
            FromServer::Credentials(message) => self.refresh(message, out),
            FromServer::Manifest(manifest) => self.manifest(manifest, out),
            FromServer::StopVerificationAck(ack) => self.stop_verified(ack),
            FromServer::AttachTaskInterfaces(message) => self.decline(
                message.cluster_arn,
                message.container_instance_arn,
                message.message_id,
                "network interfaces of tasks (awsvpc) are not supported",
                out,
            ),
            FromServer::AttachInstanceInterfaces(message) => self.decline(
                message.cluster_arn,
                message.container_instance_arn,
                message.message_id,
                "network interfaces of hosts are not supported",
                out,
            ),
            FromServer::ConfirmAttachment(message) => self.decline(
                message.cluster_arn,
                message.container_instance_arn,
                message.message_id,
                "attachments are not supported",
                out,
            ),
            FromServer::StageUpdate(message) => self.decline(
                message.cluster_arn,
                message.container_instance_arn,
                message.message_id,
                UPDATES,
                out,
            ),
            FromServer::PerformUpdate(message) => self.decline(
                message.cluster_arn,
                message.container_instance_arn,
                message.message_id,
                UPDATES,
                out,
            ),
            FromServer::Close(message) => {
                tracing::info!(message.message, "the control plane closes")
            }
            FromServer::Error(message) => {
                tracing::warn!(message.message, "the control plane reports an error")
            }
            FromServer::Exception(exception) => {
                tracing::warn!(%exception, "the control plane refuses")
            }
        }
    }

    fn payload(&mut self, payload: PayloadMessage, out: &Out) {
        let PayloadMessage {
            message_id, cluster_arn, container_instance_arn, seq_num, tasks, ..
        } = payload;
        // AWS: such a payload is dropped, and not acknowledged.
        if message_id.is_empty() || cluster_arn.is_empty() || container_instance_arn.is_empty() {
            tracing::error!("a payload lacks its message, cluster or container instance");
            return;
        }
        let (stopped, running): (Vec<_>, Vec<_>) =
            tasks.into_iter().partition(|task| task.desired_status == Some(DesiredStatus::Stopped));
        let mut credential_acks = Vec::new();
        let mut durable_at: Option<Version> = None;
        let mut all_accepted = true;
        // AWS: what stops goes first, whatever the order in the message.
        for task in stopped.into_iter().chain(running) {
            for credentials in
                [&task.role_credentials, &task.execution_role_credentials].into_iter().flatten()
            {
                credential_acks.push(IAMRoleCredentialsAckRequest {
                    message_id: message_id.clone(),
                    credentials_id: credentials.credentials_id.clone(),
                    expiration: credentials.expiration.clone(),
                });
            }
            match self.register.assign(task) {
                Accepted::At(version) => durable_at = durable_at.max(Some(version)),
                Accepted::Known => {}
                Accepted::Refused => all_accepted = false,
            }
        }
        if let Some(number) = seq_num {
            durable_at = durable_at.max(self.advance_sequence(number));
        }
        // AWS: a payload with a task that cannot be run is not acknowledged. It comes again, and by
        // then the task is known, and reported as stopped.
        if !all_accepted {
            return;
        }
        let ack = AckRequest {
            cluster: cluster_arn,
            container_instance: container_instance_arn,
            message_id,
        };
        self.reply_when_durable(durable_at, ack, credential_acks, out);
    }

    fn reply_when_durable(
        &self,
        durable_at: Option<Version>,
        ack: AckRequest,
        credential_acks: Vec<IAMRoleCredentialsAckRequest>,
        out: &Out,
    ) {
        let (host, out) = (self.host.clone(), out.clone());
        let recollection = self.register.parts().recollection.clone();
        self.host.spawn(async move {
            if let Some(version) = durable_at {
                recollection.durable(version).await;
            }
            reply(&host, &out, ack);
            for ack in credential_acks {
                reply(&host, &out, ack);
            }
        });
    }

    fn manifest(&mut self, manifest: TaskManifestMessage, out: &Out) {
        let TaskManifestMessage {
            message_id,
            cluster_arn,
            container_instance_arn,
            tasks,
            timeline,
            ..
        } = manifest;
        // AWS: dropped without a word. What it does not list may have come after it was written.
        let Some(version) = self.advance_sequence(timeline) else {
            tracing::info!(timeline, "a stale manifest is dropped");
            return;
        };
        self.manifest = Some(message_id.clone());
        let is_listed = |arn: &String| {
            tasks.iter().any(|task| {
                task.task_arn == *arn && task.desired_status == Some(DesiredStatus::Running)
            })
        };
        let running = tasks.iter().filter(|it| it.desired_status == Some(DesiredStatus::Running));
        running.for_each(|task| self.register.confirm(&task.task_arn));
        let excess = self.register.meant_to_run().into_iter().filter(|arn| !is_listed(arn));
        let stop_candidates: Vec<_> = excess
            .map(|task_arn| TaskIdentifier {
                task_arn,
                task_cluster_arn: Some(cluster_arn.clone()),
                desired_status: Some(DesiredStatus::Stopped),
            })
            .collect();
        let ack = AckRequest {
            cluster: cluster_arn,
            container_instance: container_instance_arn,
            message_id: message_id.clone(),
        };
        let (host, out) = (self.host.clone(), out.clone());
        let recollection = self.register.parts().recollection.clone();
        self.host.spawn(async move {
            recollection.durable(version).await;
            reply(&host, &out, ack);
            if !stop_candidates.is_empty() {
                reply(&host, &out, TaskStopVerificationMessage { message_id, stop_candidates });
            }
        });
    }

    fn stop_verified(&mut self, ack: TaskStopVerificationAck) {
        if ack.message_id.is_empty() || self.manifest.as_ref() != Some(&ack.message_id) {
            tracing::warn!(
                message = ack.message_id,
                "a stop verification answers another manifest"
            );
            return;
        }
        // Good for once.
        self.manifest = None;
        for task in ack.stop_tasks {
            tracing::info!(task = task.task_arn, "the control plane does not want it any more");
            self.register.stop(&task.task_arn);
        }
    }

    /// AWS: credentials for a task that is not here, or without an id, are not acknowledged.
    fn refresh(&self, message: IAMRoleCredentialsMessage, out: &Out) {
        let IAMRoleCredentialsMessage { message_id, task_arn, role_type, role_credentials, .. } =
            message;
        let (kind, credentials) = match (role_type, role_credentials) {
            (
                Some(kind @ (RoleType::TaskApplication | RoleType::TaskExecution)),
                Some(credentials),
            ) if !message_id.is_empty()
                && !credentials.credentials_id.is_empty()
                && self.register.has(&task_arn) =>
            {
                (kind, credentials)
            }
            _ => {
                tracing::error!(task = task_arn, "credentials for a role that no task here has");
                return;
            }
        };
        let ack = IAMRoleCredentialsAckRequest {
            message_id,
            credentials_id: credentials.credentials_id.clone(),
            expiration: credentials.expiration.clone(),
        };
        self.register.parts().roles.put(&task_arn, kind, credentials);
        reply(&self.host, out, ack);
    }

    fn decline(
        &self,
        cluster: String,
        container_instance: String,
        message_id: String,
        reason: &str,
        out: &Out,
    ) {
        tracing::warn!(reason, "a message is declined");
        let reason = reason.to_owned();
        reply(&self.host, out, NackRequest { cluster, container_instance, message_id, reason });
    }

    /// Moves the one counter of payloads and manifests; `None` if it is there already.
    fn advance_sequence(&self, number: i64) -> Option<Version> {
        let recollection = &self.register.parts().recollection;
        let is_newer = recollection.read(|state| number > state.sequence);
        is_newer.then(|| recollection.update(|state| state.sequence = number.max(state.sequence)))
    }
}

const UPDATES: &str = "this agent is updated by its package, not by the control plane";
