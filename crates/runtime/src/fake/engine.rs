//! The host's side of the fake: scripting it, breaking it, and looking at what runs.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_model::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::faults::When;
use super::world::{Fate, World};
use super::{FakeImage, FakeRuntime};
use crate::{
    ContainerSpec, ContainerState, ErrorKind, GroupSpec, MemoryBytes, RuntimeError, RuntimeEvent,
    Transport, Verb, VolumeSpec,
};

/// A host with an engine. Clones are the same one.
#[derive(Clone)]
pub struct FakeEngine {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
pub struct FakeOptions {
    pub seed: u64,
    /// What the host's clock shows when the engine is made; tokio time moves it.
    pub epoch: Timestamp,
    pub cpus: u32,
    pub memory: MemoryBytes,
    /// What images and containers may fill.
    pub disk: MemoryBytes,
    pub architecture: String,
    /// Whether the host lets the agent make groups.
    pub has_groups: bool,
    /// How long a caller waits for an engine that hangs.
    pub call_timeout: Duration,
}

/// A container as an outside observer of the host finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct FakeContainer {
    pub spec: ContainerSpec,
    pub state: ContainerState,
}

struct Inner {
    options: FakeOptions,
    started: Instant,
    power: Mutex<Power>,
    /// Callers of a hanging engine go on in the order in which they came, which a `watch` does not promise.
    power_changed: Notify,
    world: Mutex<World>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    Up,
    /// It takes calls and answers none.
    Hanging,
    Down,
}

impl Default for FakeOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            epoch: Timestamp::from_millis(1_700_000_000_000),
            cpus: 4,
            memory: MemoryBytes::from_mib(8192),
            disk: MemoryBytes::from_mib(100 * 1024),
            architecture: "x86_64".to_owned(),
            has_groups: true,
            call_timeout: Duration::from_secs(180),
        }
    }
}

impl FakeEngine {
    pub fn new(options: FakeOptions) -> Self {
        let world = Mutex::new(World::new(options.seed));
        let (power, power_changed) = (Mutex::new(Power::Up), Notify::new());
        let started = Instant::now();
        Self { inner: Arc::new(Inner { options, started, power, power_changed, world }) }
    }

    /// A connection for this owner's agent.
    pub fn runtime(&self, owner: impl Into<String>) -> FakeRuntime {
        FakeRuntime { engine: self.clone(), owner: owner.into() }
    }

    pub fn options(&self) -> &FakeOptions {
        &self.inner.options
    }

    pub fn now(&self) -> Timestamp {
        self.inner.options.epoch + self.inner.started.elapsed()
    }
}

/// Scripting.
impl FakeEngine {
    /// Puts the image into the registry; it is not here before somebody pulls it.
    pub fn publish(&self, name: &str, image: FakeImage) {
        self.world().publish(name, image);
    }

    /// The same; of one edition of a name, every engine's registry has the same image.
    pub fn publish_edition(&self, name: &str, image: FakeImage, edition: u64) {
        self.world().publish_edition(name, image, edition);
    }

    /// Lets the registry have every image: those that nobody published are this one.
    pub fn publish_any(&self, image: FakeImage) {
        self.world().publish_any(image);
    }

    /// Takes the image out of the registry; what has been pulled stays.
    pub fn unpublish(&self, name: &str) {
        self.world().unpublish(name);
    }

    /// Puts the image onto the host, as `docker load` does; no registry knows it.
    pub fn load(&self, name: &str, image: FakeImage) {
        self.world().load(name, image);
    }

    /// Somebody of the host gives an image one more name.
    pub fn tag(&self, name: &str, other_name: &str) {
        self.world().tag(name, other_name);
    }

    /// Other things of the host take this much of the disk from now on.
    pub fn fill_disk(&self, bytes: MemoryBytes) {
        self.world().foreign_bytes = bytes;
    }

    /// Some other program of the host listens on this port from now on.
    pub fn occupy_port(&self, transport: Transport, port: u16) {
        self.world().ports.occupy(transport, port);
    }

    pub fn vacate_port(&self, transport: Transport, port: u16) {
        self.world().ports.vacate(transport, port);
    }
}

/// Breaking.
impl FakeEngine {
    /// The next call of this verb fails with this, its work not done.
    pub fn fail_next(&self, verb: Verb, kind: ErrorKind, message: &str) {
        self.world().faults.queue(verb, When::Before, kind, message);
    }

    /// The next call of this verb is done, and its caller is told that the engine was unreachable.
    pub fn lose_next_answer(&self, verb: Verb) {
        let message = "the connection broke before the answer came";
        self.world().faults.queue(verb, When::After, ErrorKind::Unreachable, message);
    }

    /// From now on calls of this verb fail with this probability, half of them after the work is done.
    pub fn fail_at_random(&self, verb: Verb, probability: f64) {
        self.world().faults.set_rate(verb, probability);
    }

    /// From now on calls of this verb take this long.
    pub fn delay(&self, verb: Verb, delay: RangeInclusive<Duration>) {
        self.world().faults.set_delay(verb, delay);
    }

    /// From now on events are lost with this probability; their listeners hear `Lost` instead.
    pub fn lose_events(&self, probability: f64) {
        self.world().events.loss = probability;
    }

    /// Whether the disk takes nothing from now on: nothing can be pulled or made then.
    pub fn refuse_writes(&self, is_refusing: bool) {
        self.world().faults.refuses_writes = is_refusing;
    }

    /// No more faults, delays or losses. A hanging or dead engine stays so: see [`come_up`](Self::come_up).
    pub fn heal(&self) {
        let mut world = self.world();
        world.faults.clear();
        world.events.loss = 0.0;
    }

    /// From now on calls get no answer. Containers run on.
    pub fn hang(&self) {
        self.turn(Power::Hanging);
    }

