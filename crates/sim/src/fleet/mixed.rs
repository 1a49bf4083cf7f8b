//! How quickly a server answers while much goes on: a fixed number of calls a second, of all kinds, while tasks start
//! and end. A call's time counts from when it was to be sent, whether or not that was possible then: a server that
//! stops for a moment is not spared the calls that would have come meanwhile.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::agent::Fleet;
use super::course::{self, Moment};
use super::failure::CallError;
use super::options::Options;
use super::placements::quantile;
use super::work;

/// Tasks of one RunTask.
const COUNT: usize = 10;

/// What goes on.
#[derive(Clone, Copy, Debug)]
pub struct Mixed {
    /// Calls a second, all kinds together.
    pub calls: usize,
    /// Tasks that start, and that are stopped, in a second.
    pub churn: usize,
    pub measure: Duration,
}

#[derive(Clone, Debug)]
pub struct MixedReport {
    pub asked: Mixed,
    /// How long the calls of each operation took, shortest first.
    pub calls: Vec<(&'static str, Vec<Duration>)>,
    pub failed: u64,
    /// Reports of agents that were taken meanwhile.
    pub reported: u64,
    /// Of one processor.
    pub server: f64,
    pub own: f64,
}

#[derive(Deserialize)]
struct Started {
    tasks: Vec<Task>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_arn: String,
}

struct Course {
    fleet: Arc<Fleet>,
    definition: Value,
    /// In the order in which they were started.
    tasks: Mutex<VecDeque<String>>,
}

/// Has a fleet join and puts this load on its server. `tell` hears of its progress.
pub async fn run_mixed(
    options: Options,
    asked: Mixed,
    tell: impl Fn(&str),
) -> anyhow::Result<MixedReport> {
    let joined = course::join(options, &tell).await?;
    let fleet = joined.fleet.clone();
    let definition = work::register_definition(&fleet).await?;
    let course = Arc::new(Course { fleet, definition, tasks: Mutex::default() });
    // What is stopped first has been running for a while by then.
    for _ in 0..asked.churn * 2 / COUNT {
        course.call("RunTask").await.context("RunTask")?;
    }
    sleep(course.fleet.options.settle).await;

    tell("the load begins");
    let tally = &course.fleet.tally;
    let begun = (Moment::now(&course.fleet).await?, tally.running.get() + tally.stopped.get());
    let (mut calls, first) = (JoinSet::new(), Instant::now());
    let total = (asked.calls as f64 * asked.measure.as_secs_f64()) as usize;
    for number in 0..total {
        let due = first + Duration::from_secs_f64(number as f64 / asked.calls as f64);
        sleep_until(due).await;
        let (course, operation) = (course.clone(), asked.operation(number));
        calls.spawn(async move {
            let answered = course.call(operation).await;
            (operation, due.elapsed(), answered.is_ok())
        });
    }
    let mut times: Vec<(&'static str, Vec<Duration>)> = Vec::from(
        ["RunTask", "StopTask", "DescribeTasks", "ListTasks"].map(|name| (name, Vec::new())),
    );
    let mut failed = 0;
    while let Some(call) = calls.join_next().await {
        let (operation, took, is_answered) = call?;
        failed += u64::from(!is_answered);
        if let Some((_, of_operation)) = times.iter_mut().find(|(name, _)| *name == operation) {
            of_operation.push(took);
        }
    }
    times.iter_mut().for_each(|(_, of_operation)| of_operation.sort_unstable());
    let (before, reported) = begun;
    let after = Moment::now(&course.fleet).await?;
    let took = (after.at - before.at).as_secs_f64();
    let server = after.server.zip(before.server).context("the server does not say what it uses")?;
    Ok(MixedReport {
        asked,
        calls: times,
        failed,
        reported: tally.running.get() + tally.stopped.get() - reported,
        server: server.0.cpu.saturating_sub(server.1.cpu).as_secs_f64() / took,
        own: after.own.cpu.saturating_sub(before.own.cpu).as_secs_f64() / took,
    })
}

impl Mixed {
    /// Which operation the call of this number is of: each in its share, evenly.
    fn operation(&self, number: usize) -> &'static str {
        let (runs, stops) = (self.churn / COUNT, self.churn);
        // Where this call stands among those of a second, in an order that mixes them.
        let place = number * 7_919 % self.calls.max(1);
        match place {
            place if place < runs => "RunTask",
            place if place < runs + stops => "StopTask",
            place if place % 3 == 0 => "ListTasks",
            _ => "DescribeTasks",
        }
    }
}

impl Course {
    async fn call(&self, operation: &'static str) -> Result<(), CallError> {
        let cluster = &self.fleet.options.cluster;
        let input = match operation {
            "RunTask" => {
                json!({ "cluster": cluster, "taskDefinition": self.definition, "count": COUNT })
            }
            "StopTask" => match self.lock().pop_front() {
                Some(task) => json!({ "cluster": cluster, "task": task }),
                None => return Ok(()),
            },
            "DescribeTasks" => {
                let some: Vec<String> = self.lock().iter().rev().take(COUNT).cloned().collect();
                json!({ "cluster": cluster, "tasks": some })
            }
            _ => json!({ "cluster": cluster }),
        };
        let answer = self.fleet.wire.ask(operation, input.to_string().into()).await?;
        if operation == "RunTask" {
            let started: Started = serde_json::from_slice(&answer)
                .map_err(|error| CallError::Unanswered(error.into()))?;
            self.lock().extend(started.tasks.into_iter().map(|task| task.task_arn));
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<String>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MixedReport {
    /// Of all calls together.
    pub fn p99(&self) -> Duration {
        let mut all: Vec<Duration> =
            self.calls.iter().flat_map(|(_, times)| times).copied().collect();
        all.sort_unstable();
        quantile(&all, 0.99)
    }
}

impl fmt::Display for MixedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "{name:<24}{value}");
        for (operation, times) in &self.calls {
            let [median, p99, p999] = [0.5, 0.99, 0.999].map(|share| quantile(times, share));
            let longest = times.last().copied().unwrap_or_default();
            let count = times.len();
            row(
                operation,
                format!(
                    "median {median:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, longest {longest:.1?}; {count} calls"
                ),
            )?;
        }
        row("all calls, p99", format!("{:.1?}; {} failed", self.p99(), self.failed))?;
        row(
            "reports of agents",
            format!("{:.0} a second", self.reported as f64 / self.asked.measure.as_secs_f64()),
        )?;
        row(
            "processor",
            format!(
                "{:.0} % of one by the server, {:.0} % by this process",
                100.0 * self.server,
                100.0 * self.own
            ),
        )
    }
}
