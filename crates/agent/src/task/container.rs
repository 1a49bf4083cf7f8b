//! What an actor knows of one container beside what `lifecycle` needs to know.

use std::sync::Arc;

use berth_lifecycle::{ContainerView, RunEnd, Step};
use berth_model::{ContainerStatus, HealthStatus, Timestamp};
use berth_runtime::{ContainerState, Exit, PortBinding, Run, RuntimeId};
use futures_util::future::AbortHandle;

use super::definition::ContainerDefinition;
use super::snapshot::{ContainerSnapshot, Health};
use crate::labels;
use crate::report::{ContainerStateChange, NetworkBinding, shorten};

pub(super) struct Container {
    pub(super) definition: Arc<ContainerDefinition>,
    pub(super) id: Option<RuntimeId>,
    pub(super) image_digest: Option<String>,
    pub(super) ports: Vec<PortBinding>,
    pub(super) health_since: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    /// How often it was started again by its restart policy.
    pub(super) restarts: u32,
    /// The end of the run before this one, which may be told late.
    last_end_at: Option<Timestamp>,
    /// It counts as ended, and the runtime is being asked to make sure of it.
    pub(super) is_ending: bool,
    /// The runtime is being asked about it.
    pub(super) is_looking: bool,
    /// The runtime must be asked again once it has answered.
    pub(super) look_again: bool,
    /// Gives up what is being done with it.
    pub(super) abort: Option<AbortHandle>,
}

impl Container {
    pub(super) fn new(definition: ContainerDefinition, now: Timestamp) -> Self {
        Self {
            definition: Arc::new(definition),
            id: None,
            image_digest: None,
            ports: Vec::new(),
            health_since: now,
            ended_at: None,
            restarts: 0,
            last_end_at: None,
            is_ending: false,
            is_looking: false,
            look_again: false,
            abort: None,
        }
    }

    /// What `lifecycle` sees before anything is done.
    pub(super) fn view(&self) -> ContainerView {
        let definition = &self.definition;
        ContainerView {
            needs: definition.needs.clone(),
            is_made_late: definition.routed.as_ref().is_some_and(|routed| routed.is_in_bridge),
            stop_grace: definition.stop_grace,
            start_timeout: definition.start_timeout,
            restart_policy: definition.restart_policy.clone(),
            ..ContainerView::new(&definition.name, definition.essential)
        }
    }

    /// Takes over what the runtime says. Status moves forward only.
    pub(super) fn observe(&mut self, view: &mut ContainerView, state: &ContainerState) {
        view.exists = true;
        self.id = Some(state.id.clone());
        if self.image_digest.is_none() {
            self.image_digest = labels::image_digest(&state.labels);
        }
        match &state.run {
            Run::Created => advance(view, ContainerStatus::Created),
            Run::Running { started_at, .. } => {
                // A start after an end tells by itself that it has succeeded.
                if !view.is_stopped() && view.run_end.is_none() {
                    view.started_at.get_or_insert(*started_at);
                    self.ports.clone_from(&state.ports);
                    advance(view, ContainerStatus::Running);
                    self.observe_health(view, state.health, state.created_at);
                }
            }
            // An agent before this one may have started it, too. What is under way may run it once more: it has ended if it has
            // when that is answered.
            Run::Ended(_) if view.doing == Some(Step::Start) => self.look_again = true,
            Run::Ended(exit) => self.observe_end(view, exit),
        }
    }

    /// As [`observe`](Self::observe); `None` if the runtime knows no such container.
    pub(super) fn take_over(
        &mut self,
        view: &mut ContainerView,
        state: Option<&ContainerState>,
        now: Timestamp,
    ) {
        match state {
            Some(state) => self.observe(view, state),
            None if view.is_stopped() => {}
            None => {
                view.reason.get_or_insert_with(|| {
                    "DockerStateError: the container was removed by somebody else".to_owned()
                });
                self.end(view, now);
            }
        }
    }

    fn observe_end(&mut self, view: &mut ContainerView, exit: &Exit) {
        if view.is_stopped() {
            return;
        }
        let code = i32::try_from(exit.code).unwrap_or(i32::MAX);
        if let Some(started_at) = exit.started_at {
            if view.restart_policy.is_some() {
                self.end_run(
                    view,
                    started_at,
                    RunEnd { code, reason: exit.reason(), at: exit.ended_at },
                );
                return;
            }
            view.started_at.get_or_insert(started_at);
            view.exit_code = Some(code);
        }
        view.reason = view.reason.take().or_else(|| exit.reason());
        self.end(view, exit.ended_at);
    }

