//! What services cost a server: one that grows, one that is rolled over, and a thousand that are at rest.
//!
//! The tasks have no health checks and the agents publish nothing, so that what is measured is the control plane's own:
//! processor time beyond what the same agents cost while nothing happens.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, interval, sleep};

use super::agent::Fleet;
use super::course::{self, Moment};
use super::options::Options;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// AWS: DescribeServices takes at most this many.
const SERVICES_PER_CALL: usize = 10;

/// What is done.
#[derive(Clone, Copy, Debug)]
pub struct Services {
    /// One service grows from nothing to so many tasks.
    pub grown: usize,
    /// One of so many tasks is rolled over, at 50 and 200 percent.
    pub rolled: usize,
    /// So many services are at rest,
    pub resting: usize,
    /// each with so many tasks.
    pub tasks_each: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct ServiceReport {
    pub services: Services,
    /// Of one processor, while nothing happens.
    pub idle: f64,
    pub growing: Cost,
    pub rolling: Cost,
    pub resting: Cost,
}

/// What the server did beyond idling.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Until every task was RUNNING.
    pub running_in: Duration,
    /// Until all was as it should be.
    pub took: Duration,
    /// Processor time.
    pub cpu: Duration,
}

impl Cost {
    /// Of one processor.
    pub fn share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.took.as_secs_f64()
    }
}

/// Has a fleet join and carries services. `tell` hears of its progress.
pub async fn run_services(
    options: Options,
    services: Services,
    tell: impl Fn(&str),
) -> anyhow::Result<ServiceReport> {
    // Longer than any run.
    let options = Options { publish_every: Duration::from_secs(24 * 3600), ..options };
    let joined = course::join(options, &tell).await?;
    let course = Course { fleet: &joined.fleet };
    let [first, second] = [course.register().await?, course.register().await?];
    sleep(course.fleet.options.settle).await;
    let idle = course.idle().await?;

    tell("a service grows");
    let begun = Moment::now(course.fleet).await?;
    course.create("grown", &first, services.grown).await?;
    let growing = course.settled("grown", services.grown, begun, idle).await?;
    course.delete("grown").await?;

    course.create("rolled", &first, services.rolled).await?;
    let begun = Moment::now(course.fleet).await?;
    course.settled("rolled", services.rolled, begun, idle).await?;
    tell("a service is rolled over");
    let begun = Moment::now(course.fleet).await?;
    let input =
        || json!({ "cluster": course.cluster(), "service": "rolled", "taskDefinition": second });
    course.fleet.wire.call("UpdateService", input).await.context("UpdateService")?;
    let rolling = course.settled("rolled", services.rolled, begun, idle).await?;
    course.delete("rolled").await?;

    tell("many services come to rest");
    let names: Vec<String> = (0..services.resting).map(|number| format!("rest-{number}")).collect();
    let concurrency = course.fleet.options.concurrency;
    stream::iter(&names)
        .map(|name| course.create(name, &first, services.tasks_each))
        .buffer_unordered(concurrency)
        .try_collect::<()>()
        .await?;
    for names in names.chunks(SERVICES_PER_CALL) {
        course.wait(|| course.are_settled(names, services.tasks_each)).await?;
    }
    tell("many services are at rest");
    let begun = Moment::now(course.fleet).await?;
    sleep(course.fleet.options.measure).await;
    let resting = course.cost(begun, Duration::ZERO, idle).await?;
    Ok(ServiceReport { services, idle, growing, rolling, resting })
}

struct Course<'a> {
    fleet: &'a Fleet,
}

