//! The life of one task: ask `lifecycle` what to do, do it, tell what changed, wait for the next thing.
//!
//! The actor is the only one that knows how far its task is. It never waits for one thing only: orders,
//! events and all acts under way are heard at once, so that a stop is obeyed in the middle of a pull.
//! `acts.rs` has what it does, `telling.rs` what it tells.

mod acts;
mod describing;
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_agent_protocol::acs;
use berth_lifecycle::{StopCause, TaskView};
use berth_model::{ContainerStatus, DesiredStatus, StopCode, TaskStatus, Timestamp};
use berth_runtime::{ContainerState, RuntimeEvent, RuntimeId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::container::{Container, advance};
use super::definition::Definition;
use super::register::{Order, Parts};
use super::snapshot::Snapshot;
use super::step::{self, Group, Outcome, Uncreated};
use crate::report::TaskStateChange;

/// How a task comes to an agent.
pub(crate) enum Beginning {
    /// In a payload.
    Fresh,
    /// With containers that were here when the agent started, by name.
    Adopted(BTreeMap<String, ContainerState>),
    /// The same of a task that the agent's memory does not have. It may be another's by now: whether it is wanted here is for
    /// the control plane to say, and until then nothing of it is started.
    Found(BTreeMap<String, ContainerState>),
    /// In a payload that cannot be obeyed.
    Refused(String),
}

pub(super) struct Actor {
    parts: Arc<Parts>,
    task: acs::Task,
    share: crate::ledger::Share,
    view: TaskView,
    /// In the order of the view's.
    containers: Vec<Container>,
    cause: Option<StopCause>,
    refusal: Option<String>,
    group: Arc<Group>,
    remains: Remains,
    is_admitted: bool,
    /// Whether it is known to be wanted here.
    is_confirmed: bool,
    pull_started_at: Option<Timestamp>,
    pull_stopped_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    told: Option<TaskStateChange>,
    snapshot: watch::Sender<Snapshot>,
    /// Which container an act is with; `usize::MAX` for the task as a whole.
    steps: FuturesUnordered<BoxFuture<'static, Option<(usize, Outcome)>>>,
}

/// What there may be of the task on the host beside its containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remains {
    Nothing,
    Volumes,
    VolumesAndGroup,
}

/// Acts that are not with any one container.
const WHOLE_TASK: usize = usize::MAX;

/// What woke the actor.
enum Wake {
    Order(Option<Order>),
    Outcome(usize, Outcome),
    Time,
    Admitted,
}

impl Actor {
    pub(super) fn new(
        parts: Arc<Parts>,
        task: acs::Task,
        definition: Option<Definition>,
        beginning: Beginning,
        desired_status: DesiredStatus,
    ) -> (Self, watch::Receiver<Snapshot>) {
        let now = parts.host.now();
        let (definitions, share, group) = match definition {
            Some(definition) => (definition.containers, definition.share, definition.group),
            None => Default::default(),
        };
        let mut containers: Vec<_> =
            definitions.into_iter().map(|definition| Container::new(definition, now)).collect();
        let mut view = TaskView {
            desired_status,
            containers: containers.iter().map(Container::view).collect(),
            may_remove: false,
        };
        let (mut refusal, mut is_admitted) = (None, false);
        let mut remains = Remains::Nothing;
        let is_confirmed = !matches!(beginning, Beginning::Found(_));
        match beginning {
            Beginning::Fresh => {}
            Beginning::Refused(reason) => refusal = Some(reason),
            Beginning::Adopted(states) | Beginning::Found(states) => {
                parts.ledger.record(&task.arn, &share);
                is_admitted = true;
                remains = Remains::VolumesAndGroup;
                for (container, view) in containers.iter_mut().zip(&mut view.containers) {
                    if let Some(state) = states.get(&view.name) {
                        container.observe(view, state);
                        container.restarts = parts.restarts(&task.arn, &view.name);
                        parts.containers.insert(state.id.clone(), &task.arn);
                    }
                }
            }
        }
        let (snapshot, reader) = watch::channel(Snapshot {
            ended_at: None,
            status: TaskStatus::Pending,
            is_stopping: false,
            containers: Vec::new(),
        });
        let actor = Self {
            parts,
            task,
            share,
            view,
            containers,
            cause: None,
            refusal,
            group: Arc::new(Group::new(group)),
            remains,
            is_admitted,
            is_confirmed,
            pull_started_at: None,
            pull_stopped_at: None,
            ended_at: None,
            told: None,
            snapshot,
            steps: FuturesUnordered::new(),
        };
        (actor, reader)
    }

