//! A cluster in which plans come true: instances with room, and a service whose tasks are placed on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use berth_model::{
    ContainerInstanceId, DeploymentController, DesiredStatus, HealthStatus, SchedulingStrategy,
    ServiceStatus, StopCode, TaskId, TaskSetId, TaskStatus, Timestamp,
};

use crate::{
    Alarms, Bounds, CircuitBreaker, Deployment, Event, Hook, HookCall, Host, HostState, Memory,
    Place, Plan, Progress, Role, Service, Strategy, Task, Unlaunched, full_zones, plan, supersede,
};

pub(super) struct World {
    pub now: Timestamp,
    pub service: Service,
    pub instances: Vec<Instance>,
    /// What one task takes of an instance, in CPU units and MiB.
    pub needs: (u32, u32),
    pub has_check: bool,
    /// Behind a load balancer with two target groups: the lanes 0 and 1.
    pub is_balanced: bool,
    /// Why nothing can be shifted, if so.
    pub obstacle: Option<String>,
    /// For new deployments.
    pub strategy: Strategy,
    pub hooks: Vec<Hook>,
    pub names: BTreeMap<TaskId, String>,
    numbers: BTreeMap<TaskSetId, u32>,
    /// Deployments whose tasks cannot even be launched.
    pub unlaunchable: BTreeSet<TaskSetId>,
    next_deployment: u64,
    next_task: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub id: ContainerInstanceId,
    pub zone: Arc<str>,
    pub room: (u32, u32),
    pub state: HostState,
    pub fits: bool,
}

/// What became of a plan.
pub(super) struct Outcome {
    pub plan: Plan,
    pub started: Vec<TaskId>,
    pub unplaced: u32,
    pub unlaunched: u32,
    pub events: Vec<Event>,
    pub hooks: Vec<HookCall>,
}

pub(super) fn instance_id(number: u8) -> ContainerInstanceId {
    let mut bytes = [0; 16];
    bytes[0] = 0xff;
    bytes[15] = number;
    ContainerInstanceId::from_bytes(bytes)
}

impl World {
    pub fn new() -> Self {
        World {
            now: Timestamp::EPOCH,
            service: Service {
                status: ServiceStatus::Active,
                scheduling: SchedulingStrategy::Replica,
                controller: DeploymentController::Ecs,
                desired_count: 0,
                bounds: Bounds::REPLICA,
                circuit_breaker: CircuitBreaker::default(),
                alarms: Alarms::default(),
                bake_time: Duration::ZERO,
                early_success: None,
                warm_up: Duration::ZERO,
                health_grace: Duration::ZERO,
                shifts_traffic: false,
                zone_rebalancing: false,
                zones: Vec::new(),
                memory: Memory::default(),
                deployments: Vec::new(),
                tasks: Vec::new(),
                hosts: Vec::new(),
            },
            instances: Vec::new(),
            needs: (256, 512),
            has_check: false,
            is_balanced: false,
            obstacle: None,
            strategy: Strategy::Rolling,
            hooks: Vec::new(),
            names: BTreeMap::new(),
            numbers: BTreeMap::new(),
            unlaunchable: BTreeSet::new(),
            next_deployment: 1,
            next_task: 1,
        }
    }

    pub fn join(&mut self, number: u8, zone: &str, room: (u32, u32)) {
        let id = instance_id(number);
        let state = HostState::InService;
        self.instances.push(Instance { id, zone: Arc::from(zone), room, state, fits: true });
    }

    pub fn instance(&mut self, name: &str) -> &mut Instance {
        let id = instance_id(
            name.strip_prefix('h').and_then(|n| n.parse().ok()).expect("h and a number"),
        );
        self.instances.iter_mut().find(|instance| instance.id == id).expect("a host of this name")
    }

    pub fn deploy(&mut self) -> TaskSetId {
        let id = TaskSetId::from_number(self.next_deployment);
        self.next_deployment += 1;
        let lane = self.is_balanced.then(|| self.lane());
        for (id, progress) in supersede(&self.service.deployments, self.now) {
            self.deployment(id).progress = progress;
        }
        self.service.deployments.push(Deployment {
            id,
            created_at: self.now,
            strategy: self.strategy,
            hooks: self.hooks.clone(),
            lane,
            obstacle: None,
            scale: 100.0,
            unplaced: 0,
            unplaced_because: None,
            full_zones: Vec::new(),
            unlaunched: None,
            progress: Progress::begin(self.service.desired_count, self.now),
        });
        id
    }

