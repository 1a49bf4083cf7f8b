//! Everything on the fake's host, and what each call does to it. No time passes in here.

mod container;
mod groups;
mod images;
mod store;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use berth_model::Timestamp;
use tokio::sync::watch;

use self::container::Container;
use self::groups::Groups;
use self::images::Images;
use self::store::Volumes;
use super::dice::Dice;
use super::engine::FakeContainer;
use super::events::Events;
use super::faults::{Faults, When};
use super::ports::Ports;
use super::script::TermReaction;
use crate::{
    ContainerSpec, ContainerState, ContainerStats, ErrorKind, Exit, Health, MemoryBytes,
    MountSource, Network, OWNER_LABEL, RuntimeError, RuntimeEvent, RuntimeId, Started, Verb,
};

/// 128 + SIGKILL.
const KILLED: i64 = 137;

#[derive(Debug)]
pub(super) struct World {
    dice: Dice,
    pub faults: Faults,
    pub events: Events,
    pub ports: Ports,
    pub calls: BTreeMap<Verb, u64>,
    images: Images,
    volumes: Volumes,
    pub groups: Groups,
    containers: BTreeMap<RuntimeId, Container>,
    last_pid: u32,
    /// What others take of the disk.
    pub foreign_bytes: MemoryBytes,
}

/// Something that will happen to one run of a container.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    id: RuntimeId,
    run: u32,
    pub after: Duration,
    what: Turn,
}

#[derive(Clone, Copy, Debug)]
enum Turn {
    End { code: i64, oom_killed: bool },
    Health(Health),
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            faults: Faults::default(),
            events: Events::default(),
            ports: Ports::default(),
            calls: BTreeMap::new(),
            images: Images::default(),
            volumes: Volumes::default(),
            groups: Groups::default(),
            containers: BTreeMap::new(),
            last_pid: 1000,
            foreign_bytes: MemoryBytes::default(),
        }
    }

    /// Counts the call and says how long it is delayed.
    pub fn arrive(&mut self, verb: Verb) -> Duration {
        *self.calls.entry(verb).or_default() += 1;
        self.faults.delay(verb, &mut self.dice)
    }

    pub fn strike(&mut self, verb: Verb) -> Option<(When, RuntimeError)> {
        self.faults.strike(verb, &mut self.dice)
    }

    fn tell(&mut self, owner: &str, event: RuntimeEvent) {
        self.events.tell(owner, &event, &mut self.dice);
    }
}

/// A container's life.
impl World {
    pub fn create(
        &mut self,
        mut spec: ContainerSpec,
        owner: &str,
        now: Timestamp,
    ) -> Result<RuntimeId, RuntimeError> {
        let refuse = |kind, message: String| RuntimeError::new(Verb::Create, kind, message);
        if let Some(holder) =
            self.containers.values().find(|container| container.spec.name == spec.name)
        {
            let message = format!(
                "the container name \"/{}\" is already in use by container \"{}\"",
                spec.name, holder.id
            );
            return Err(refuse(ErrorKind::Conflict, message));
        }
        let Some((image, script)) = self.images.program(&spec) else {
            return Err(refuse(ErrorKind::NotFound, format!("No such image: {}", spec.image)));
        };
        let others = spec.volumes_from.iter().map(|from| &from.container);
        for other in others.chain(spec.links.iter().map(|link| &link.container)) {
            if self.find(other).is_none() {
                return Err(refuse(ErrorKind::NotFound, format!("No such container: {other}")));
            }
        }
        for mount in &spec.mounts {
            if let MountSource::Volume(name) = &mount.source {
                self.volumes.ensure(name);
            }
        }
        let id = RuntimeId::new(self.dice.id());
        spec.labels.insert(OWNER_LABEL.to_owned(), owner.to_owned());
        let container = Container::new(id.clone(), spec, image.id, script, now);
        self.containers.insert(id.clone(), container);
        Ok(id)
    }

    pub fn start(
        &mut self,
        id: &RuntimeId,
        now: Timestamp,
    ) -> Result<(Started, Vec<Fate>), RuntimeError> {
        let refuse = |kind, message: String| RuntimeError::new(Verb::Start, kind, message);
        let Some(container) = self.containers.get(id) else {
            return Err(refuse(ErrorKind::NotFound, format!("No such container: {id}")));
        };
        if let Some(started) = container.started() {
            return Ok((started, Vec::new()));
        }
        let script = container.script.clone().map_err(|program| {
            let message =
                format!("exec: \"{program}\": executable file not found in $PATH: unknown");
            refuse(ErrorKind::Invalid, message)
        })?;
        if let Network::Container(host) = &container.spec.network
            && !self.containers.get(host).is_some_and(Container::is_running)
        {
            return Err(refuse(
                ErrorKind::Failed,
                format!("cannot join network of a non running container: {host}"),
            ));
        }
        let ports = self.ports.bind(id, &container.spec.ports).map_err(|address| {
            let message = format!("Bind for {address} failed: port is already allocated");
            refuse(ErrorKind::PortInUse, message)
        })?;
        self.last_pid += 1;
        let pid = self.last_pid;
        let address = Ipv4Addr::from_bits(Ipv4Addr::new(172, 17, 0, 1).to_bits() + pid % 0xfff0);
        let is_too_much = self.exceeds_group(id, script.memory);
        let container =
            self.containers.get_mut(id).expect("it was there above, under the same lock");
        let addresses = match container.spec.network {
            Network::Bridge => vec![IpAddr::V4(address)],
            Network::Host | Network::None | Network::Container(_) => Vec::new(),
        };
        let mut turns = container.begin_run(&script, ports, addresses, pid, now);
        if is_too_much {
            turns.push((Duration::ZERO, Turn::End { code: KILLED, oom_killed: true }));
        }
        let run = container.runs;
        let fates = turns
            .into_iter()
            .map(|(after, what)| Fate { id: id.clone(), run, after, what })
            .collect();
        let started = container.started().expect("it has just been started");
        let owner = container.owner().to_owned();
        self.tell(&owner, RuntimeEvent::Started { id: id.clone(), at: now });
        Ok((started, fates))
    }

