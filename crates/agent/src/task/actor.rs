//! The life of one task: ask `lifecycle` what to do, do it, tell what changed, wait for the next thing.
//!
//! The actor is the only one that knows how far its task is. It never waits for one thing only: orders,
//! events and all acts under way are heard at once, so that a stop is obeyed in the middle of a pull.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_agent_protocol::acs;
use berth_lifecycle::{
    Action, Step, StopCause, TaskView, derive_status, is_stopping, next_actions, stop_cause,
};
use berth_model::{ContainerStatus, DesiredStatus, TaskStatus, Timestamp};
use berth_runtime::{ContainerState, RuntimeError, RuntimeEvent, RuntimeId};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, abortable};
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::container::{Container, advance};
use super::definition::Definition;
use super::register::{Order, Parts, Seen};
use super::snapshot::Snapshot;
use super::step::{self, Outcome};
use crate::labels;
use crate::report::{TaskStateChange, shorten};

/// How a task comes to an agent.
pub(crate) enum Beginning {
    /// In a payload.
    Fresh,
    /// With containers that were here when the agent started, by name.
    Adopted(BTreeMap<String, ContainerState>),
    /// In a payload that cannot be obeyed.
    Refused(String),
}

pub(super) struct Actor {
    parts: Arc<Parts>,
    task: acs::Task,
    definition_share: crate::ledger::Share,
    view: TaskView,
    /// In the order of the view's.
    containers: Vec<Container>,
    cause: Option<StopCause>,
    refusal: Option<String>,
    is_admitted: bool,
    pull_started_at: Option<Timestamp>,
    pull_stopped_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    told: Option<TaskStateChange>,
    snapshot: watch::Sender<Snapshot>,
    /// Which container an act is with; `usize::MAX` for the task as a whole.
    steps: FuturesUnordered<BoxFuture<'static, Option<(usize, Outcome)>>>,
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
        let (definitions, definition_share) = match definition {
            Some(definition) => (definition.containers, definition.share),
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
        match beginning {
            Beginning::Fresh => {}
            Beginning::Refused(reason) => refusal = Some(reason),
            Beginning::Adopted(states) => {
                parts.ledger.record(&task.arn, &definition_share);
                is_admitted = true;
                for (container, view) in containers.iter_mut().zip(&mut view.containers) {
                    if let Some(state) = states.get(&view.name) {
                        container.observe(view, state);
                        parts.containers.insert(state.id.clone(), &task.arn);
                    }
                }
            }
        }
        let (snapshot, reader) = watch::channel(Snapshot {
            status: TaskStatus::Pending,
            is_stopping: false,
            containers: Vec::new(),
        });
        let actor = Self {
            parts,
            task,
            definition_share,
            view,
            containers,
            cause: None,
            refusal,
            is_admitted,
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

    async fn wait(
        &mut self,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        ask_again_at: Option<Timestamp>,
    ) -> Wake {
        let parts = self.parts.clone();
        let wait = ask_again_at.map(|at| at.since(parts.host.now()));
        let wants_room = !self.is_admitted && !self.is_ended();
        let (arn, share) = (self.task.arn.clone(), self.definition_share.clone());
        tokio::select! {
            biased;
            order = orders.recv() => Wake::Order(order),
            Some(done) = self.steps.next(), if !self.steps.is_empty() => match done {
                Some((container, outcome)) => Wake::Outcome(container, outcome),
                // It was given up.
                None => Wake::Time,
            },
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => Wake::Time,
            admitted = parts.ledger.admit(&arn, &share), if wants_room => {
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
            || self.parts.ledger.try_admit(&self.task.arn, &self.definition_share);
    }

    /// Does everything that is due, and says when to ask again at the latest.
    fn act(&mut self) -> Option<Timestamp> {
        let now = self.parts.host.now();
        loop {
            if let Some(reason) = self.refusal.clone() {
                self.end_all(&reason, now);
            }
            if self.cause.is_none() {
                self.cause = stop_cause(&self.view);
            }
            let cleanup_at = self.cleanup_at(now);
            if !self.is_admitted && !is_stopping(&self.view) && !self.is_ended() {
                return None;
            }
            let next = next_actions(&self.view, now);
            let concludes = |action: &Action| matches!(action, Action::Conclude { .. });
            let has_concluded = next.actions.iter().any(concludes);
            for action in next.actions {
                self.begin(action, now);
            }
            // A container that is given up may change what is due for the others.
            if !has_concluded {
                return next.ask_again_at.into_iter().chain(cleanup_at).min();
            }
        }
    }

    /// When the ended containers may go, unless they may already.
    fn cleanup_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        if !self.is_ended() {
            return None;
        }
        self.parts.ledger.release(&self.task.arn);
        let last = self.containers.iter().filter_map(|container| container.ended_at).max();
        let ended_at = *self.ended_at.get_or_insert(last.unwrap_or(now));
        let at = ended_at + self.parts.host.options.cleanup_after;
        self.view.may_remove |= at <= now;
        (!self.view.may_remove).then_some(at)
    }

    fn begin(&mut self, action: Action, now: Timestamp) {
        let Some(index) = self.index(action.container()) else { return };
        let host = self.parts.host.clone();
        let images = self.parts.images.clone();
        let definition = self.containers[index].definition.clone();
        let id = self.containers[index].id.clone();
        let (step, work): (Step, BoxFuture<'static, Outcome>) = match (action, id) {
            (Action::Conclude { reason, .. }, _) => {
                let view = &mut self.view.containers[index];
                view.reason = view.reason.take().or(reason);
                self.containers[index].end(view, now);
                return;
            }
            (Action::Pull { .. }, _) => {
                (Step::Pull, Box::pin(step::pull(host, images, definition.spec.image.clone())))
            }
            (Action::Create { .. }, _) => {
                let labels = self.labels(index);
                (Step::Create, Box::pin(step::create(host, images, definition, labels)))
            }
            (Action::Start { .. }, Some(id)) => (Step::Start, Box::pin(step::start(host, id))),
            (Action::Stop { grace, .. }, Some(id)) => {
                (Step::Stop, Box::pin(step::stop(host, id, grace)))
            }
            (Action::Remove { .. }, Some(id)) => (Step::Remove, Box::pin(step::remove(host, id))),
            (Action::Start { .. } | Action::Stop { .. } | Action::Remove { .. }, None) => {
                unreachable!("only a container that was made is started, stopped or removed")
            }
        };
        self.view.containers[index].doing = Some(step);
        self.launch(index, work);
    }

    fn launch(&mut self, index: usize, work: BoxFuture<'static, Outcome>) {
        let (work, abort) = abortable(work);
        if let Some(container) = self.containers.get_mut(index) {
            container.abort = Some(abort);
        }
        self.steps.push(Box::pin(async move { work.await.ok().map(|outcome| (index, outcome)) }));
    }

    fn labels(&self, index: usize) -> BTreeMap<String, String> {
        let container = &self.containers[index];
        let cluster = &self.parts.host.options.cluster;
        let digest = container.image_digest.as_deref();
        let mut labels = labels::of(cluster, &self.task, &container.definition.name, digest);
        if container.definition.is_anchor {
            labels::carry_task(&mut labels, &self.task);
        }
        labels
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Stop => self.view.desired_status = DesiredStatus::Stopped,
            Order::Event(event) => self.hear(&event),
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
                if view.is_running() {
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

    /// Finds what no event and no answer told.
    fn compare(&mut self, index: usize, seen: &Seen) {
        let (view, container) = (&mut self.view.containers[index], &mut self.containers[index]);
        let found = seen.find(&self.task.arn, &view.name);
        match (found, view.is_stopped()) {
            (Some(found), true) if !view.exists && view.doing.is_none() => {
                // It was made although its creation failed: it has to be removed like any other.
                view.exists = true;
                container.id = Some(found.id.clone());
                self.end_for_certain(index);
            }
            (Some(found), true) if found.is_running => self.end_for_certain(index),
            (Some(found), false) if found.is_running != view.is_running() => self.look(index),
            (None, false) if view.exists => self.look(index),
            _ => {}
        }
    }

    /// Stops a container that counts as ended: the engine failed at it, and may have done it all the same.
    fn end_for_certain(&mut self, index: usize) {
        let Some(id) = self.containers[index].id.clone() else { return };
        let work = step::stop(self.parts.host.clone(), id, std::time::Duration::ZERO);
        self.steps.push(Box::pin(async move { Some((index, work.await)) }));
    }

    /// Asks the runtime how the container is; events are hints only.
    fn look(&mut self, index: usize) {
        let host = self.parts.host.clone();
        let container = &mut self.containers[index];
        let Some(id) = container.id.clone() else { return };
        if self.view.containers[index].is_stopped() {
            return;
        }
        if container.is_looking {
            container.look_again = true;
            return;
        }
        container.is_looking = true;
        self.steps.push(Box::pin(async move { Some((index, step::look(host, id).await)) }));
    }

    fn conclude(&mut self, index: usize, outcome: Outcome) {
        if index == WHOLE_TASK {
            return;
        }
        let now = self.parts.host.now();
        let (view, container) = (&mut self.view.containers[index], &mut self.containers[index]);
        match outcome {
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
                self.remove_volumes_at_last();
            }
            // What was given up a moment too late.
            _ if view.is_stopped() => {}
            Outcome::Pulled { since, result } => {
                view.doing = None;
                let earliest = self.pull_started_at.map_or(since, |at| at.min(since));
                self.pull_started_at = Some(earliest);
                self.pull_stopped_at = Some(now);
                match result {
                    Ok(image) => {
                        container.image_digest = image.digest;
                        advance(view, ContainerStatus::Pulled);
                    }
                    Err(error) => self.fail(index, &error, now),
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
                view.started_at = Some(started.started_at);
                container.health_since = started.started_at;
                container.ports = started.ports;
                advance(view, ContainerStatus::Running);
            }
            Outcome::Created(Err(error)) => self.fail(index, &error, now),
            Outcome::Started(Err(error)) => {
                self.fail(index, &error, now);
                self.end_for_certain(index);
            }
            // If it runs all the same, it is stopped again.
            Outcome::Stopped(state) => {
                view.doing = None;
                container.take_over(view, state.as_deref(), now);
            }
            Outcome::VolumesRemoved => {}
        }
    }

    fn fail(&mut self, index: usize, error: &RuntimeError, now: Timestamp) {
        tracing::warn!(task = %self.task.arn, container = %self.view.containers[index].name, %error, "a container failed");
        let view = &mut self.view.containers[index];
        view.reason = Some(error.reason());
        self.containers[index].end(view, now);
    }

    fn end_all(&mut self, reason: &str, now: Timestamp) {
        for (view, container) in self.view.containers.iter_mut().zip(&mut self.containers) {
            if !view.is_stopped() {
                view.reason.get_or_insert_with(|| reason.to_owned());
                container.end(view, now);
            }
        }
    }

    fn remove_volumes_at_last(&mut self) {
        if self.view.containers.iter().any(|view| view.exists) {
            return;
        }
        let names = Definition::volumes_to_remove(&self.task);
        if !names.is_empty() {
            let work = step::remove_volumes(self.parts.host.clone(), names);
            self.steps.push(Box::pin(async move { Some((WHOLE_TASK, work.await)) }));
        }
    }

    /// Shows others where the task stands, and reports it if the control plane should know.
    fn tell(&mut self) {
        let status = self.status();
        let snapshot = Snapshot {
            status,
            is_stopping: is_stopping(&self.view) || self.refusal.is_some(),
            containers: self
                .containers
                .iter()
                .zip(&self.view.containers)
                .map(|(container, view)| container.snapshot(view))
                .collect(),
        };
        let parts = self.parts.clone();
        self.snapshot.send_if_modified(|held| {
            if *held == snapshot {
                return false;
            }
            if held
                .containers
                .iter()
                .map(|held| held.health)
                .ne(snapshot.containers.iter().map(|new| new.health))
            {
                parts.health_changed.notify_one();
            }
            *held = snapshot;
            true
        });
        let report = self.report(status);
        let is_news = match &self.told {
            None => status != TaskStatus::Pending || !report.containers.is_empty(),
            Some(told) => *told != report && !told.is_final(),
        };
        if is_news {
            self.parts.outbox.send(&report);
            if report.is_final() {
                // Only now: what is not in the report must not be forgotten before it.
                self.parts.forget(&self.task.arn);
            }
            self.told = Some(report);
        }
    }

    fn report(&self, status: TaskStatus) -> TaskStateChange {
        let containers = self.containers.iter().zip(&self.view.containers);
        let reason = match (status, &self.refusal, &self.cause) {
            (TaskStatus::Stopped, Some(refusal), _) => Some(refusal.clone()),
            (TaskStatus::Stopped, None, Some(cause)) => Some(cause.reason.clone()),
            _ => None,
        };
        TaskStateChange {
            cluster: self.parts.host.options.cluster.clone(),
            task: self.task.arn.clone(),
            status: status.as_str(),
            reason: reason.map(shorten),
            pull_started_at: self.pull_started_at,
            pull_stopped_at: self.pull_stopped_at,
            execution_stopped_at: self.execution_stopped_at(),
            containers: containers.filter_map(|(container, view)| container.change(view)).collect(),
        }
    }

    fn status(&self) -> TaskStatus {
        if self.refusal.is_some() && self.is_ended() {
            return TaskStatus::Stopped;
        }
        derive_status(&self.view)
    }

    /// AWS: when the first essential container ended, or else the last of all.
    fn execution_stopped_at(&self) -> Option<Timestamp> {
        let ends = |essential_only: bool| {
            self.containers
                .iter()
                .zip(&self.view.containers)
                .filter(move |(_, view)| !essential_only || view.essential)
                .filter(|(_, view)| view.exit_code.is_some())
                .filter_map(|(container, _)| container.ended_at)
        };
        let last = || self.is_ended().then(|| ends(false).max()).flatten();
        ends(true).min().or_else(last)
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
