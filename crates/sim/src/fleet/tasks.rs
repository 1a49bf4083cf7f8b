//! The tasks of one light agent: on paper only, so that they start and stop in no time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_agent_protocol::acs;
use serde_json::{Value, json};

use super::agent::Agent;
use super::failure::CallError;
use super::reconnection::Backoff;
use super::wire::now;

/// What tasks of one definition have in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) family: Box<str>,
    pub(super) version: Box<str>,
    pub(super) containers: Vec<Container>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) name: Box<str>,
    pub(super) has_health_check: bool,
}

/// The definitions that any agent has met, by family and version.
#[derive(Default)]
pub(super) struct Definitions(Mutex<BTreeMap<Revision, Arc<Definition>>>);

type Revision = (Box<str>, Box<str>);

impl Definitions {
    fn of(&self, task: &acs::Task) -> Arc<Definition> {
        let key: Revision = (task.family.as_str().into(), task.version.as_str().into());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (family, version) = &key;
        let definition = || Definition {
            family: family.clone(),
            version: version.clone(),
            containers: task.containers.iter().map(container).collect(),
        };
        known.entry(key.clone()).or_insert_with(|| Arc::new(definition())).clone()
    }
}

fn container(container: &acs::Container) -> Container {
    Container {
        name: container.name.as_str().into(),
        has_health_check: container.health_check_type.is_some(),
    }
}

/// What an agent has to report of a task.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    arn: Box<str>,
    definition: Arc<Definition>,
    is_stopped: bool,
}

/// The running ones, by their ARNs.
#[derive(Default)]
pub(super) struct Tasks(Mutex<BTreeMap<Box<str>, Arc<Definition>>>);

impl Tasks {
    /// Takes in a payload. A task that is known and should run is nothing new.
    pub(super) fn assign(&self, definitions: &Definitions, tasks: &[acs::Task]) -> Vec<Change> {
        let is_stopped =
            |task: &&acs::Task| task.desired_status == Some(acs::DesiredStatus::Stopped);
        let mut running = self.lock();
        let mut changes = Vec::new();
        // AWS: what stops goes first, whatever the order in the message.
        for task in tasks.iter().filter(is_stopped) {
            let arn: Box<str> = task.arn.as_str().into();
            let definition = running.remove(&arn).unwrap_or_else(|| definitions.of(task));
            changes.push(Change { arn, definition, is_stopped: true });
        }
        for task in tasks.iter().filter(|task| !is_stopped(task)) {
            let arn: Box<str> = task.arn.as_str().into();
            if running.contains_key(&arn) {
                continue;
            }
            let definition = definitions.of(task);
            running.insert(arn.clone(), definition.clone());
            changes.push(Change { arn, definition, is_stopped: false });
        }
        changes
    }

    /// The tasks that a manifest does not list as running.
    pub(super) fn beyond(&self, listed: &[acs::TaskIdentifier]) -> Vec<Box<str>> {
        let is_listed = |arn: &str| {
            listed.iter().any(|task| {
                task.task_arn == arn && task.desired_status == Some(acs::DesiredStatus::Running)
            })
        };
        self.lock().keys().filter(|arn| !is_listed(arn)).cloned().collect()
    }

