//! All tasks of this host: takes orders for them, and finds the one that an event is for.

mod departed;
mod lookup;
mod notes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_agent_protocol::acs;
use berth_model::{DesiredStatus, TaskStatus, Timestamp};
use berth_runtime::{ContainerState, Glimpse, RuntimeEvent, RuntimeId};
use tokio::sync::{Notify, mpsc, oneshot, watch};

pub(crate) use lookup::{ContainerIndex, Seen};

use departed::Departed;

use super::actor::{Actor, Beginning};
use super::definition::{Definition, Limits, task_id};
use super::description::Description;
use super::snapshot::Snapshot;
use super::step;
use crate::host::Host;
use crate::images::Images;
use crate::labels;
use crate::ledger::Ledger;
use crate::memory::{Recollection, Remembered, Version};
use crate::metadata::Access;
use crate::outbox::Outbox;
use crate::persist::until_done;
use crate::report::TaskStateChange;
use crate::roles::Roles;
use crate::usage::Usage;

/// What every task's actor works with.
pub(crate) struct Parts {
    pub(crate) host: Arc<Host>,
    pub(crate) images: Arc<Images>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) recollection: Arc<Recollection>,
    pub(crate) containers: ContainerIndex,
    pub(crate) limits: Limits,
    /// Which containers may ask this agent something.
    pub(crate) access: Access,
    pub(crate) roles: Roles,
    pub(crate) usage: Usage,
    /// Some container's health is another than before.
    pub(crate) health_changed: Notify,
}

/// What a task's actor is told.
#[derive(Debug)]
pub(crate) enum Order {
    Stop,
    /// The control plane knows it, and wants it to run.
    Wanted,
    /// An ended task's containers are to go now, and not when their time has come.
    MakeRoom,
    Event(RuntimeEvent),
    /// Somebody wants to know all about it.
    Describe(oneshot::Sender<Box<Description>>),
    /// Everything that the runtime has, to compare with.
    Swept(Arc<Seen>),
}

pub(crate) struct Register {
    parts: Arc<Parts>,
    tasks: Mutex<BTreeMap<String, Entry>>,
    departed: Mutex<Departed>,
    /// Containers without a task that are being removed.
    leaving: Mutex<BTreeSet<RuntimeId>>,
}

struct Entry {
    orders: mpsc::UnboundedSender<Order>,
    snapshot: watch::Receiver<Snapshot>,
    is_told_to_stop: bool,
    about: Arc<About>,
}

/// What telemetry says of a task beside figures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) arn: String,
    pub(crate) cluster: Option<String>,
    pub(crate) family: String,
    pub(crate) version: String,
}

/// What became of an order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// It is remembered once this version is durable.
    At(Version),
    /// It was known already.
    Known,
    /// It cannot be obeyed, and is reported as stopped.
    Refused,
}

