//! A plan while it is being made.

use std::collections::BTreeMap;

use berth_model::{SchedulingStrategy, ServiceStatus, TaskId, TaskSetId, TaskStatus, Timestamp};

use crate::census::Live;
use crate::daemon;
use crate::deployment::{Progress, Role};
use crate::event::Event;
use crate::explanation::{Explanation, Note};
use crate::memory::{Memory, Topic};
use crate::plan::{HookCall, Place, Plan, Start, Stop, StopReason};
use crate::service::Service;
use crate::task::Zone;

pub(crate) struct Draft<'a> {
    pub service: &'a Service,
    pub now: Timestamp,
    /// One per deployment of the service, in the same order, as it is to be.
    pub progress: Vec<Progress>,
    pub memory: Memory,
    pub status: ServiceStatus,
    pub events: Vec<Event>,
    pub hooks: Vec<HookCall>,
    start: Vec<Start>,
    stop: Vec<Stop>,
    stopped: Stopped,
    removed: Vec<TaskSetId>,
    accounted: Vec<TaskId>,
    notes: Vec<Note>,
    topics: Vec<Topic>,
    ask_again_at: Option<Timestamp>,
}

/// What is told about tasks asked to stop.
#[derive(Default)]
struct Stopped {
    unhealthy: Vec<TaskId>,
    running: Vec<TaskId>,
    rebalanced: BTreeMap<Option<Zone>, Vec<TaskId>>,
    pending: u32,
}

impl<'a> Draft<'a> {
    pub fn new(service: &'a Service, now: Timestamp) -> Self {
        let known = service.deployments.iter();
        Draft {
            service,
            now,
            progress: known.map(|deployment| deployment.progress.clone()).collect(),
            memory: service.memory.clone(),
            status: service.status,
            events: Vec::new(),
            hooks: Vec::new(),
            start: Vec::new(),
            stop: Vec::new(),
            stopped: Stopped::default(),
            removed: Vec::new(),
            accounted: Vec::new(),
            notes: Vec::new(),
            topics: Vec::new(),
            ask_again_at: None,
        }
    }

    /// The index of the primary deployment.
    pub fn primary(&self) -> Option<usize> {
        self.progress.iter().position(|progress| progress.role == Role::Primary)
    }

    pub fn index_of(&self, id: TaskSetId) -> Option<usize> {
        self.service.deployments.iter().position(|deployment| deployment.id == id)
    }

    pub fn id(&self, deployment: usize) -> TaskSetId {
        self.service.deployments[deployment].id
    }

    /// How many tasks the service should have: for a daemon, one for each host that it can run on.
    pub fn desired(&self) -> u32 {
        match self.service.scheduling {
            SchedulingStrategy::Replica => self.service.desired_count,
            SchedulingStrategy::Daemon => {
                self.service.hosts.iter().filter(|host| daemon::is_wanted(host)).count() as u32
            }
        }
    }

    pub fn start(&mut self, deployment: usize, count: u32, place: Place, replacing_unhealthy: u32) {
        if count > 0 {
            let deployment = self.id(deployment);
            self.start.push(Start { deployment, count, place, replacing_unhealthy });
        }
    }

    pub fn stop(&mut self, live: Live<'_>, why: StopReason) {
        let task = live.task;
        self.stop.push(Stop { task: task.id, why });
        if why == StopReason::Unhealthy {
            self.stopped.unhealthy.push(task.id);
        }
        if task.last_status < TaskStatus::Running {
            self.stopped.pending += 1;
        } else if let StopReason::Rebalancing(_) = why {
            self.stopped.rebalanced.entry(task.zone.clone()).or_default().push(task.id);
        } else {
            self.stopped.running.push(task.id);
        }
    }

    pub fn remove(&mut self, deployment: usize) {
        self.removed.push(self.id(deployment));
    }

    pub fn removes(&self, deployment: usize) -> bool {
        self.removed.contains(&self.id(deployment))
    }

    pub fn account_for(&mut self, task: TaskId) {
        self.accounted.push(task);
    }

    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Tells what holds, once for as long as it does.
    pub fn tell(&mut self, topic: Topic, event: impl FnOnce() -> Event) {
        if self.topics.contains(&topic) {
            return;
        }
        self.topics.push(topic);
        let (due, again_at) = self.memory.tell(topic, self.now);
        if due {
            self.events.push(event());
        }
        self.ask_again(again_at);
    }

    /// The tasks that are asked to stop so far.
    pub fn stopped(&self) -> impl Iterator<Item = TaskId> {
        self.stop.iter().map(|stop| stop.task)
    }

    /// Whether anything is started or stopped so far.
    pub fn moves_tasks(&self) -> bool {
        self.moves() > 0
    }

    /// How many orders there are so far.
    pub fn moves(&self) -> usize {
        self.start.len() + self.stop.len()
    }

    pub fn starts(&self, deployment: usize) -> bool {
        self.start.iter().any(|start| start.deployment == self.id(deployment))
    }

    pub fn ask_again(&mut self, at: Timestamp) {
        if self.ask_again_at.is_none_or(|earlier| at < earlier) {
            self.ask_again_at = Some(at);
        }
    }

    pub fn finish(mut self) -> Plan {
        self.memory.keep_only(&self.topics);
        let known = self.service.deployments.iter();
        let deployments = known
            .zip(self.progress)
            .filter(|(deployment, progress)| deployment.progress != *progress)
            .map(|(deployment, mut progress)| {
                progress.updated_at = self.now;
                (deployment.id, progress)
            })
            .collect();
        let mut events = self.stopped.into_events();
        events.append(&mut self.events);
        Plan {
            start: self.start,
            stop: self.stop,
            hooks: self.hooks,
            deployments,
            removed: self.removed,
            memory: (self.memory != self.service.memory).then_some(self.memory),
            status: (self.status != self.service.status).then_some(self.status),
            accounted: self.accounted,
            events,
            ask_again_at: self.ask_again_at,
            explanation: Explanation { notes: self.notes },
        }
    }
}

impl Stopped {
    fn into_events(self) -> Vec<Event> {
        let mut events: Vec<Event> =
            self.unhealthy.into_iter().map(|task| Event::TaskUnhealthy { task }).collect();
        if self.pending > 0 {
            events.push(Event::PendingTasksStopped { count: self.pending });
        }
        if !self.running.is_empty() {
            events.push(Event::TasksStopped { tasks: self.running, zone: None });
        }
        for (zone, tasks) in self.rebalanced {
            events.push(Event::TasksStopped { tasks, zone });
        }
        events
    }
}