    /// Stops those of these that run.
    pub(super) fn stop<'a>(&self, arns: impl IntoIterator<Item = &'a str>) -> Vec<Change> {
        let mut running = self.lock();
        let stopped = arns.into_iter().filter_map(|arn| {
            let (arn, definition) = running.remove_entry(arn)?;
            Some(Change { arn, definition, is_stopped: true })
        });
        stopped.collect()
    }

    pub(super) fn running(&self) -> Vec<(Box<str>, Arc<Definition>)> {
        let running = self.lock();
        running.iter().map(|(arn, definition)| (arn.clone(), definition.clone())).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Box<str>, Arc<Definition>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agent {
    /// Reports in the background: whoever hears messages never waits for a call.
    pub(super) fn submit(self: &Arc<Self>, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let agent = self.clone();
        tokio::spawn(async move {
            for change in changes {
                agent.submit_one(&change).await;
            }
        });
    }

    async fn submit_one(&self, change: &Change) {
        let fleet = &self.fleet;
        let input = || change.render(&fleet.options.cluster);
        let mut backoff = Backoff::of_report();
        loop {
            match fleet.wire.call("SubmitTaskStateChange", input).await {
                Ok(_) => break,
                Err(error) => {
                    fleet.tally.failed_calls.add();
                    tracing::debug!(task = %change.arn, %error, "a report failed");
                    // AWS: such a report is dropped, any other repeated for a day.
                    if matches!(&error, CallError::Refused { code, .. } if code == "InvalidParameterException")
                    {
                        return;
                    }
                }
            }
            tokio::time::sleep(backoff.next(&fleet.wire)).await;
        }
        if change.is_stopped { &fleet.tally.stopped } else { &fleet.tally.running }.add();
    }
}

impl Change {
    fn render(&self, cluster: &str) -> Value {
        let at = now().as_secs_f64();
        let status = if self.is_stopped { "STOPPED" } else { "RUNNING" };
        let id = self.arn.rsplit('/').next().unwrap_or_default();
        let container = |(index, container): (usize, &Container)| {
            let mut report = json!({
                "containerName": container.name,
                "runtimeId": format!("{id}{index:032x}"),
                "status": status,
            });
            if self.is_stopped {
                // 128 and SIGTERM's number.
                report["exitCode"] = 143.into();
            }
            report
        };
        let containers: Vec<Value> =
            self.definition.containers.iter().enumerate().map(container).collect();
        let mut report = json!({
            "cluster": cluster, "task": self.arn, "status": status, "containers": containers,
        });
        let instants: &[&str] = match self.is_stopped {
            true => &["executionStoppedAt"],
            false => &["pullStartedAt", "pullStoppedAt"],
        };
        for instant in instants {
            report[*instant] = at.into();
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(arn: &str, desired_status: acs::DesiredStatus) -> acs::Task {
        let web = acs::Container { name: "web".to_owned(), ..acs::Container::default() };
        acs::Task {
            arn: arn.to_owned(),
            desired_status: Some(desired_status),
            family: "f".to_owned(),
            version: "1".to_owned(),
            containers: vec![web],
            ..acs::Task::default()
        }
    }

    #[test]
    fn a_payload_is_news_only_once_and_stops_before_it_starts() {
        use acs::DesiredStatus::{Running, Stopped};
        let (tasks, definitions) = (Tasks::default(), Definitions::default());
        let told = |payload: &[acs::Task]| -> Vec<(String, bool)> {
            let changes = tasks.assign(&definitions, payload);
            changes.iter().map(|change| (change.arn.to_string(), change.is_stopped)).collect()
        };
        let a_runs = task("a", Running);
        assert_eq!(told(std::slice::from_ref(&a_runs)), [("a".to_owned(), false)]);
        assert_eq!(told(&[a_runs]), []);
        let both = [task("b", Running), task("a", Stopped)];
        assert_eq!(told(&both), [("a".to_owned(), true), ("b".to_owned(), false)]);
        assert_eq!(tasks.running().len(), 1);
    }

    #[test]
    fn what_a_manifest_does_not_list_can_be_stopped() {
        let (tasks, definitions) = (Tasks::default(), Definitions::default());
        let running = ["a", "b"].map(|arn| task(arn, acs::DesiredStatus::Running));
        tasks.assign(&definitions, &running);
        let listed = acs::TaskIdentifier {
            task_arn: "a".to_owned(),
            desired_status: Some(acs::DesiredStatus::Running),
            ..acs::TaskIdentifier::default()
        };
        let beyond = tasks.beyond(&[listed]);
        assert_eq!(beyond, ["b".into()]);
        let stopped = tasks.stop(["b", "c"]);
        assert_eq!(stopped.len(), 1);
        let report = stopped[0].render("default");
        assert_eq!(report["status"], "STOPPED");
        assert_eq!(report["containers"][0]["exitCode"], 143);
    }
}
