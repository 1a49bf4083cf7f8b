//! One agent's ACS session: assignments go down, acknowledgements come up.
//!
//! The loop reacts to five things: a change in the tables, a frame from the agent, the heartbeat, a payload that is
//! not acknowledged in time, and credentials that have to be renewed. Each only makes it look again at what is due. An agent that answers
//! nothing, not even heartbeats, is hung up on: a peer that is cut off never says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_agent_protocol::acs::{
    self, AckRequest, FromAgent, FromServer, HeartbeatMessage, PayloadMessage, TaskIdentifier,
    TaskManifestMessage, TaskStopVerificationAck, TaskStopVerificationMessage,
};
use berth_agent_protocol::{Exception, ExceptionKind, FrameError};
use berth_control::cell::Snapshot;
use berth_control::pipeline::Call;
use berth_control::pipeline::websocket::{Opening, Socket};
use berth_lifecycle::StopCause;
use berth_model::{ContainerInstanceStatus, DesiredStatus, StopCode, TaskArn, TaskId, TaskStatus};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::assignments::Told;
use super::credentials::{Given, Held};
use super::handshake::{self, Handshake};
use super::payload;
use super::roster::{News, Seat};
use crate::progress;
use crate::render;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance, Task};

/// A payload of more bytes is divided, down to a single task: web sockets have a limit on a frame.
const LARGEST_PAYLOAD: usize = 1 << 20;

pub struct AcsSession {
    ecs: Arc<Ecs>,
    agent: Handshake,
    seat: Seat,
    told: Told,
    held: Held,
    /// The last number of the sessions before this one.
    begins_after: u64,
    sequence: i64,
}

type ToAgent = mpsc::Sender<String>;

/// Why a session ends.
enum End {
    /// The agent hung up or fell silent, or a newer session of it took over.
    Gone,
    /// The agent is to be told why.
    Refused(Exception),
}

impl AcsSession {
    /// Checks who connects, and as which instance. An `Err` is answered before the upgrade.
    pub async fn open(ecs: Arc<Ecs>, call: &Call, opening: &Opening) -> Result<Self, Exception> {
        let agent = Handshake::parse(&ecs, call, opening)?;
        let seat = ecs.roster.enter(agent.instance);
        let begins_after = handshake::connected(&ecs, &agent, call.now).await?;
        let sequence =
            i64::try_from(begins_after).unwrap_or(i64::MAX - handshake::SEQUENCE_BLOCK as i64);
        let held = Held::take_over(&ecs.cell.snapshot(), &agent.instance);
        Ok(Self { ecs, agent, seat, told: Told::default(), held, begins_after, sequence })
    }

    /// Serves the agent until either side hangs up.
    pub async fn run(mut self, mut socket: Socket) {
        tracing::info!(instance = %self.agent.instance, "agent connected");
        let end = self.serve(&mut socket).await;
        if let End::Refused(exception) = end {
            // An agent that is gone already needs no reason.
            let _ = socket.outgoing.send(FromServer::from(exception).encode()).await;
        }
        // Two sessions that open at once may be noted in the other order: the one that has the seat speaks for the
        // agent, and an older one has nothing to say of it.
        if !self.seat.is_replaced() {
            handshake::disconnected(&self.ecs, &self.agent, self.begins_after).await;
        }
        tracing::info!(instance = %self.agent.instance, "agent disconnected");
    }