    /// Lives until the last container is removed.
    pub(super) async fn live(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        self.try_admit();
        loop {
            let ask_again_at = self.act();
            self.tell();
            if self.is_over() {
                step::remove_router_files(self.parts.host.clone(), self.routing()).await;
                self.parts.forget(&self.task.arn);
                break;
            }
            match self.wait(&mut orders, ask_again_at).await {
                Wake::Order(Some(order)) => self.obey(order),
                Wake::Order(None) => break,
                Wake::Outcome(container, outcome) => self.conclude(container, outcome),
                Wake::Time | Wake::Admitted => {}
            }
        }
        self.parts.ledger.release(&self.task.arn);
    }

    /// The tasks whose log routers had files here: this one or none.
    fn routing(&self) -> Vec<String> {
        let routers = self.containers.iter().filter_map(|held| held.definition.router.as_ref());
        routers.map(|router| router.task_id.clone()).collect()
    }

    async fn wait(
        &mut self,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        ask_again_at: Option<Timestamp>,
    ) -> Wake {
        let parts = self.parts.clone();
        let wait = ask_again_at.map(|at| at.since(parts.host.now()));
        let wants_room = !self.is_admitted && !self.is_ended();
        tokio::select! {
            biased;
            order = orders.recv() => Wake::Order(order),
            Some(done) = self.steps.next(), if !self.steps.is_empty() => match done {
                Some((container, outcome)) => Wake::Outcome(container, outcome),
                // It was given up.
                None => Wake::Time,
            },
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => Wake::Time,
            admitted = parts.ledger.admit(&self.task.arn, &self.share), if wants_room => {
                match admitted {
                    Ok(()) => self.is_admitted = true,
                    Err(refusal) => self.refusal = Some(format!("ResourceInitializationError: {refusal}")),
                }
                Wake::Admitted
            }
        }
    }