    /// A run ended, and perhaps another one follows.
    fn end_run(&mut self, view: &mut ContainerView, started_at: Timestamp, end: RunEnd) {
        // What was asked before the next run began may be answered after.
        if self.last_end_at == Some(end.at) || view.run_end.is_some() {
            return;
        }
        view.exists = true;
        view.started_at = Some(started_at);
        view.health = HealthStatus::Unknown;
        self.health_since = end.at;
        view.run_end = Some(end);
        view.doing = None;
        if let Some(abort) = self.abort.take() {
            abort.abort();
        }
        advance(view, ContainerStatus::Running);
    }

    /// It was started; whether that was not for the first time.
    pub(super) fn begin_again(&mut self, view: &mut ContainerView) -> bool {
        let Some(end) = view.run_end.take() else { return false };
        self.last_end_at = Some(end.at);
        self.restarts += 1;
        true
    }

    /// It has ended, or will never run.
    pub(super) fn end(&mut self, view: &mut ContainerView, at: Timestamp) {
        let last_run = view.run_end.take();
        let at = last_run.as_ref().map_or(at, |end| end.at);
        if let Some(end) = last_run {
            view.exit_code = Some(end.code);
            view.reason = view.reason.take().or(end.reason);
        }
        view.status = ContainerStatus::Stopped;
        view.doing = None;
        self.ended_at = Some(at);
        if let Some(abort) = self.abort.take() {
            abort.abort();
        }
    }

    pub(super) fn observe_health(
        &mut self,
        view: &mut ContainerView,
        health: berth_runtime::Health,
        at: Timestamp,
    ) {
        let status = match health {
            berth_runtime::Health::Healthy => HealthStatus::Healthy,
            berth_runtime::Health::Unhealthy => HealthStatus::Unhealthy,
            berth_runtime::Health::Starting | berth_runtime::Health::Unchecked => {
                HealthStatus::Unknown
            }
        };
        if status != view.health {
            view.health = status;
            self.health_since = at;
        }
    }

    /// What there is to report; before it runs, no more than which image it will run.
    pub(super) fn change(&self, view: &ContainerView) -> Option<ContainerStateChange> {
        let has_begun = view.is_running() || view.is_stopped();
        if self.definition.is_internal || (!has_begun && self.image_digest.is_none()) {
            return None;
        }
        if !has_begun {
            return Some(ContainerStateChange::pending(&view.name, self.image_digest.clone()));
        }
        Some(ContainerStateChange {
            container_name: view.name.clone(),
            runtime_id: self.id.as_ref().map(ToString::to_string),
            status: if view.is_stopped() { "STOPPED" } else { "RUNNING" },
            exit_code: view.exit_code,
            reason: view.reason.clone().map(shorten),
            network_bindings: self.bindings(),
            image_digest: self.image_digest.clone(),
        })
    }

    /// AWS: a port that is bound for both families is told once, for IPv4; a range is told as one.
    pub(super) fn bindings(&self) -> Vec<NetworkBinding> {
        let definition = &self.definition;
        let of_host = definition.host_ports.iter().map(|(port, transport)| NetworkBinding {
            bind_ip: "0.0.0.0".to_owned(),
            container_port: Some(*port),
            host_port: Some(*port),
            container_port_range: None,
            host_port_range: None,
            protocol: transport.as_str(),
        });
        let bound = || self.ports.iter().filter(|port| port.host_ip.is_ipv4());
        let in_range = |port: &&PortBinding| {
            let mut ranges = definition.port_ranges.iter();
            ranges.any(|range| range.holds(port.container_port, port.transport))
        };
        let single = bound().filter(|port| !in_range(port)).map(|port| NetworkBinding {
            bind_ip: port.host_ip.to_string(),
            container_port: Some(port.container_port),
            host_port: Some(port.host_port),
            container_port_range: None,
            host_port_range: None,
            protocol: port.transport.as_str(),
        });
        let ranges = definition.port_ranges.iter().filter_map(|range| {
            let is_first = |port: &&PortBinding| {
                port.container_port == range.first && port.transport == range.transport
            };
            let first = bound().find(is_first)?;
            let last_host_port = range.last_from(first.host_port);
            Some(NetworkBinding {
                bind_ip: first.host_ip.to_string(),
                container_port: None,
                host_port: None,
                container_port_range: Some(format!("{}-{}", range.first, range.last)),
                host_port_range: Some(format!("{}-{last_host_port}", first.host_port)),
                protocol: range.transport.as_str(),
            })
        });
        single.chain(of_host).chain(ranges).collect()
    }

    pub(super) fn snapshot(&self, view: &ContainerView) -> ContainerSnapshot {
        let health = Health { status: view.health, since: self.health_since };
        ContainerSnapshot {
            name: view.name.clone(),
            id: self.id.clone(),
            is_running: view.is_up(),
            restarts: view.restart_policy.as_ref().map(|_| self.restarts),
            health: self.definition.is_checked.then_some(health),
        }
    }
}

pub(super) fn advance(view: &mut ContainerView, status: ContainerStatus) {
    if let Some(status) = berth_lifecycle::advance_container(view.status, status) {
        view.status = status;
    }
}