    /// A deployment with stages takes the lane that does not serve; a rolling one is always in the first. To begin with, the
    /// first gets the requests.
    fn lane(&self) -> u32 {
        if self.strategy == Strategy::Rolling {
            return 0;
        }
        let weight =
            |it: &Deployment| it.progress.traffic.map_or(0.0, |weights| weights.production);
        let known = self.service.deployments.iter();
        let serves = known.filter(|it| it.progress.ever_completed || weight(it) > 0.0);
        let serving =
            serves.max_by_key(|it| (it.progress.ever_completed, weight(it) as u32, it.id));
        1 - serving.and_then(|it| it.lane).unwrap_or(0)
    }

    /// A task set beside the others; the first is the primary one.
    pub fn add_set(&mut self, scale: f64) {
        let first = self.service.deployments.is_empty();
        let before: Vec<Progress> =
            self.service.deployments.iter().map(|deployment| deployment.progress.clone()).collect();
        self.deploy();
        for (deployment, progress) in self.service.deployments.iter_mut().zip(before) {
            deployment.progress = progress;
        }
        let added = self.service.deployments.last_mut().unwrap();
        added.scale = scale;
        if !first {
            added.progress.role = Role::Active;
        }
    }

    pub fn deployment(&mut self, id: TaskSetId) -> &mut Deployment {
        self.service.deployments.iter_mut().find(|deployment| deployment.id == id).unwrap()
    }

    pub fn task(&mut self, name: &str) -> &mut Task {
        let names = &self.names;
        let found = self.service.tasks.iter_mut().find(|task| names[&task.id] == name);
        found.unwrap_or_else(|| panic!("no task {name}"))
    }

    /// What the planner is shown of instances.
    fn observe(&mut self) {
        self.service.hosts = self
            .instances
            .iter()
            .map(|instance| Host {
                instance: instance.id,
                state: instance.state,
                eligible: instance.fits,
            })
            .collect();
        let deployments = &mut self.service.deployments;
        self.service.shifts_traffic =
            self.is_balanced && deployments.iter().any(|it| it.strategy != Strategy::Rolling);
        for deployment in deployments {
            deployment.obstacle = self.obstacle.clone();
        }
        // Whether an instance takes these tasks shows when it is tried.
        let in_service =
            self.instances.iter().filter(|instance| instance.state == HostState::InService);
        let mut zones: Vec<Arc<str>> = in_service.map(|instance| instance.zone.clone()).collect();
        zones.sort();
        zones.dedup();
        self.service.zones = zones;
        for task in &mut self.service.tasks {
            let instance =
                self.instances.iter().find(|instance| Some(instance.id) == task.instance);
            task.instance_draining = instance
                .is_some_and(|instance| matches!(instance.state, HostState::Draining { .. }));
        }
    }

    pub fn plan(&mut self) -> Plan {
        self.observe();
        plan(&self.service, self.now)
    }

    pub fn carry_out(&mut self, plan: Plan) -> Outcome {
        let now = self.now;
        self.service.tasks.retain(|task| !plan.accounted.contains(&task.id));
        for (id, progress) in &plan.deployments {
            self.deployment(*id).progress = progress.clone();
        }
        self.service.deployments.retain(|deployment| !plan.removed.contains(&deployment.id));
        if let Some(memory) = &plan.memory {
            self.service.memory = memory.clone();
        }
        self.service.status = plan.status.unwrap_or(self.service.status);
        for stop in &plan.stop {
            let task = self.service.tasks.iter_mut().find(|task| task.id == stop.task).unwrap();
            assert_ne!(task.desired_status, DesiredStatus::Stopped, "stopped twice");
            task.desired_status = DesiredStatus::Stopped;
            task.stop_code = Some(StopCode::ServiceSchedulerInitiated);
        }
        let mut started = Vec::new();
        let mut events = Vec::new();
        let mut unplaced: BTreeMap<TaskSetId, u32> = BTreeMap::new();
        for deployment in &mut self.service.deployments {
            deployment.unlaunched = None;
        }
        let mut tried = Vec::new();
        for start in &plan.start {
            if self.unlaunchable.contains(&start.deployment) {
                let because = "its role is gone".to_owned();
                let unlaunched = Unlaunched { tasks: start.count, because };
                self.deployment(start.deployment).unlaunched = Some(unlaunched);
                continue;
            }
            let placed: Vec<TaskId> = (0..start.count as usize)
                .filter_map(|nth| self.place(start.deployment, &start.place, nth, now))
                .collect();
            let left = start.count - placed.len() as u32;
            *unplaced.entry(start.deployment).or_default() += left;
            tried.push((start, left));
            if !placed.is_empty() {
                events.push(start.told(self.service.controller, placed.clone()));
            }
            started.extend(placed);
        }
        for (id, count) in &unplaced {
            let deployment = self.deployment(*id);
            deployment.unplaced = *count;
            deployment.unplaced_because = (*count > 0).then(|| "RESOURCE:CPU.".to_owned());
        }
        for deployment in &mut self.service.deployments {
            let of_it = tried.iter().filter(|(start, _)| start.deployment == deployment.id);
            let places = of_it.map(|(start, left)| (&start.place, *left));
            deployment.full_zones = full_zones(&deployment.full_zones, places);
        }
        events.extend(plan.events.iter().cloned());
        let hooks = plan.hooks.clone();
        let of_all = self.service.deployments.iter();
        let unlaunched = of_all.filter_map(|it| it.unlaunched.as_ref()).map(|it| it.tasks).sum();
        let unplaced = unplaced.values().sum();
        Outcome { plan, started, unplaced, unlaunched, events, hooks }
    }