    /// Most tasks have room at once, and should not wait for a turn to hear of it.
    fn try_admit(&mut self) {
        self.is_admitted = self.is_admitted
            || self.is_ended()
            || self.parts.ledger.try_admit(&self.task.arn, &self.share);
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::MakeRoom => self.view.may_remove |= self.is_ended(),
            Order::Stop => self.view.desired_status = DesiredStatus::Stopped,
            Order::Wanted => self.is_confirmed = true,
            Order::Event(event) => self.hear(&event),
            Order::Describe(asker) => {
                // Whoever asked may be gone already.
                let _ = asker.send(Box::new(self.describe()));
            }
            Order::Swept(seen) => {
                for index in 0..self.containers.len() {
                    self.compare(index, &seen);
                }
            }
        }
    }

    fn hear(&mut self, event: &RuntimeEvent) {
        let Some(index) = event.id().and_then(|id| self.index_of_id(id)) else { return };
        match event {
            RuntimeEvent::HealthChanged { at, health, .. } => {
                let view = &mut self.view.containers[index];
                if view.is_up() {
                    self.containers[index].observe_health(view, *health, *at);
                }
            }
            RuntimeEvent::Ended { .. } | RuntimeEvent::Removed { .. } => self.look(index),
            // A start is known from its answer, and want of memory is told with the end.
            RuntimeEvent::Started { .. }
            | RuntimeEvent::OutOfMemory { .. }
            | RuntimeEvent::Lost => {}
        }
    }

    fn conclude(&mut self, index: usize, outcome: Outcome) {
        if index == WHOLE_TASK {
            return;
        }
        let now = self.parts.host.now();
        if matches!(outcome, Outcome::Stopped(_)) {
            self.containers[index].is_ending = false;
        }
        let outcome = match outcome {
            Outcome::StartedAs { id, result } => {
                self.takes_id(index, id);
                match result {
                    Ok(started) => Outcome::Started(Ok(started)),
                    // Whichever of the two failed, it ends the container alike.
                    Err(uncreated) => Outcome::Created(Err(uncreated)),
                }
            }
            outcome => outcome,
        };
        let (view, container) = (&mut self.view.containers[index], &mut self.containers[index]);
        match outcome {
            // About a container that is being made anew.
            Outcome::Looked(_) if container.id.is_none() => container.is_looking = false,
            Outcome::Looked(state) => {
                container.is_looking = false;
                let again = std::mem::take(&mut container.look_again);
                container.take_over(view, state.as_deref(), now);
                if again {
                    self.look(index);
                }
            }
            Outcome::Removed => {
                view.doing = None;
                view.exists = false;
                if let Some(id) = &container.id {
                    self.parts.containers.remove(id);
                }
                self.parts.access.forget(&self.task.arn, &view.name);
            }
            // What was given up a moment too late.
            _ if view.is_stopped() => {}
            Outcome::Pulled { since, result } => {
                view.doing = None;
                if !container.definition.is_internal {
                    let earliest = self.pull_started_at.map_or(since, |at| at.min(since));
                    self.pull_started_at = Some(earliest);
                    self.pull_stopped_at = Some(now);
                }
                match result {
                    Ok(image) => {
                        container.image_digest = image.digest;
                        advance(view, ContainerStatus::Pulled);
                    }
                    Err(error) => self.fail(index, error.reason(), now),
                }
            }
            Outcome::Created(Ok(id)) => {
                view.doing = None;
                view.exists = true;
                advance(view, ContainerStatus::Created);
                self.parts.containers.insert(id.clone(), &self.task.arn);
                container.id = Some(id);
                if container.definition.is_anchor {
                    self.parts.forget_accepted(&self.task.arn);
                }
            }
            Outcome::Started(Ok(started)) => {
                view.doing = None;
                if container.begin_again(view) {
                    self.parts.note_restarts(&self.task.arn, &view.name, container.restarts);
                }
                view.started_at = Some(started.started_at);
                container.health_since = started.started_at;
                container.ports = started.ports;
                advance(view, ContainerStatus::Running);
                if std::mem::take(&mut container.look_again) {
                    self.look(index);
                }
            }
            Outcome::Created(Err(Uncreated::Unprepared(error))) => {
                // AWS: what a container needs is the task's, which fails with it, essential or not.
                let reason = error.to_string();
                self.cause.get_or_insert_with(|| StopCause {
                    code: StopCode::TaskFailedToStart,
                    reason: reason.clone(),
                });
                self.view.desired_status = DesiredStatus::Stopped;
                self.fail(index, reason, now);
            }
            Outcome::Created(Err(error)) => self.fail(index, error.reason(), now),
            Outcome::Started(Err(error)) => self.fail(index, error.reason(), now),
            // If it runs all the same, it is stopped again.
            Outcome::Stopped(state) => {
                view.doing = None;
                container.take_over(view, state.as_deref(), now);
            }
            Outcome::Cleared => {}
            Outcome::StartedAs { .. } => unreachable!("it was taken as a start above"),
        }
    }

    /// The container is this one now, or none.
    fn takes_id(&mut self, index: usize, id: Option<RuntimeId>) {
        self.view.containers[index].exists = id.is_some();
        if let Some(id) = &id {
            self.parts.containers.insert(id.clone(), &self.task.arn);
        }
        self.containers[index].id = id;
    }

    fn fail(&mut self, index: usize, reason: String, now: Timestamp) {
        tracing::warn!(task = %self.task.arn, container = %self.view.containers[index].name, reason, "a container failed");
        let view = &mut self.view.containers[index];
        view.reason = Some(reason);
        self.containers[index].end(view, now);
    }

    fn is_ended(&self) -> bool {
        let all_stopped = self.view.containers.iter().all(|view| view.is_stopped());
        all_stopped
            && (!self.containers.is_empty()
                || self.refusal.is_some()
                || self.view.desired_status == DesiredStatus::Stopped)
    }

    /// Nothing is left to do or to remember.
    fn is_over(&self) -> bool {
        self.is_ended()
            && self.view.may_remove
            && self.view.containers.iter().all(|view| !view.exists)
            && self.steps.is_empty()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.view.containers.iter().position(|view| view.name == name)
    }

    fn index_of_id(&self, id: &RuntimeId) -> Option<usize> {
        self.containers.iter().position(|container| container.id.as_ref() == Some(id))
    }
}