impl Register {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        Self {
            parts,
            tasks: Mutex::default(),
            departed: Mutex::default(),
            leaving: Mutex::default(),
        }
    }

    pub(crate) fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Takes a task of a payload. For one that is known only its desired status counts.
    pub(crate) fn assign(self: &Arc<Self>, task: acs::Task) -> Accepted {
        let is_to_stop = task.desired_status == Some(acs::DesiredStatus::Stopped);
        if self.is_known(&task.arn) {
            if self.has(&task.arn) {
                self.parts.roles.take(&task);
            }
            self.confirm(&task.arn);
            return if is_to_stop { self.stop(&task.arn) } else { Accepted::Known };
        }
        if is_to_stop {
            // AWS: the end of a task that was never here is reported like any other.
            self.begin(task, None, Beginning::Fresh, DesiredStatus::Stopped);
            return Accepted::Known;
        }
        match Definition::compile(&task, &self.parts.host.options, self.parts.limits) {
            Ok(definition) => {
                self.parts.roles.take(&task);
                let version = self.parts.note_accepted(&task);
                self.begin(task, Some(definition), Beginning::Fresh, DesiredStatus::Running);
                Accepted::At(version)
            }
            Err(refusal) => {
                tracing::warn!(task = %task.arn, reason = refusal.reason(), "a task is refused");
                let reason = refusal.reason().to_owned();
                self.begin(task, None, Beginning::Refused(reason), DesiredStatus::Running);
                Accepted::Refused
            }
        }
    }

    /// The control plane has named a task that is to run.
    pub(crate) fn confirm(&self, arn: &str) {
        self.parts.note_confirmed(arn);
        if let Some(entry) = self.tasks().get(arn) {
            // The actor may have ended just now; then there is nothing to confirm.
            let _ = entry.orders.send(Order::Wanted);
        }
    }

    /// Stops a task, if it is here.
    pub(crate) fn stop(&self, arn: &str) -> Accepted {
        let mut tasks = self.tasks();
        let Some(entry) = tasks.get_mut(arn).filter(|entry| !entry.is_told_to_stop) else {
            return Accepted::Known;
        };
        entry.is_told_to_stop = true;
        // The actor may have ended just now; then there is nothing to stop.
        let _ = entry.orders.send(Order::Stop);
        if entry.snapshot.borrow().status == TaskStatus::Stopped {
            return Accepted::Known;
        }
        Accepted::At(self.parts.note_stopping(arn))
    }

    /// Clears away the containers of tasks that ended before this; gives how many such tasks there are.
    pub(crate) fn clear_ended(&self, before: Timestamp) -> usize {
        let tasks = self.tasks();
        let mut told = 0;
        for entry in tasks.values() {
            let ended_at = entry.snapshot.borrow().ended_at;
            if ended_at.is_some_and(|ended_at| ended_at < before) {
                // An actor that is gone by now has cleared away everything.
                let _ = entry.orders.send(Order::MakeRoom);
                told += 1;
            }
        }
        told
    }

    /// Takes up what ran when the agent was not there.
    pub(crate) fn adopt(self: &Arc<Self>, states: Vec<ContainerState>) {
        let Remembered { accepted, present, unconfirmed, stopping, ended, .. } =
            self.parts.recollection.read(Remembered::clone);
        let ended: BTreeSet<String> = ended.into_keys().collect();
        // The agent may have died between noting the end and noting that nothing may start any more.
        let stopping = &stopping | &ended;
        let mut found: BTreeMap<String, BTreeMap<String, ContainerState>> = BTreeMap::new();
        for state in states {
            self.parts.access.learn(&state.labels);
            if let Some((arn, name)) = labels::owner(&state.labels) {
                let (arn, name) = (arn.to_owned(), name.to_owned());
                found.entry(arn).or_default().insert(name, state);
            }
        }
        let is_known = |arn: &String| {
            accepted.contains_key(arn)
                || stopping.contains(arn)
                || (present.contains(arn) && !unconfirmed.contains(arn))
        };
        let unknown: BTreeSet<String> =
            found.keys().filter(|arn| !is_known(arn)).cloned().collect();
        for arn in accepted.keys() {
            found.entry(arn.clone()).or_default();
        }
        // Of these the last container went when this agent's predecessor did.
        for arn in stopping.iter().filter(|arn| !found.contains_key(*arn)) {
            self.parts.forget(arn);
        }
        for arn in present.iter().filter(|arn| !found.contains_key(*arn)) {
            if !ended.contains(arn) {
                self.report_lost(
                    arn,
                    "the task's containers were removed while the agent was away",
                );
            }
            self.parts.forget(arn);
        }
        let here: BTreeSet<String> = found
            .keys()
            .filter(|arn| !accepted.contains_key(*arn) && !stopping.contains(*arn))
            .cloned()
            .collect();
        self.parts.note_present(here, &unknown);
        for arn in ended {
            self.departed().add(arn);
        }
        self.remove_groups(found.keys().map(|arn| task_id(arn).to_owned()).collect());
        for (arn, containers) in found {
            let carried = containers.values().find_map(|state| labels::carried_task(&state.labels));
            let Some(task) = carried.or_else(|| accepted.get(&arn).cloned()) else {
                self.give_up(&arn, containers);
                continue;
            };
            self.parts.roles.take(&task);
            let desired = match stopping.contains(&arn) {
                true => DesiredStatus::Stopped,
                false => DesiredStatus::Running,
            };
            tracing::info!(task = %arn, containers = containers.len(), "taking up a task");
            match Definition::compile(&task, &self.parts.host.options, self.parts.limits) {
                Ok(definition) => {
                    let beginning = match unknown.contains(&arn) {
                        true => Beginning::Found(containers),
                        false => Beginning::Adopted(containers),
                    };
                    self.begin(task, Some(definition), beginning, desired);
                }
                Err(refusal) => {
                    let reason = refusal.reason().to_owned();
                    self.begin(task, None, Beginning::Refused(reason), desired);
                    self.remove_strays(containers.into_values().map(|state| state.id).collect());
                }
            }
        }
    }

    /// Containers whose task nobody remembers: nothing can be done with them but to end them.
    fn give_up(self: &Arc<Self>, arn: &str, containers: BTreeMap<String, ContainerState>) {
        tracing::error!(task = %arn, "its containers are here, and what it is has been lost");
        self.report_lost(arn, "the agent lost what it knew of the task");
        self.parts.forget(arn);
        self.remove_strays(containers.into_values().map(|state| state.id).collect());
    }

    fn report_lost(&self, arn: &str, reason: &str) {
        self.departed().add(arn.to_owned());
        self.parts.outbox.send(&TaskStateChange {
            cluster: self.parts.host.options.cluster.clone(),
            task: arn.to_owned(),
            status: TaskStatus::Stopped.as_str(),
            reason: Some(reason.to_owned()),
            pull_started_at: None,
            pull_stopped_at: None,
            execution_stopped_at: None,
            containers: Vec::new(),
        });
    }

    /// Each sweep finds what an engine is slow to remove once more; one attempt at a time is enough.
    fn remove_strays(self: &Arc<Self>, strays: Vec<RuntimeId>) {
        for id in strays {
            if !self.leaving().insert(id.clone()) {
                continue;
            }
            let register = self.clone();
            self.parts.host.spawn(async move {
                step::remove(register.parts.host.clone(), id.clone()).await;
                register.leaving().remove(&id);
            });
        }
    }

    /// Removes groups that outlived their tasks: all but those that are still needed.
    fn remove_groups(self: &Arc<Self>, needed: BTreeSet<String>) {
        if self.parts.limits == Limits::OfContainers {
            return;
        }
        let host = self.parts.host.clone();
        self.parts.host.spawn(async move {
            // What comes meanwhile is not in the list, or is needed: names are of tasks, and no task comes twice.
            let groups = match host.runtime.groups().await {
                Ok(groups) => groups,
                Err(error) => {
                    tracing::warn!(%error, "the control groups of earlier tasks could not be looked for");
                    return;
                }
            };
            for group in groups.into_iter().filter(|group| !needed.contains(group)) {
                until_done(&host, || host.runtime.remove_group(&group)).await;
            }
        });
    }

    /// Removes what log routers of tasks that are not here any more left on the disk.
    pub(crate) async fn clear_router_files(&self) {
        let here = self.tasks().keys().map(|arn| task_id(arn).to_owned()).collect();
        if let Err(error) = self.parts.host.options.router_files.keep_only(&here).await {
            tracing::warn!(%error, "files of log routers stay behind");
        }
    }

    /// Hands an event to the task that it is about.
    pub(crate) fn hear(&self, event: RuntimeEvent) {
        let Some(arn) = event.id().and_then(|id| self.parts.containers.task_of(id)) else { return };
        if let Some(entry) = self.tasks().get(&arn) {
            let _ = entry.orders.send(Order::Event(event));
        }
    }

    /// Compares everything with what the runtime has.
    pub(crate) fn sweep(self: &Arc<Self>, all: &[Glimpse]) {
        let seen = Arc::new(Seen::new(all));
        let tasks = self.tasks();
        for entry in tasks.values() {
            let _ = entry.orders.send(Order::Swept(seen.clone()));
        }
        let is_stray = |found: &&Glimpse| {
            labels::owner(&found.labels).is_some_and(|(arn, _)| !tasks.contains_key(arn))
        };
        let strays: Vec<_> = all.iter().filter(is_stray).map(|found| found.id.clone()).collect();
        drop(tasks);
        self.remove_strays(strays);
    }

    /// The tasks that are meant to run.
    pub(crate) fn meant_to_run(&self) -> Vec<String> {
        let is_meant = |entry: &&Entry| {
            let snapshot = entry.snapshot.borrow();
            !entry.is_told_to_stop
                && !snapshot.is_stopping
                && snapshot.status != TaskStatus::Stopped
        };
        self.tasks().values().filter(is_meant).map(|entry| entry.about.arn.clone()).collect()
    }

    /// Every task and how it is.
    pub(crate) fn snapshots(&self) -> Vec<(Arc<About>, Snapshot)> {
        let tasks = self.tasks();
        tasks.values().map(|entry| (entry.about.clone(), entry.snapshot.borrow().clone())).collect()
    }

    /// All that is known of a task that is here.
    pub(crate) async fn describe(&self, arn: &str) -> Option<Box<Description>> {
        let (asker, answer) = oneshot::channel();
        self.tasks().get(arn)?.orders.send(Order::Describe(asker)).ok()?;
        answer.await.ok()
    }

    /// Whether the task is here.
    pub(crate) fn has(&self, arn: &str) -> bool {
        self.tasks().contains_key(arn)
    }

    fn is_known(&self, arn: &str) -> bool {
        self.tasks().contains_key(arn)
            || self.departed().contains(arn)
            || self.parts.recollection.read(|state| state.ended.contains_key(arn))
    }

    fn begin(
        self: &Arc<Self>,
        task: acs::Task,
        definition: Option<Definition>,
        beginning: Beginning,
        desired: DesiredStatus,
    ) {
        let about = Arc::new(About {
            arn: task.arn.clone(),
            cluster: task.task_cluster_arn.clone(),
            family: task.family.clone(),
            version: task.version.clone(),
        });
        let (orders, inbox) = mpsc::unbounded_channel();
        let (actor, snapshot) =
            Actor::new(self.parts.clone(), task, definition, beginning, desired);
        let is_told_to_stop = desired == DesiredStatus::Stopped;
        let arn = about.arn.clone();
        self.tasks().insert(arn.clone(), Entry { orders, snapshot, is_told_to_stop, about });
        let register = self.clone();
        self.parts.host.spawn(async move {
            actor.live(inbox).await;
            register.departed().add(arn.clone());
            register.tasks().remove(&arn);
        });
    }

    fn departed(&self) -> MutexGuard<'_, Departed> {
        self.departed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaving(&self) -> MutexGuard<'_, BTreeSet<RuntimeId>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