    /// How a stop will go, and where to hear that it is over; `None` if nothing runs.
    pub fn begin_stop(
        &mut self,
        id: &RuntimeId,
        grace: Duration,
    ) -> Result<Option<(Fate, watch::Receiver<bool>)>, RuntimeError> {
        let Some(container) = self.containers.get(id) else {
            let message = format!("No such container: {id}");
            return Err(RuntimeError::new(Verb::Stop, ErrorKind::NotFound, message));
        };
        if !container.is_running() {
            return Ok(None);
        }
        let reaction =
            container.script.as_ref().map_or(TermReaction::Ignore, |script| script.on_term);
        let (after, code) = match reaction {
            TermReaction::Exit(demise)
                if demise.after < grace || grace.is_zero() && demise.after.is_zero() =>
            {
                (demise.after, demise.code)
            }
            TermReaction::Exit(_) | TermReaction::Ignore => (grace, KILLED),
        };
        let what = Turn::End { code, oom_killed: false };
        Ok(Some((
            Fate { id: id.clone(), run: container.runs, after, what },
            container.ended.subscribe(),
        )))
    }

    pub fn remove(&mut self, id: &RuntimeId, now: Timestamp) {
        self.end(id, KILLED, false, now, true);
        if let Some(container) = self.containers.remove(id) {
            self.tell(container.owner(), RuntimeEvent::Removed { id: id.clone(), at: now });
        }
    }

    /// Does what was foreseen, if that run still lasts. Events of an engine that is down are never told.
    pub fn fulfil(&mut self, fate: &Fate, now: Timestamp, audible: bool) {
        let Some(container) = self.containers.get_mut(&fate.id) else { return };
        if container.runs != fate.run || !container.is_running() {
            return;
        }
        match fate.what {
            Turn::End { code, oom_killed } => self.end(&fate.id, code, oom_killed, now, audible),
            Turn::Health(health) => {
                container.health = health;
                let owner = container.owner().to_owned();
                if audible {
                    self.tell(
                        &owner,
                        RuntimeEvent::HealthChanged { id: fate.id.clone(), at: now, health },
                    );
                }
            }
        }
    }

    pub fn kill(
        &mut self,
        name: &str,
        code: i64,
        oom_killed: bool,
        now: Timestamp,
        audible: bool,
    ) -> bool {
        let target = self
            .containers
            .values()
            .find(|container| container.spec.name == name && container.is_running());
        let Some(id) = target.map(|container| container.id.clone()) else { return false };
        self.end(&id, code, oom_killed, now, audible);
        true
    }

    pub fn kill_all(&mut self, now: Timestamp) {
        let ids: Vec<RuntimeId> = self.containers.keys().cloned().collect();
        for id in ids {
            self.end(&id, KILLED, false, now, false);
        }
    }

    fn end(&mut self, id: &RuntimeId, code: i64, oom_killed: bool, now: Timestamp, audible: bool) {
        let Some(container) = self.containers.get_mut(id) else { return };
        if !container.end_run(Exit {
            code,
            oom_killed,
            error: String::new(),
            started_at: None,
            ended_at: now,
        }) {
            return;
        }
        let owner = container.owner().to_owned();
        self.ports.release(id);
        if !audible {
            return;
        }
        if oom_killed {
            self.tell(&owner, RuntimeEvent::OutOfMemory { id: id.clone(), at: now });
        }
        self.tell(&owner, RuntimeEvent::Ended { id: id.clone(), at: now, exit_code: Some(code) });
    }
}

/// Looking.
impl World {
    fn find(&self, name_or_id: &str) -> Option<&Container> {
        self.containers.values().find(|container| {
            container.spec.name == name_or_id || container.id.as_str() == name_or_id
        })
    }

    pub fn start_time(&self, id: &RuntimeId) -> Duration {
        let script = self.containers.get(id).and_then(|container| container.script.as_ref().ok());
        script.map_or(Duration::ZERO, |script| script.start_time)
    }

    pub fn inspect(&self, id: &RuntimeId) -> Option<ContainerState> {
        self.containers.get(id).map(Container::state)
    }

    pub fn list(&self, owner: &str) -> Vec<ContainerState> {
        let ours = self.containers.values().filter(|container| container.owner() == owner);
        let mut states: Vec<ContainerState> = ours.map(Container::state).collect();
        states.sort_by(|a, b| a.name.cmp(&b.name));
        states
    }

    pub fn containers(&self) -> Vec<FakeContainer> {
        let mut all: Vec<FakeContainer> = self
            .containers
            .values()
            .map(|container| FakeContainer {
                spec: container.spec.clone(),
                state: container.state(),
            })
            .collect();
        all.sort_by(|a, b| a.state.name.cmp(&b.state.name));
        all
    }

    pub fn stats(&self, id: &RuntimeId, now: Timestamp) -> Result<ContainerStats, RuntimeError> {
        let running = self.containers.get(id).and_then(|container| container.stats(now));
        running.ok_or_else(|| {
            RuntimeError::new(
                Verb::Stats,
                ErrorKind::NotFound,
                format!("No such running container: {id}"),
            )
        })
    }
}
