//! One agent's TCS session: metrics, container health and the instance's own health come up.

use std::sync::Arc;

use berth_agent_protocol::tcs::{
    AckPublishHealth, AckPublishInstanceStatus, AckPublishMetric, FromAgent, FromServer,
    HeartbeatMessage, PublishHealthRequest, PublishInstanceStatusRequest, PublishMetricsRequest,
    SignedFrame,
};
use berth_agent_protocol::{Exception, ExceptionKind};
use berth_control::pipeline::Call;
use berth_control::pipeline::websocket::{Opening, Socket};
use berth_model::TaskId;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::handshake::Handshake;
use crate::health;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, Task};

pub struct TcsSession {
    ecs: Arc<Ecs>,
    agent: Handshake,
}

impl TcsSession {
    pub fn open(ecs: Arc<Ecs>, call: &Call, opening: &Opening) -> Result<Self, Exception> {
        let agent = Handshake::parse(&ecs, call, opening)?;
        Ok(Self { ecs, agent })
    }

    /// Serves the agent until either side hangs up.
    pub async fn run(self, mut socket: Socket) {
        let every = self.ecs.patience.heartbeat();
        let mut heartbeat = interval_at(Instant::now() + every, every);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let answer = tokio::select! {
                biased;
                frame = socket.incoming.recv() => match frame {
                    None => break,
                    Some(frame) => {
                        // Whatever is sent shows that the server is there.
                        heartbeat.reset();
                        self.hear(&frame).await
                    }
                },
                _ = heartbeat.tick() => HeartbeatMessage { healthy: true }.into(),
            };
            if socket.outgoing.send(answer.encode()).await.is_err() {
                break;
            }
        }
        self.ecs.telemetry.forget(&self.agent.instance);
    }

    /// The connection was authenticated when it was opened; the signature that an agent puts before each
    /// frame says nothing more and is passed over.
    async fn hear(&self, frame: &str) -> FromServer {
        let message = SignedFrame::parse(frame).and_then(|frame| FromAgent::decode(frame.body));
        match message {
            Ok(FromAgent::Metrics(report)) => self.metrics(report),
            Ok(FromAgent::Health(report)) => self.health(report).await,
            Ok(FromAgent::InstanceStatus(report)) => self.instance_status(report).await,
            Ok(FromAgent::Start(_)) => HeartbeatMessage { healthy: true }.into(),
            Ok(FromAgent::Exception(exception)) => {
                tracing::warn!(instance = %self.agent.instance, %exception, "the agent complains over TCS");
                HeartbeatMessage { healthy: true }.into()
            }
            Err(error) => Exception::new(
                ExceptionKind::BadRequest,
                format!("The message was not understood: {error}"),
            )
            .into(),
        }
    }

    fn metrics(&self, report: PublishMetricsRequest) -> FromServer {
        let view = self.ecs.cell.snapshot();
        let is_here = |id: &TaskId| {
            view.get::<Task>(id)
                .is_some_and(|task| task.container_instance == Some(self.agent.instance))
        };
        let cluster = view.get::<Cluster>(&self.agent.cluster);
        let tasks = report
            .task_metrics
            .into_iter()
            .filter_map(|task| Some((task_id(cluster?, &task.task_arn)?, task)));
        let tasks = tasks.filter(|(id, _)| is_here(id));
        if let Some(storage) = report.instance_metrics.and_then(|metrics| metrics.storage) {
            self.ecs.telemetry.note_storage(self.agent.instance, storage);
        }
        let last = report.metadata.fin || report.metadata.idle;
        self.ecs.telemetry.publish(self.agent.instance, self.ecs.env.now(), tasks, last);
        AckPublishMetric { message: Some(report.metadata.message_id) }.into()
    }

    async fn health(&self, report: PublishHealthRequest) -> FromServer {
        let view = self.ecs.cell.snapshot();
        let cluster = view.get::<Cluster>(&self.agent.cluster);
        let tasks = report
            .tasks
            .into_iter()
            .filter_map(|task| Some((task_id(cluster?, &task.task_arn)?, task.containers)));
        match health::note_containers(&self.ecs, self.agent.instance, tasks.collect()).await {
            Ok(()) => AckPublishHealth { message: Some(report.metadata.message_id) }.into(),
            Err(error) => unavailable(&error),
        }
    }

    async fn instance_status(&self, report: PublishInstanceStatusRequest) -> FromServer {
        match health::note_instance(&self.ecs, self.agent.instance, report.statuses).await {
            Ok(()) => AckPublishInstanceStatus { message: Some(report.metadata.request_id) }.into(),
            Err(error) => unavailable(&error),
        }
    }
}

fn task_id(cluster: &Cluster, arn: &str) -> Option<TaskId> {
    resolve::task_id(cluster, arn).ok()
}

fn unavailable(error: &dyn std::fmt::Display) -> FromServer {
    tracing::warn!(%error, "a health report could not be noted");
    Exception::new(ExceptionKind::Server, "The report could not be noted; send it again.").into()
}