    /// The engine dies. Containers run on, as with Docker's live restore.
    pub fn go_down(&self) {
        self.turn(Power::Down);
    }

    /// The engine answers again, and listeners learn that they may have missed something.
    pub fn come_up(&self) {
        self.turn(Power::Up);
        self.world().events.tell_all_of_loss();
    }

    /// The host itself restarts: every container is killed.
    pub fn reboot(&self) {
        self.go_down();
        let now = self.now();
        self.world().kill_all(now);
        self.come_up();
    }

    /// One container's main process dies of itself, by this container's name. False if no such one runs.
    pub fn kill(&self, name: &str, code: i64, oom_killed: bool) -> bool {
        let now = self.now();
        let audible = self.is_up();
        self.world().kill(name, code, oom_killed, now, audible)
    }
}

/// Looking, past any owner and any fault.
impl FakeEngine {
    pub fn containers(&self) -> Vec<FakeContainer> {
        self.world().containers()
    }

    pub fn running(&self) -> Vec<FakeContainer> {
        self.containers().into_iter().filter(|container| container.state.is_running()).collect()
    }

    pub fn volumes(&self) -> Vec<VolumeSpec> {
        self.world().volumes()
    }

    /// Names of the images that are on the host; ids of those that have none.
    pub fn images(&self) -> Vec<String> {
        self.world().image_names()
    }

    /// Every group, of whatever owner, by what its members have as their cgroup parent.
    pub fn groups(&self) -> BTreeMap<String, GroupSpec> {
        self.world().groups.all().clone()
    }

    /// The sum of the limits, or for want of one of the reservations, of what runs. The limit of a group counts
    /// once for all that runs in it.
    pub fn memory_promised(&self) -> MemoryBytes {
        let groups = self.groups();
        let mut of_groups = BTreeMap::new();
        let mut sum = 0;
        for container in self.running() {
            let spec = container.spec;
            let group = spec.cgroup_parent.filter(|group| groups.contains_key(group));
            match group.and_then(|group| Some((group.clone(), groups[&group].memory_limit?))) {
                Some((group, limit)) => drop(of_groups.insert(group, limit.as_bytes())),
                None => {
                    sum += spec
                        .memory_limit
                        .or(spec.memory_reservation)
                        .unwrap_or_default()
                        .as_bytes();
                }
            }
        }
        MemoryBytes::from_bytes(sum + of_groups.values().sum::<u64>())
    }

    /// How many calls of this verb have arrived so far.
    pub fn calls(&self, verb: Verb) -> u64 {
        self.world().calls.get(&verb).copied().unwrap_or(0)
    }
}

impl FakeEngine {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        // A panic under the lock is a failed assertion of a test; the state is still worth looking at.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_up(&self) -> bool {
        self.power() == Power::Up
    }

    fn power(&self) -> Power {
        // Nothing panics under the lock.
        *self.inner.power.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, power: Power) {
        *self.inner.power.lock().unwrap_or_else(PoisonError::into_inner) = power;
        self.inner.power_changed.notify_waiters();
    }

    pub(super) fn subscribe(&self, owner: &str) -> mpsc::UnboundedReceiver<RuntimeEvent> {
        self.world().events.subscribe(owner)
    }

    pub(super) async fn call<T: Send + 'static>(
        &self,
        verb: Verb,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, RuntimeError> + Send + 'static,
    ) -> Result<T, RuntimeError> {
        self.call_taking(Duration::ZERO, verb, work).await
    }

    /// One call, whose work takes this time: the engine does it in a task of its own, so a caller that dies
    /// meanwhile leaves it to finish, as a real engine would.
    pub(super) async fn call_taking<T: Send + 'static>(
        &self,
        time: Duration,
        verb: Verb,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, RuntimeError> + Send + 'static,
    ) -> Result<T, RuntimeError> {
        let engine = self.clone();
        let done = tokio::spawn(async move { engine.serve(time, verb, work).await });
        let limit = self.inner.options.call_timeout;
        match tokio::time::timeout(limit, done).await {
            Ok(Ok(result)) => result,
            Ok(Err(crash)) => Err(unreachable(verb).caused_by(crash)),
            Err(_) => Err(RuntimeError::new(
                verb,
                ErrorKind::Timeout(limit),
                "the engine does not answer",
            )),
        }
    }

    async fn serve<T>(
        &self,
        time: Duration,
        verb: Verb,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, RuntimeError>,
    ) -> Result<T, RuntimeError> {
        let delay = time + self.world().arrive(verb);
        self.answering(verb).await?;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
            self.answering(verb).await?;
        }
        let now = self.now();
        let mut world = self.world();
        match world.strike(verb) {
            None => work(&mut world, now),
            Some((When::Before, error)) => Err(error),
            Some((When::After, error)) => {
                work(&mut world, now)?;
                Err(error)
            }
        }
    }

    /// Waits out a hanging engine.
    async fn answering(&self, verb: Verb) -> Result<(), RuntimeError> {
        loop {
            let changed = self.inner.power_changed.notified();
            match self.power() {
                Power::Up => return Ok(()),
                Power::Down => return Err(unreachable(verb)),
                Power::Hanging => changed.await,
            }
        }
    }

    /// Lets the fate befall its container in time, unless the run is over or the host gone by then.
    pub(super) fn schedule(&self, fate: Fate) {
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            tokio::time::sleep(fate.after).await;
            let Some(inner) = inner.upgrade() else { return };
            let engine = FakeEngine { inner };
            let (now, audible) = (engine.now(), engine.is_up());
            engine.world().fulfil(&fate, now, audible);
        });
    }
}

fn unreachable(verb: Verb) -> RuntimeError {
    RuntimeError::new(verb, ErrorKind::Unreachable, "no engine answers")
}