    async fn serve(&mut self, socket: &mut Socket) -> End {
        let (silence, every) = (self.ecs.patience.agent_silence, self.ecs.patience.heartbeat());
        let mut heartbeat = interval_at(Instant::now() + every, every);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent_at = Instant::now() + silence;
        if let Err(end) = self.heard(News::Everything, &socket.outgoing).await {
            return end;
        }
        if let Err(end) = self.send_manifest(&socket.outgoing).await {
            return end;
        }
        loop {
            let overdue_at = self.told.overdue_at();
            let renew_at = self.held.renew_at();
            let step = tokio::select! {
                biased;
                () = self.seat.replaced() => return End::Gone,
                frame = socket.incoming.recv() => match frame {
                    None => return End::Gone,
                    Some(frame) => {
                        silent_at = Instant::now() + silence;
                        self.hear(&frame, &socket.outgoing).await
                    }
                },
                () = sleep_until(silent_at) => {
                    tracing::warn!(instance = %self.agent.instance, ?silence, "the agent has fallen silent");
                    return End::Gone;
                }
                news = self.seat.woken() => self.heard(news, &socket.outgoing).await,
                () = until(overdue_at) => {
                    self.told.forget_overdue(Instant::now());
                    self.send_due(&socket.outgoing).await
                }
                () = until(renew_at) => self.renew(&socket.outgoing).await,
                _ = heartbeat.tick() => self.beat(&socket.outgoing).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn heard(&mut self, news: News, to_agent: &ToAgent) -> Result<(), End> {
        self.told.heard(news, &self.ecs.cell.snapshot(), &self.agent.instance);
        self.send_due(to_agent).await
    }

    /// Tells the agent everything that it does not know yet.
    async fn send_due(&mut self, to_agent: &ToAgent) -> Result<(), End> {
        loop {
            let view = self.ecs.cell.snapshot();
            let (Some(cluster), Some(instance)) = (
                view.get(&self.agent.cluster),
                view.get::<ContainerInstance>(&self.agent.instance),
            ) else {
                return Err(End::Refused(deregistered()));
            };
            if instance.status == ContainerInstanceStatus::Inactive {
                return Err(End::Refused(deregistered()));
            }
            let mut due = self.told.due(&view);
            if due.is_empty() {
                return Ok(());
            }
            let (given, refused) = self.give_roles(&view, &due);
            if !refused.is_empty() {
                self.stop(refused).await?;
                continue;
            }
            let message_id = self.message_id();
            let mut message = PayloadMessage {
                message_id: message_id.clone(),
                cluster_arn: render::cluster_arn(cluster).to_string(),
                container_instance_arn: render::container_instance_arn(cluster, instance)
                    .to_string(),
                seq_num: Some(self.next_sequence()),
                generated_at: Some(self.ecs.env.now().as_millis()),
                ..Default::default()
            };
            let frame = loop {
                let entry = |task: &&Task| {
                    let entry = payload::task(&view, cluster, task)?;
                    let Some(Given { task, execution }) = given.get(&task.id) else {
                        return Some(entry);
                    };
                    Some(acs::Task {
                        role_credentials: task.clone(),
                        execution_role_credentials: execution.clone(),
                        ..entry
                    })
                };
                message.tasks = due.iter().filter_map(entry).collect();
                let frame = FromServer::from(message.clone()).encode();
                if frame.len() <= LARGEST_PAYLOAD || due.len() == 1 {
                    break frame;
                }
                // Few payloads are so large that this is worth a cleverer division.
                due.truncate(due.len() / 2);
            };
            self.told.sent(message_id, due, Instant::now());
            to_agent.send(frame).await.map_err(|_| End::Gone)?;
        }
    }

    /// Credentials for the tasks that are due and have roles, and why some cannot have theirs.
    fn give_roles(
        &mut self,
        view: &Snapshot,
        due: &[&Task],
    ) -> (BTreeMap<TaskId, Given>, Vec<(TaskId, String)>) {
        let (mut given, mut refused) = (BTreeMap::new(), Vec::new());
        let with_roles = due.iter().filter(|task| {
            task.credentials.is_some() && task.told_status() == Some(DesiredStatus::Running)
        });
        for task in with_roles {
            match self.held.give(&self.ecs, view, task) {
                Ok(of_task) => drop(given.insert(task.id, of_task)),
                Err(why) => refused.push((task.id, why)),
            }
        }
        (given, refused)
    }

    /// Tasks without their roles would act in the host's name, and so they must not run.
    async fn stop(&self, refused: Vec<(TaskId, String)>) -> Result<(), End> {
        let now = self.ecs.env.now();
        let written = self.ecs.cell.write(move |tx| {
            for (id, reason) in refused {
                let cause = StopCause { code: StopCode::TaskFailedToStart, reason };
                let task = tx.get::<Task>(&id);
                let stopped = task.and_then(|task| progress::asked_to_stop(tx, task, cause, now));
                if let Some(stopped) = stopped {
                    tx.put(stopped);
                }
            }
            Ok::<(), std::convert::Infallible>(())
        });
        written.await.map_err(|_| End::Gone)
    }

    async fn renew(&mut self, to_agent: &ToAgent) -> Result<(), End> {
        let view = self.ecs.cell.snapshot();
        let Some(cluster) = view.get::<Cluster>(&self.agent.cluster) else {
            return Err(End::Refused(deregistered()));
        };
        let message_id = || message_id(&self.ecs);
        for message in self.held.renewals(&self.ecs, &view, cluster, message_id) {
            send(to_agent, message.into()).await?;
        }
        Ok(())
    }

    /// Names every task that the agent should have, so that it can offer to stop the others.
    async fn send_manifest(&mut self, to_agent: &ToAgent) -> Result<(), End> {
        let view = self.ecs.cell.snapshot();
        let (Some(cluster), Some(instance)) =
            (view.get(&self.agent.cluster), view.get::<ContainerInstance>(&self.agent.instance))
        else {
            return Err(End::Refused(deregistered()));
        };
        let tasks = view.table::<Task>();
        let unfinished =
            tasks.indexes().unfinished_by_instance.get(&instance.id).filter_map(|id| tasks.get(id));
        let message = TaskManifestMessage {
            message_id: self.message_id(),
            cluster_arn: render::cluster_arn(cluster).to_string(),
            container_instance_arn: render::container_instance_arn(cluster, instance).to_string(),
            tasks: unfinished
                .filter_map(|task| {
                    Some(TaskIdentifier {
                        task_arn: render::task_arn(cluster, task).to_string(),
                        task_cluster_arn: Some(render::cluster_arn(cluster).to_string()),
                        desired_status: Some(payload::desired_status(task.told_status()?)),
                    })
                })
                .collect(),
            generated_at: Some(self.ecs.env.now().as_millis()),
            timeline: self.next_sequence(),
        };
        send(to_agent, message.into()).await
    }

    async fn hear(&mut self, frame: &str, to_agent: &ToAgent) -> Result<(), End> {
        match FromAgent::decode(frame) {
            Ok(FromAgent::Ack(AckRequest { message_id, .. })) => {
                self.told.acknowledged(&message_id);
                Ok(())
            }
            Ok(FromAgent::Nack(nack)) => {
                // Told again in due time, like anything that is not acknowledged: at once would be a circle.
                tracing::warn!(instance = %self.agent.instance, reason = nack.reason, "the agent refused a message");
                Ok(())
            }
            Ok(FromAgent::StopVerification(message)) => self.verify_stops(message, to_agent).await,
            Ok(FromAgent::CredentialsAck(ack)) => {
                self.held.acknowledged(&ack.message_id, self.ecs.patience.role_credentials);
                Ok(())
            }
            // Any frame shows that the agent is there; that is all this one says.
            Ok(FromAgent::HeartbeatAck(_)) => Ok(()),
            Ok(FromAgent::Exception(exception)) => {
                tracing::warn!(instance = %self.agent.instance, %exception, "the agent complains");
                Ok(())
            }
            Err(FrameError::UnknownType(kind)) => {
                // An agent may be newer than this server, and must be able to stay.
                tracing::warn!(instance = %self.agent.instance, kind, "a message of this type is not known");
                Ok(())
            }
            Err(error) => Err(End::Refused(Exception::new(
                ExceptionKind::BadRequest,
                format!("The message was not understood: {error}"),
            ))),
        }
    }

    /// Confirms the stop candidates that indeed have no business running.
    async fn verify_stops(
        &mut self,
        message: TaskStopVerificationMessage,
        to_agent: &ToAgent,
    ) -> Result<(), End> {
        let view = self.ecs.cell.snapshot();
        let may_run = |candidate: &TaskIdentifier| {
            let task = candidate
                .task_arn
                .parse::<TaskArn>()
                .ok()
                .and_then(|arn| view.get::<Task>(&arn.id));
            task.is_some_and(|task| {
                task.container_instance == Some(self.agent.instance)
                    && task.told_status() != Some(DesiredStatus::Stopped)
                    && task.last_status < TaskStatus::Stopped
            })
        };
        let stop_tasks = message
            .stop_candidates
            .iter()
            .filter(|candidate| !may_run(candidate))
            .cloned()
            .collect();
        let answer = TaskStopVerificationAck {
            message_id: message.message_id,
            generated_at: Some(self.ecs.env.now().as_millis()),
            stop_tasks,
        };
        send(to_agent, answer.into()).await
    }

    async fn beat(&mut self, to_agent: &ToAgent) -> Result<(), End> {
        send(to_agent, HeartbeatMessage { healthy: true, message_id: self.message_id() }.into())
            .await
    }

    fn message_id(&self) -> String {
        message_id(&self.ecs)
    }

    fn next_sequence(&mut self) -> i64 {
        self.sequence += 1;
        self.sequence
    }
}

fn message_id(ecs: &Ecs) -> String {
    berth_model::AttachmentId::from_bytes(ecs.env.id()).hyphenated().to_string()
}

/// Waits for that instant, or for ever if there is none.
async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

async fn send(to_agent: &ToAgent, message: FromServer) -> Result<(), End> {
    to_agent.send(message.encode()).await.map_err(|_| End::Gone)
}

fn deregistered() -> Exception {
    Exception::new(ExceptionKind::InactiveInstance, "The container instance is deregistered.")
}
