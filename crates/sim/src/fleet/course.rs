//! The course of a run: joining, work, the steady state, the report.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::time::{ClockId, clock_gettime};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, sleep_until};

use super::agent::{self, Fleet};
use super::files::{self, Room};
use super::options::Options;
use super::report::{Report, Usage};
use super::server::{self, Figures};
use super::tally::Tally;
use super::work;

const TELL_EVERY: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A fleet that has joined, until this is dropped.
pub(super) struct Joined {
    pub(super) fleet: Arc<Fleet>,
    room: Room,
    before: Moment,
    joined: Moment,
    joined_in: Duration,
    _agents: JoinSet<()>,
}

pub(super) async fn join(options: Options, tell: &impl Fn(&str)) -> anyhow::Result<Joined> {
    let own_limit = files::raise_limit();
    let fleet = Arc::new(Fleet::new(options).await?);
    let options = &fleet.options;
    work::ensure_cluster(&fleet).await?;
    let before = Moment::now(&fleet).await?;
    let most_files = before.server.map(|figures| figures.most_files);
    let room = Room::find(options.agents, options.concurrency, own_limit, most_files);
    tell(&room.to_string());

    let begun = Instant::now();
    let mut agents = JoinSet::new();
    for number in 0..room.agents {
        if let Some(rate) = options.joins_per_second {
            sleep_until(begun + Duration::from_secs_f64(number as f64 / f64::from(rate))).await;
        }
        agents.spawn(agent::live(fleet.clone(), number, number < room.with_telemetry));
    }
    let joined = |tally: &Tally| {
        let gone = tally.turned_away.get();
        tally.acs_open.get() + gone >= room.agents as u64
            && tally.tcs_open.get() + gone >= room.with_telemetry as u64
    };
    wait(&fleet, tell, "all have joined", joined).await?;
    let joined_in = begun.elapsed();
    let joined = Moment::now(&fleet).await?;
    Ok(Joined { fleet, room, before, joined, joined_in, _agents: agents })
}

/// Runs a fleet to its end. `tell` hears of its progress.
pub async fn run(options: Options, tell: impl Fn(&str)) -> anyhow::Result<Report> {
    let Joined { fleet, room, before, joined, joined_in, _agents } = join(options, &tell).await?;
    let options = &fleet.options;
    let begun = Instant::now();
    if options.tasks > 0 {
        let tasks = options.tasks as u64;
        let run = wait(&fleet, &tell, "all tasks run", |tally| tally.running.get() >= tasks);
        tokio::try_join!(work::start(&fleet), run)?;
    }
    let started_in = begun.elapsed();

    sleep(options.settle).await;
    tell("the steady state is measured");
    let (from, flow) = (Moment::now(&fleet).await?, fleet.tally.flow());
    sleep(options.measure).await;
    let (to, end) = (Moment::now(&fleet).await?, fleet.tally.flow());

    let took = to.at - from.at;
    let per_second = |from: u64, to: u64| (to - from) as f64 / took.as_secs_f64();
    let sent = end.metrics + end.health + end.statuses;
    let acknowledged =
        end.metrics_acknowledged + end.health_acknowledged + end.statuses_acknowledged;
    let joins = fleet.tally.joins();
    let join = |share: f64| {
        let at = (share * joins.len() as f64) as usize;
        joins.get(at).or(joins.last()).copied().unwrap_or_default()
    };
    let usage = |of: fn(&Moment) -> Option<Figures>| {
        let [before, joined, from, to] = [of(&before)?, of(&joined)?, of(&from)?, of(&to)?];
        Some(Usage {
            before: before.resident_bytes,
            joined: joined.resident_bytes,
            steady: to.resident_bytes,
            agents: room.agents as u64,
            cpu: to.cpu.saturating_sub(from.cpu).as_secs_f64() / took.as_secs_f64(),
            joining: joined.cpu.saturating_sub(before.cpu),
        })
    };
    Ok(Report {
        connected: fleet.tally.acs_open.get(),
        publishing: fleet.tally.tcs_open.get(),
        joined_in,
        join_median: join(0.5),
        join_p99: join(0.99),
        tasks: fleet.tally.running.get(),
        started_in,
        server: usage(|moment| moment.server),
        simulator: usage(|moment| Some(moment.own)).expect("this process knows what it uses"),
        heartbeats: per_second(flow.heartbeats, end.heartbeats),
        metrics: per_second(flow.metrics, end.metrics),
        health: per_second(flow.health, end.health),
        statuses: per_second(flow.statuses, end.statuses),
        unacknowledged: sent.saturating_sub(acknowledged),
        failed_calls: fleet.tally.failed_calls.get(),
        turned_away: fleet.tally.turned_away.get(),
        refused: fleet.tally.refused.get(),
        lost: fleet.tally.lost.get(),
        room,
    })
}

/// Waits for the agents, and tells of them meanwhile.
async fn wait(
    fleet: &Fleet,
    tell: &impl Fn(&str),
    until: &str,
    is_so: impl Fn(&Tally) -> bool,
) -> anyhow::Result<()> {
    let tally = &fleet.tally;
    let begun = Instant::now();
    let (mut looks, mut tells) = (interval(LOOK_EVERY), interval(TELL_EVERY));
    tells.tick().await;
    while !is_so(tally) {
        let seen = || {
            format!(
                "after {} s: {} agents assigned, {} with telemetry, {} tasks running, {} calls failed",
                begun.elapsed().as_secs(),
                tally.acs_open.get(),
                tally.tcs_open.get(),
                tally.running.get(),
                tally.failed_calls.get(),
            )
        };
        if begun.elapsed() > fleet.options.patience {
            bail!("waited in vain until {until}; {}", seen());
        }
        tokio::select! {
            biased;
            _ = tells.tick() => tell(&seen()),
            _ = looks.tick() => {}
        }
    }
    Ok(())
}

/// What both processes use, and when.
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) server: Option<Figures>,
    pub(super) own: Figures,
}

impl Moment {
    pub(super) async fn now(fleet: &Fleet) -> anyhow::Result<Moment> {
        let server = server::figures(&fleet.wire).await?;
        Ok(Moment { at: Instant::now(), server, own: own_figures()? })
    }
}

fn own_figures() -> anyhow::Result<Figures> {
    let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Ok(Figures {
        resident_bytes: kib.context("the kernel says how much is resident")? * 1024.0,
        cpu: Duration::try_from(used).unwrap_or_default(),
        most_files: usize::MAX,
    })
}