impl Course<'_> {
    fn cluster(&self) -> &str {
        &self.fleet.options.cluster
    }

    async fn register(&self) -> anyhow::Result<Value> {
        let input = || {
            json!({
                "family": "service",
                "containerDefinitions": [{ "name": "web", "image": "busybox", "cpu": 10, "memory": 16 }],
            })
        };
        let answer = self.fleet.wire.call("RegisterTaskDefinition", input).await;
        let answer = answer.context("RegisterTaskDefinition")?;
        Ok(answer["taskDefinition"]["taskDefinitionArn"].clone())
    }

    async fn create(&self, name: &str, definition: &Value, tasks: usize) -> anyhow::Result<()> {
        let input = || {
            json!({
                "cluster": self.cluster(), "serviceName": name, "taskDefinition": definition,
                "desiredCount": tasks,
                "deploymentConfiguration": { "minimumHealthyPercent": 50, "maximumPercent": 200 },
            })
        };
        self.fleet.wire.call("CreateService", input).await.map(drop).context("CreateService")
    }

    /// Deletes a service, and waits until its tasks are gone.
    async fn delete(&self, name: &str) -> anyhow::Result<()> {
        let input = || json!({ "cluster": self.cluster(), "service": name, "force": true });
        self.fleet.wire.call("DeleteService", input).await.context("DeleteService")?;
        self.wait(async || {
            let service = &self.describe(&[name]).await?[0];
            Ok(service["runningCount"] == 0 && service["status"] == "INACTIVE")
        })
        .await
    }

    async fn describe(&self, names: &[impl AsRef<str>]) -> anyhow::Result<Value> {
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let input = || json!({ "cluster": self.cluster(), "services": names });
        let mut answer =
            self.fleet.wire.call("DescribeServices", input).await.context("DescribeServices")?;
        Ok(answer["services"].take())
    }

    async fn are_settled(&self, names: &[impl AsRef<str>], tasks: usize) -> anyhow::Result<bool> {
        let described = self.describe(names).await?;
        let mut services = described.as_array().context("a list of services")?.iter();
        Ok(services.all(|service| {
            let deployments = service["deployments"].as_array().map_or(0, Vec::len);
            service["runningCount"] == tasks
                && deployments == 1
                && service["deployments"][0]["rolloutState"] == "COMPLETED"
        }))
    }

    /// Waits until a service has just its tasks and its deployment is complete.
    async fn settled(
        &self,
        name: &str,
        tasks: usize,
        begun: Moment,
        idle: f64,
    ) -> anyhow::Result<Cost> {
        let tally = &self.fleet.tally;
        let started = tally.running.get();
        self.wait(async || Ok(tally.running.get() >= started + tasks as u64)).await?;
        let running_in = begun.at.elapsed();
        let name = [name];
        self.wait(|| self.are_settled(&name, tasks)).await?;
        self.cost(begun, running_in, idle).await
    }

    async fn wait(&self, is_so: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut looks = interval(LOOK_EVERY);
        while !is_so().await? {
            if begun.elapsed() > self.fleet.options.patience {
                bail!("waited in vain for a service");
            }
            looks.tick().await;
        }
        Ok(())
    }

    /// Share of one processor that the server takes now.
    async fn idle(&self) -> anyhow::Result<f64> {
        let begun = Moment::now(self.fleet).await?;
        sleep(self.fleet.options.measure).await;
        Ok(self.cost(begun, Duration::ZERO, 0.0).await?.share())
    }

    async fn cost(&self, begun: Moment, running_in: Duration, idle: f64) -> anyhow::Result<Cost> {
        let now = Moment::now(self.fleet).await?;
        let used = |moment: &Moment| moment.server.map(|figures| figures.cpu);
        let [before, after] = [&begun, &now].map(used);
        let before = before.context("the server does not say what it uses")?;
        let cpu = after.context("the server does not say what it uses")?.saturating_sub(before);
        let took = now.at - begun.at;
        Ok(Cost { running_in, took, cpu: cpu.saturating_sub(took.mul_f64(idle)) })
    }
}

impl fmt::Display for ServiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Services { grown, rolled, resting, tasks_each } = self.services;
        let mut row = |name: &str, value: String| writeln!(f, "{name:<28}{value}");
        let cost = |cost: &Cost| {
            format!(
                "{:.2} s of the server's processor time; RUNNING in {:.1} s, complete in {:.1} s",
                cost.cpu.as_secs_f64(),
                cost.running_in.as_secs_f64(),
                cost.took.as_secs_f64()
            )
        };
        row("agents alone", format!("{:.2} % of one processor", 100.0 * self.idle))?;
        row(&format!("0 to {grown} tasks"), cost(&self.growing))?;
        row(&format!("{rolled} tasks, 50/200 percent"), cost(&self.rolling))?;
        row(
            &format!("{resting} services of {tasks_each} tasks"),
            format!("{:.2} % of one processor beyond that", 100.0 * self.resting.share()),
        )
    }
}
