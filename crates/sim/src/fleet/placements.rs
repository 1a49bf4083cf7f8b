//! How many tasks a server places: callers that ask for ten at a time, as fast as they are answered, among instances
//! whose agents never speak. What is measured is the way from a signed request to an answer that is durable.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::agent::Fleet;
use super::course::Moment;
use super::options::Options;
use super::registration;
use super::work;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Placements {
    pub instances: usize,
    /// How many ask at the same time.
    pub callers: usize,
    /// Tasks of one call; AWS: at most ten.
    pub count: usize,
    pub warm_up: Duration,
    pub measure: Duration,
}

#[derive(Clone, Debug)]
pub struct PlacementReport {
    pub asked: Placements,
    /// In `took`.
    pub placed: u64,
    pub took: Duration,
    /// Processor time of the server and of this process, meanwhile.
    pub server: Duration,
    pub own: Duration,
    /// How long calls took, shortest first.
    pub calls: Vec<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    tasks: Vec<IgnoredAny>,
    failures: Vec<IgnoredAny>,
}

/// `tell` hears of its progress.
pub async fn run_placements(
    options: Options,
    asked: Placements,
    tell: impl Fn(&str),
) -> anyhow::Result<PlacementReport> {
    let fleet = Arc::new(Fleet::new(options).await?);
    work::ensure_cluster(&fleet).await?;
    tell("instances register");
    stream::iter(0..asked.instances)
        .map(|number| registration::register(&fleet, number))
        .buffer_unordered(fleet.options.concurrency)
        .try_for_each(async |_| Ok(()))
        .await
        .map_err(anyhow::Error::msg)?;
    let definition = work::register_definition(&fleet).await?;
    let input = json!({
        "cluster": fleet.options.cluster, "taskDefinition": definition, "count": asked.count,
    });
    let body = bytes::Bytes::from(input.to_string());
    tell("tasks are placed");
    let begun = Instant::now();
    let (from, to) = (begun + asked.warm_up, begun + asked.warm_up + asked.measure);
    let callers = (0..asked.callers).map(|_| {
        let (fleet, body) = (fleet.clone(), body.clone());
        tokio::spawn(async move {
            let mut calls = Vec::new();
            while Instant::now() < to {
                let since = Instant::now();
                let answer = fleet.wire.ask("RunTask", body.clone()).await.context("RunTask")?;
                let Answer { tasks, failures } = serde_json::from_slice(&answer)?;
                if !failures.is_empty() {
                    bail!("there is no room for {} tasks", failures.len());
                }
                let now = Instant::now();
                if now >= from && now <= to {
                    calls.push((tasks.len() as u64, now - since));
                }
            }
            anyhow::Ok(calls)
        })
    });
    let callers: Vec<_> = callers.collect();
    sleep(asked.warm_up).await;
    let before = Moment::now(&fleet).await?;
    sleep(asked.measure).await;
    let after = Moment::now(&fleet).await?;
    let (mut placed, mut calls) = (0, Vec::new());
    for caller in callers {
        for (tasks, took) in caller.await?? {
            placed += tasks;
            calls.push(took);
        }
    }
    calls.sort_unstable();
    let server = |moment: &Moment| moment.server.map(|figures| figures.cpu);
    let [begun, ended] = [server(&before), server(&after)];
    let server = ended.zip(begun).context("the server does not say what it uses")?;
    Ok(PlacementReport {
        asked,
        placed,
        took: asked.measure,
        server: server.0.saturating_sub(server.1),
        own: after.own.cpu.saturating_sub(before.own.cpu),
        calls,
    })
}

impl PlacementReport {
    pub fn per_second(&self) -> f64 {
        self.placed as f64 / self.took.as_secs_f64()
    }
}

/// The time that so large a share of calls took at most.
pub(super) fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let at = (share * sorted.len() as f64) as usize;
    sorted.get(at).or(sorted.last()).copied().unwrap_or_default()
}

impl fmt::Display for PlacementReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Placements { instances, callers, count, .. } = self.asked;
        let each = |used: Duration| used.as_secs_f64() * 1e6 / self.placed.max(1) as f64;
        let [median, p99] = [0.5, 0.99].map(|share| quantile(&self.calls, share));
        let mut row = |name: &str, value: String| writeln!(f, "{name:<24}{value}");
        row("asked", format!("{count} tasks a call, {callers} callers, {instances} instances"))?;
        row("placed", format!("{:.0} a second, {} in all", self.per_second(), self.placed))?;
        row(
            "processor time",
            format!(
                "{:.1} µs a task in the server, {:.1} µs in this process",
                each(self.server),
                each(self.own)
            ),
        )?;
        row("a call", format!("median {median:.1?}, p99 {p99:.1?}"))
    }
}
