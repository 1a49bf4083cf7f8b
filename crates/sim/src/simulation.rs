//! One run, from its seed to its verdict.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::checkers::is_lost;
use crate::client::{self, Client};
use crate::dice::Dice;
use crate::faults::{self, More};
use crate::host::{Host, Site};
use crate::inspector::Violation;
use crate::owner::{LATE, Owner, STEADY};
use crate::panics::PanicWatch;
use crate::rest;
use crate::trace::Trace;
use crate::world::World;

/// What is simulated. Equal options give equal runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub seed: u64,
    pub hosts: usize,
    /// How many servers the control plane has; several share a store.
    pub servers: usize,
    /// How many steps the clients take together.
    pub steps: u32,
    /// Whether anything goes wrong.
    pub faults: bool,
    /// Whether hosts also go away for so long that they are lost, and run out of disk.
    pub outages: bool,
    /// Whether machines' clocks are set wrong.
    pub clocks: bool,
    /// Whether somebody owns services meanwhile.
    pub services: bool,
    /// How many events of the trace are kept for a failure's story.
    pub keep: usize,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub options: Options,
    /// `None`: every rule held.
    pub violation: Option<Violation>,
    /// Of all events; equal runs have equal hashes.
    pub hash: u64,
    pub events: u64,
    /// Tasks that the control plane recorded.
    pub tasks: usize,
    /// Those of them that were ended because their host was away for too long.
    pub lost: usize,
    /// Of the simulated world.
    pub time: Duration,
    /// The last events.
    pub trace: Vec<String>,
}

/// Users who work at the same time.
const CLIENTS: usize = 2;
/// How often the checkers look at the hosts.
const LOOK: Duration = Duration::from_secs(1);
/// Where hosts are, if anybody asks.
const ZONES: [&str; 3] = ["sim-1a", "sim-1b", "sim-1c"];

impl Options {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            hosts: 3,
            servers: 1,
            steps: 60,
            faults: true,
            outages: false,
            clocks: false,
            services: false,
            keep: 400,
        }
    }
}

/// Runs the simulation on this thread.
pub fn run(options: Options) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets needs nothing of the system");
    let panics = PanicWatch::begin();
    runtime.block_on(simulate(options, &panics))
}

async fn simulate(options: Options, panics: &PanicWatch) -> Outcome {
    let began = Instant::now();
    let trace = Trace::new(options.keep);
    let mut dice = Dice::new(options.seed);
    let wrong = if options.clocks { faults::WRONG } else { Duration::ZERO };
    let world =
        Arc::new(World::start(&mut dice, options.servers, &sites(&options), wrong, trace.clone()));
    tokio::select! {
        biased;
        _ = world.inspector.violated() => {}
        () = watch_panics(&world, panics) => {}
        () = world.keep_looking(LOOK) => {}
        () = story(&options, dice, &world) => {}
    }
    // Before anything is torn down, which is not part of the story.
    let violation = world.inspector.violation();
    Outcome {
        violation,
        hash: trace.hash(),
        events: trace.events(),
        tasks: world.inspector.with_records(|records| records.tasks.len()),
        lost: world
            .inspector
            .with_records(|records| records.tasks.values().filter(|task| is_lost(task)).count()),
        time: began.elapsed(),
        trace: trace.last(),
        options,
    }
}

/// Where each host is. Services are spread over zones, and have hosts of capacity providers: one more joins late.
///
/// That one is all that its provider has, so tasks that ask for it are never in another zone, however long they wait.
fn sites(options: &Options) -> Vec<Site> {
    if !options.services {
        return vec![Site::default(); options.hosts];
    }
    let site = |number: usize, provider| Site { zone: Some(ZONES[number % ZONES.len()]), provider };
    // By fours, lest the provider be in one zone too where there are many hosts.
    let steady = |number: usize| site(number, (number % 4 == 1).then_some(STEADY));
    (0..options.hosts).map(steady).chain([site(options.hosts, Some(LATE))]).collect()
}

async fn story(options: &Options, mut dice: Dice, world: &Arc<World>) {
    client::prepare(world).await;
    let mut owner = options.services.then(|| Owner::new(world.clone(), dice.fork()));
    if let Some(owner) = &mut owner {
        owner.prepare().await;
    }
    world.hosts.iter().filter(|host| host.site.provider != Some(LATE)).for_each(Host::start_agent);
    let stop = CancellationToken::new();
    let faults = dice.fork();
    let more = More { outages: options.outages, clocks: options.clocks };
    let torment = options
        .faults
        .then(|| tokio::spawn(faults::torment(world.clone(), faults, more, stop.clone())));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let steps = options.steps / CLIENTS as u32;
            tokio::spawn(Client::new(number, world.clone(), dice.fork()).work(steps))
        })
        .collect();
    let owner = owner.map(|owner| tokio::spawn(owner.work(options.steps / 2)));
    let mut rested = Vec::new();
    for client in clients {
        // A client that panicked is reported by whoever watches for panics.
        rested.extend(client.await);
    }
    if let Some(owner) = owner {
        // One that panicked is reported as clients are.
        drop(owner.await);
    }
    stop.cancel();
    if let Some(torment) = torment {
        drop(torment.await);
    }
    world.heal();
    let at_rest = rest::begin(world).await;
    for client in &mut rested {
        client.audit().await;
    }
    if let Some(at_rest) = at_rest {
        at_rest.last(world).await;
    }
}

async fn watch_panics(world: &World, panics: &PanicWatch) {
    loop {
        sleep(LOOK).await;
        if let Some(panic) = panics.first() {
            return world.inspector.report("panic", panic);
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { seed, hosts, servers, steps, faults, outages, clocks, services, .. } =
            &self.options;
        write!(
            f,
            "seed {seed}: {} tasks, {} events in {:.0} simulated s, trace {:016x}",
            self.tasks,
            self.events,
            self.time.as_secs_f64(),
            self.hash,
        )?;
        let Some(Violation { checker, what }) = &self.violation else { return Ok(()) };
        writeln!(f)?;
        for event in &self.trace {
            writeln!(f, "{event}")?;
        }
        writeln!(f, "seed {seed} breaks the rule `{checker}`: {what}")?;
        let calm = if *faults { "" } else { " --calm" };
        let outages = if *outages { " --outages" } else { "" };
        let clocks = if *clocks { " --clocks" } else { "" };
        let services = if *services { " --services" } else { "" };
        let servers = if *servers > 1 { format!(" --servers {servers}") } else { String::new() };
        write!(
            f,
            "replay: cargo run -p berth-sim --bin sim -- --seed {seed} --hosts {hosts} --steps {steps}{calm}{outages}{clocks}{services}{servers}"
        )
    }
}
