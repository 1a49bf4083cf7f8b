//! One container of the fake: its record, its runs, and what others see of it.

use std::net::IpAddr;
use std::time::Duration;

use berth_model::Timestamp;
use tokio::sync::watch;

use super::{KILLED, Turn};
use crate::fake::script::Script;
use crate::{
    BlockStats, ContainerSpec, ContainerState, ContainerStats, CpuStats, Exit, Health, MemoryStats,
    Network, NetworkStats, OWNER_LABEL, PortBinding, Run, RuntimeId, Started,
};

#[derive(Debug)]
pub(super) struct Container {
    pub id: RuntimeId,
    pub spec: ContainerSpec,
    image_id: String,
    /// What it does when it runs, or the program that its image lacks.
    pub script: Result<Script, String>,
    created_at: Timestamp,
    run: Run,
    /// How often it was started; a fate of an earlier run is void.
    pub runs: u32,
    pub health: Health,
    ports: Vec<PortBinding>,
    addresses: Vec<IpAddr>,
    pub ended: watch::Sender<bool>,
}

impl Container {
    pub fn new(
        id: RuntimeId,
        spec: ContainerSpec,
        image_id: String,
        script: Result<Script, String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            spec,
            image_id,
            script,
            created_at,
            run: Run::Created,
            runs: 0,
            health: Health::Unchecked,
            ports: Vec::new(),
            addresses: Vec::new(),
            ended: watch::Sender::new(false),
        }
    }

    pub fn owner(&self) -> &str {
        self.spec.labels.get(OWNER_LABEL).map_or("", String::as_str)
    }

    pub fn is_running(&self) -> bool {
        matches!(self.run, Run::Running { .. })
    }

    pub fn started(&self) -> Option<Started> {
        let Run::Running { started_at, pid } = self.run else { return None };
        Some(Started {
            started_at,
            ports: self.ports.clone(),
            addresses: self.addresses.clone(),
            pid: Some(pid),
        })
    }

    /// Starts it; returns what will become of it by itself.
    pub fn begin_run(
        &mut self,
        script: &Script,
        ports: Vec<PortBinding>,
        addresses: Vec<IpAddr>,
        pid: u32,
        now: Timestamp,
    ) -> Vec<(Duration, Turn)> {
        self.run = Run::Running { started_at: now, pid };
        self.runs += 1;
        self.ports = ports;
        self.addresses = addresses;
        self.ended = watch::Sender::new(false);
        let mut turns = Vec::new();
        if self.spec.memory_limit.is_some_and(|limit| script.memory > limit) {
            turns.push((Duration::ZERO, Turn::End { code: KILLED, oom_killed: true }));
        } else if let Some(demise) = script.demise {
            turns.push((demise.after, Turn::End { code: demise.code, oom_killed: false }));
        }
        self.health = Health::Unchecked;
        if let Some(check) = self.spec.effective_health_check() {
            self.health = Health::Starting;
            turns.push(if script.healthy {
                (check.interval, Turn::Health(Health::Healthy))
            } else {
                (
                    check.start_period + check.interval * check.retries.max(1),
                    Turn::Health(Health::Unhealthy),
                )
            });
        }
        turns
    }

    /// False if it did not run anyway.
    pub fn end_run(&mut self, exit: Exit) -> bool {
        let Run::Running { started_at, .. } = self.run else { return false };
        self.run = Run::Ended(Exit { started_at: Some(started_at), ..exit });
        self.ports.clear();
        self.addresses.clear();
        self.ended.send_replace(true);
        true
    }

    pub fn state(&self) -> ContainerState {
        ContainerState {
            id: self.id.clone(),
            name: self.spec.name.clone(),
            image: self.spec.image.clone(),
            image_id: self.image_id.clone(),
            labels: self.spec.labels.clone(),
            created_at: self.created_at,
            run: self.run.clone(),
            health: self.health,
            ports: self.ports.clone(),
            addresses: self.addresses.clone(),
        }
    }

    /// `None` unless it runs.
    pub fn stats(&self, now: Timestamp) -> Option<ContainerStats> {
        let Run::Running { started_at, .. } = self.run else { return None };
        let script = self.script.as_ref().ok()?;
        let seconds = now.since(started_at).as_secs_f64();
        Some(ContainerStats {
            read_at: now,
            cpu: CpuStats {
                used: Duration::from_secs_f64(seconds * script.load),
                throttled: Duration::ZERO,
                of_host: now.since(Timestamp::EPOCH),
            },
            memory: MemoryStats {
                charged: script.memory,
                limit: self.spec.memory_limit,
                ..MemoryStats::default()
            },
            network: (self.spec.network == Network::Bridge).then(NetworkStats::default),
            block: BlockStats::default(),
            pids: 1,
        })
    }
}
