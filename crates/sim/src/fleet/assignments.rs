//! The assignment session of a light agent.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs::{
    AckRequest, DesiredStatus, FromAgent, FromServer, HeartbeatAckRequest,
    IAMRoleCredentialsAckRequest, NackRequest, PayloadMessage, TaskIdentifier, TaskManifestMessage,
    TaskStopVerificationMessage,
};
use tokio::time::{Instant, sleep_until};

use super::agent::Agent;
use super::failure::End;
use super::host;
use super::socket::{hear, tell};
use super::wire::WebSocket;

/// AWS: silence that ends a session, with as much again at random.
const SILENCE: Duration = Duration::from_secs(60);
/// AWS: a session's longest life.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
const LIFETIME_JITTER: Duration = Duration::from_secs(5 * 60);

impl Agent {
    pub(super) async fn open_assignments(&self, is_first: bool) -> Result<WebSocket, End> {
        let endpoints = self.endpoints.get(&self.fleet, &self.instance).await?;
        let query = [
            ("agentHash", host::AGENT_HASH),
            ("agentVersion", host::AGENT_VERSION),
            ("clusterArn", &self.fleet.options.cluster),
            ("containerInstanceArn", &self.instance),
            ("dockerVersion", host::DOCKER_VERSION),
            ("protocolVersion", "2"),
            ("sendCredentials", if is_first { "true" } else { "false" }),
            ("seqNum", "1"),
        ];
        let opened = self.fleet.wire.open(self.number, &endpoints.assignments, &query).await;
        opened.map(|(socket, _)| socket)
    }

    /// Does what it is told until either end has enough.
    pub(super) async fn obey(self: &Arc<Self>, mut socket: WebSocket) -> End {
        let wire = &self.fleet.wire;
        let _open = self.fleet.tally.acs_open.enter();
        let patience = || SILENCE + wire.up_to(SILENCE);
        let closes_at = Instant::now() + LIFETIME + wire.up_to(LIFETIME_JITTER);
        let mut silent_at = Instant::now() + patience();
        let mut timer = pin!(sleep_until(silent_at));
        loop {
            let text = tokio::select! {
                biased;
                text = hear(&mut socket) => text,
                // Armed again only when it rings: a frame changes nothing but the instant.
                () = timer.as_mut() => {
                    let now = Instant::now();
                    if now >= closes_at {
                        return End::Closed;
                    }
                    if now >= silent_at {
                        self.fleet.tally.lost.add();
                        return End::Failed(anyhow::anyhow!("the server has been silent for too long"));
                    }
                    timer.as_mut().reset(silent_at.min(closes_at));
                    continue;
                }
            };
            silent_at = Instant::now() + patience();
            let heard = match text {
                Ok(text) => self.take(&text, &mut socket).await,
                Err(end) => Err(end),
            };
            if let Err(end) = heard {
                self.fleet.tally.lost.add();
                return end;
            }
        }
    }

    async fn take(self: &Arc<Self>, text: &str, socket: &mut WebSocket) -> Result<(), End> {
        for answer in self.answers(text)? {
            tell(socket, answer.encode()).await?;
        }
        Ok(())
    }

    fn answers(self: &Arc<Self>, text: &str) -> Result<Vec<FromAgent>, End> {
        let message = match FromServer::decode(text) {
            Ok(message) => message,
            Err(error) => {
                // AWS: what is not understood is passed over.
                tracing::warn!(%error, "a frame cannot be read");
                return Ok(Vec::new());
            }
        };
        Ok(match message {
            FromServer::Heartbeat(heartbeat) => {
                self.fleet.tally.heartbeats.add();
                vec![HeartbeatAckRequest { message_id: heartbeat.message_id }.into()]
            }
            FromServer::Payload(payload) => self.payload(payload),
            FromServer::Manifest(manifest) => self.manifest(manifest),
            FromServer::StopVerificationAck(ack) => {
                let arns = ack.stop_tasks.iter().map(|task| task.task_arn.as_str());
                self.submit(self.tasks.stop(arns));
                Vec::new()
            }
            FromServer::Credentials(message) => {
                let credentials = message.role_credentials.into_iter();
                let ack = credentials.map(|credentials| IAMRoleCredentialsAckRequest {
                    message_id: message.message_id.clone(),
                    credentials_id: credentials.credentials_id,
                    expiration: credentials.expiration,
                });
                ack.map(FromAgent::from).collect()
            }
            FromServer::AttachTaskInterfaces(message) => self.decline(message.message_id),
            FromServer::AttachInstanceInterfaces(message) => self.decline(message.message_id),
            FromServer::ConfirmAttachment(message) => self.decline(message.message_id),
            FromServer::StageUpdate(message) => self.decline(message.message_id),
            FromServer::PerformUpdate(message) => self.decline(message.message_id),
            FromServer::Close(_) | FromServer::Error(_) => Vec::new(),
            FromServer::Exception(exception) => return Err(exception.into()),
        })
    }

    fn payload(self: &Arc<Self>, payload: PayloadMessage) -> Vec<FromAgent> {
        if let Some(number) = payload.seq_num {
            self.advance(number);
        }
        self.submit(self.tasks.assign(&self.fleet.definitions, &payload.tasks));
        let mut answers = vec![FromAgent::from(AckRequest {
            cluster: payload.cluster_arn,
            container_instance: payload.container_instance_arn,
            message_id: payload.message_id.clone(),
        })];
        let roles = payload
            .tasks
            .into_iter()
            .flat_map(|task| [task.role_credentials, task.execution_role_credentials])
            .flatten();
        answers.extend(roles.map(|credentials| {
            FromAgent::from(IAMRoleCredentialsAckRequest {
                message_id: payload.message_id.clone(),
                credentials_id: credentials.credentials_id,
                expiration: credentials.expiration,
            })
        }));
        answers
    }

    fn manifest(&self, manifest: TaskManifestMessage) -> Vec<FromAgent> {
        // AWS: a stale one is dropped without a word.
        if !self.advance(manifest.timeline) {
            return Vec::new();
        }
        let beyond = self.tasks.beyond(&manifest.tasks);
        let stop_candidates: Vec<_> = beyond
            .into_iter()
            .map(|arn| TaskIdentifier {
                task_arn: arn.into(),
                task_cluster_arn: Some(manifest.cluster_arn.clone()),
                desired_status: Some(DesiredStatus::Stopped),
            })
            .collect();
        let mut answers = vec![FromAgent::from(AckRequest {
            cluster: manifest.cluster_arn,
            container_instance: manifest.container_instance_arn,
            message_id: manifest.message_id.clone(),
        })];
        if !stop_candidates.is_empty() {
            let message_id = manifest.message_id;
            answers.push(TaskStopVerificationMessage { message_id, stop_candidates }.into());
        }
        answers
    }

    /// A host on paper has nothing that could be attached to it or replaced.
    fn decline(&self, message_id: String) -> Vec<FromAgent> {
        vec![
            NackRequest {
                cluster: self.fleet.options.cluster.clone(),
                container_instance: self.instance.to_string(),
                message_id,
                reason: "this host is a simulated one".to_owned(),
            }
            .into(),
        ]
    }
}
