//! A plan while it is being made.

use berth_model::{ServiceStatus, TaskId, TaskSetId, Timestamp};

use crate::census::Census;
use crate::deployment::{Progress, Role};
use crate::event::Event;
use crate::explanation::{Explanation, Note};
use crate::memory::Memory;
use crate::plan::{Place, Plan, Start, Stop, StopReason};
use crate::service::Service;

pub(crate) struct Draft<'a> {
    pub service: &'a Service,
    pub now: Timestamp,
    /// One per deployment of the service, in the same order, as it is to be.
    pub progress: Vec<Progress>,
    pub memory: Memory,
    pub status: ServiceStatus,
    pub events: Vec<Event>,
    start: Vec<Start>,
    stop: Vec<Stop>,
    removed: Vec<TaskSetId>,
    accounted: Vec<TaskId>,
    notes: Vec<Note>,
    ask_again_at: Option<Timestamp>,
}

impl<'a> Draft<'a> {
    pub fn new(service: &'a Service, now: Timestamp) -> Self {
        Draft {
            service,
            now,
            progress: service
                .deployments
                .iter()
                .map(|deployment| deployment.progress.clone())
                .collect(),
            memory: service.memory.clone(),
            status: service.status,
            events: Vec::new(),
            start: Vec::new(),
            stop: Vec::new(),
            removed: Vec::new(),
            accounted: Vec::new(),
            notes: Vec::new(),
            ask_again_at: None,
        }
    }

    /// The index of the primary deployment.
    pub fn primary(&self) -> Option<usize> {
        self.progress.iter().position(|progress| progress.role == Role::Primary)
    }

    pub fn id(&self, deployment: usize) -> TaskSetId {
        self.service.deployments[deployment].id
    }

    pub fn start(&mut self, deployment: usize, count: u32, place: Place) {
        if count > 0 {
            self.start.push(Start { deployment: self.id(deployment), count, place });
        }
    }

    pub fn stop(&mut self, task: TaskId, why: StopReason) {
        self.stop.push(Stop { task, why });
    }

    pub fn remove(&mut self, deployment: usize) {
        self.removed.push(self.id(deployment));
    }

    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Whether anything is started or stopped so far.
    pub fn moves_tasks(&self) -> bool {
        !self.start.is_empty() || !self.stop.is_empty()
    }

    pub fn ask_again(&mut self, at: Timestamp) {
        if self.ask_again_at.is_none_or(|earlier| at < earlier) {
            self.ask_again_at = Some(at);
        }
    }

    pub fn account_for(&mut self, census: &Census<'_>) {
        self.accounted.extend(census.stopped.iter().map(|task| task.id));
    }

    pub fn finish(mut self) -> Plan {
        if !self.stop.is_empty() {
            let tasks = self.stop.iter().map(|stop| stop.task).collect();
            self.events.insert(0, Event::TasksStopped { tasks, zone: None });
        }
        let known = self.service.deployments.iter();
        let deployments = known
            .zip(self.progress)
            .filter(|(deployment, progress)| {
                deployment.progress != *progress && !self.removed.contains(&deployment.id)
            })
            .map(|(deployment, mut progress)| {
                progress.updated_at = self.now;
                (deployment.id, progress)
            })
            .collect();
        Plan {
            start: self.start,
            stop: self.stop,
            deployments,
            removed: self.removed,
            memory: (self.memory != self.service.memory).then_some(self.memory),
            status: (self.status != self.service.status).then_some(self.status),
            accounted: self.accounted,
            events: self.events,
            ask_again_at: self.ask_again_at,
            explanation: Explanation { notes: self.notes },
        }
    }
}