    /// On the instance whose zone, then which itself, has the fewest tasks of the service.
    fn place(
        &mut self,
        deployment: TaskSetId,
        place: &Place,
        nth: usize,
        now: Timestamp,
    ) -> Option<TaskId> {
        let there = self.service.tasks.iter().filter(|task| task.last_status < TaskStatus::Stopped);
        let there: Vec<Task> = there.cloned().collect();
        let on = |id| there.iter().filter(|task| task.instance == Some(id)).count() as u32;
        let in_zone =
            |zone: &Arc<str>| there.iter().filter(|task| task.zone.as_ref() == Some(zone)).count();
        let instance = self
            .instances
            .iter()
            .filter(|instance| instance.takes_tasks())
            .filter(|instance| match place {
                Place::Anywhere => true,
                Place::Zones(zones) => zones.contains(&instance.zone),
                Place::Instances(ids) => instance.id == ids[nth],
            })
            .filter(|instance| {
                let tasks = on(instance.id) + 1;
                tasks * self.needs.0 <= instance.room.0 && tasks * self.needs.1 <= instance.room.1
            })
            .min_by_key(|instance| (in_zone(&instance.zone), on(instance.id), instance.id))?;
        let (id, zone) = (instance.id, instance.zone.clone());
        Some(self.add_task(deployment, id, zone, now))
    }

    fn add_task(
        &mut self,
        deployment: TaskSetId,
        instance: ContainerInstanceId,
        zone: Arc<str>,
        now: Timestamp,
    ) -> TaskId {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.next_task.to_be_bytes());
        self.next_task += 1;
        let id = TaskId::from_bytes(bytes);
        let number = self.numbers.entry(deployment).or_default();
        *number += 1;
        self.names.insert(id, format!("{}{number}", letter(deployment)));
        self.service.tasks.push(Task {
            id,
            deployment,
            instance: Some(instance),
            zone: Some(zone),
            instance_draining: false,
            is_another_version: false,
            last_status: TaskStatus::Pending,
            desired_status: DesiredStatus::Running,
            health: self.has_check.then_some(HealthStatus::Unknown),
            created_at: now,
            started_at: None,
            stopped_at: None,
            stop_code: None,
            protected_until: None,
        });
        id
    }

    /// Everything that is under way gets where it is going: stopping tasks stop, pending ones run, and
    /// those that run are healthy.
    pub fn go_on(&mut self) -> bool {
        let before = self.service.tasks.clone();
        let now = self.now;
        for task in &mut self.service.tasks {
            if task.desired_status == DesiredStatus::Stopped {
                end(task, now);
            } else if task.last_status < TaskStatus::Running {
                run(task, now);
            } else if task.health == Some(HealthStatus::Unknown) {
                task.health = Some(HealthStatus::Healthy);
            }
        }
        before != self.service.tasks
    }
}

impl Instance {
    fn takes_tasks(&self) -> bool {
        self.state == HostState::InService && self.fits
    }
}

pub(super) fn run(task: &mut Task, now: Timestamp) {
    task.last_status = TaskStatus::Running;
    task.started_at = Some(now);
}

pub(super) fn end(task: &mut Task, now: Timestamp) {
    task.last_status = TaskStatus::Stopped;
    task.desired_status = DesiredStatus::Stopped;
    task.stopped_at = Some(now);
}

/// By itself.
pub(super) fn fail(task: &mut Task, now: Timestamp) {
    let ran = task.last_status >= TaskStatus::Running;
    end(task, now);
    task.stop_code =
        Some(if ran { StopCode::EssentialContainerExited } else { StopCode::TaskFailedToStart });
}

pub(super) fn letter(deployment: TaskSetId) -> char {
    char::from(b'a' + (deployment.number() as u8 - 1))
}
