//! What this agent answers to the containers of its tasks and to people on its host.
//!
//! A container asks with an id that its environment gave it (`access.rs`); `question.rs` says what a path
//! asks for, and here it is answered from what the task's actor knows, with a look at the engine where only
//! that knows. Nothing is kept ready for questions that nobody asks. `server.rs` has the sockets, and nothing
//! of it is trusted but who is at the other end. See `docs/adr/0011-task-metadata.md`.

mod access;
mod answer;
mod credentials;
mod document;
mod environment;
mod introspection;
mod looks;
mod protection;
mod question;
mod server;
mod stats;
mod tags;
mod throttle;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use berth_model::ContainerStatus;
use berth_runtime::{ContainerState, RuntimeInfo};
use http::{Method, StatusCode};
use serde_json::Value;

pub(crate) use access::Access;
pub(crate) use environment::{add_credentials, add_endpoints, add_surroundings};
pub(crate) use server::open_doors;

use access::Place;
use answer::Answer;
use document::Surroundings;
use looks::Looks;
use question::{About, Question, Version};
use throttle::{Asker, Throttle};

use crate::host::Host;
use crate::task::{ContainerDescription, Description, Register};

/// Answers questions, wherever they come from.
struct Metadata {
    host: Arc<Host>,
    register: Arc<Register>,
    machine: Machine,
    throttle: Throttle,
    looks: Looks,
}

/// What there is of the host, for whoever compares with it.
#[derive(Clone, Copy)]
struct Machine {
    cpus: u32,
    memory_bytes: u64,
}

/// A request, as far as it matters.
struct Asked<'a> {
    method: &'a Method,
    path: &'a str,
    query: Option<&'a str>,
    /// Who is at the other end of the connection; what a header may say of it counts for nothing.
    source: IpAddr,
    body: &'a [u8],
}

impl Metadata {
    fn new(host: Arc<Host>, register: Arc<Register>, info: &RuntimeInfo) -> Self {
        let machine = Machine { cpus: info.cpus, memory_bytes: info.memory.as_bytes() };
        Self { host, register, machine, throttle: Throttle::default(), looks: Looks::default() }
    }

    /// Answers a container.
    async fn answer(&self, asked: &Asked<'_>) -> Answer {
        let stranger = || Asker::Address(asked.source);
        let Some(question) = Question::parse(asked.path, asked.query) else {
            return self.limited(stranger(), not_found);
        };
        match question {
            Question::Identified { version, id, about } => match self.place(id) {
                Some(place) if !self.throttle.admit(Asker::Task(place.task.clone())) => {
                    Answer::too_many()
                }
                Some(_) if asked.method != Method::GET => Answer::wrong_method("GET"),
                Some(place) => self.tell(version, &place.task, &place.container, about).await,
                None => self.limited(stranger(), not_found),
            },
            Question::ByAddress { about } => {
                if !self.throttle.admit(stranger()) {
                    return Answer::too_many();
                }
                if asked.method != Method::GET {
                    return Answer::wrong_method("GET");
                }
                match self.at_address(asked.source).await {
                    Some(place) => {
                        self.tell(Version::V2, &place.task, &place.container, about).await
                    }
                    None => Answer::error(
                        StatusCode::BAD_REQUEST,
                        &format!(
                            "Unable to get task arn from request: no task is at {}",
                            asked.source
                        ),
                    ),
                }
            }
            Question::Credentials { version, id } => self.credentials(asked, version, id),
            Question::TaskProtection { id } => self.protection(asked, id).await,
            Question::Fault { id } => match self.place(id) {
                Some(_) => Answer::with(
                    StatusCode::BAD_REQUEST,
                    &serde_json::json!({ "Error": "fault injection is not supported by this agent" }),
                ),
                None => self.limited(stranger(), not_found),
            },
        }
    }

    /// The answer, unless whoever asks has asked too often.
    fn limited(&self, asker: Asker, answer: impl FnOnce() -> Answer) -> Answer {
        if self.throttle.admit(asker) { answer() } else { Answer::too_many() }
    }

    fn place(&self, id: &str) -> Option<Place> {
        self.register.parts().access.find(id)
    }

    /// The container with that address, and the task that it is of.
    async fn at_address(&self, address: IpAddr) -> Option<Place> {
        for (about, snapshot) in self.register.snapshots() {
            for container in snapshot.containers.iter().filter(|container| container.is_running) {
                let Some(id) = &container.id else { continue };
                let look = self.looks.look(&self.host, id, ContainerStatus::Running).await;
                if look.is_some_and(|look| look.addresses.contains(&address)) {
                    let (task, container) = (about.arn.clone(), container.name.clone());
                    return Some(Place { task, container });
                }
            }
        }
        None
    }

    async fn tell(&self, version: Version, task: &str, name: &str, about: About<'_>) -> Answer {
        let Some(task) = self.register.describe(task).await else { return not_found() };
        let named = |container: &&ContainerDescription| container.name == name;
        let with_id = |id: &str| {
            let has_id = |container: &&ContainerDescription| {
                container.id.as_ref().is_some_and(|held| held.as_str() == id)
            };
            task.containers.iter().find(has_id)
        };
        let asks = || task.containers.iter().find(named);
        match about {
            About::Container => self.container(version, &task, asks()).await,
            About::ContainerOf(id) => self.container(version, &task, with_id(id)).await,
            About::ContainerStats => self.container_stats(version, asks()).await,
            About::ContainerStatsOf(id) => self.container_stats(version, with_id(id)).await,
            About::Task => Answer::ok(&self.task_document(version, &task).await),
            About::TaskWithTags => {
                let mut document = self.task_document(version, &task).await;
                tags::add(&self.host, self.instance().as_deref(), &mut document, version).await;
                Answer::ok(&document)
            }
            About::TaskStats => self.task_stats(version, &task).await,
        }
    }

    async fn container(
        &self,
        version: Version,
        task: &Description,
        described: Option<&ContainerDescription>,
    ) -> Answer {
        let Some(described) = described else { return not_found() };
        let look = self.look(described).await;
        Answer::ok(&document::container(version, task, described, look.as_ref()))
    }

    async fn task_document(&self, version: Version, task: &Description) -> document::TaskDocument {
        let mut looks = Vec::with_capacity(task.containers.len());
        for described in &task.containers {
            looks.push(self.look(described).await);
        }
        let options = &self.host.options;
        let surroundings = Surroundings {
            cluster: &options.cluster,
            availability_zone: options.availability_zone.as_deref(),
        };
        document::task(version, task, &looks, &surroundings)
    }

    async fn container_stats(
        &self,
        version: Version,
        described: Option<&ContainerDescription>,
    ) -> Answer {
        let Some(described) = described else { return not_found() };
        match self.stats(version, described).await {
            Some(stats) => Answer::ok(&stats),
            None => Answer::error(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("Unable to get container stats for: {}", described.name),
            ),
        }
    }

    async fn task_stats(&self, version: Version, task: &Description) -> Answer {
        let mut all = BTreeMap::new();
        for described in &task.containers {
            if let Some(id) = &described.id {
                let stats = self.stats(version, described).await;
                all.insert(id.to_string(), stats.unwrap_or_else(|| stats::nothing(version)));
            }
        }
        Answer::ok(&all)
    }

    async fn stats(&self, version: Version, described: &ContainerDescription) -> Option<Value> {
        let id = described.id.as_ref().filter(|_| described.status == ContainerStatus::Running)?;
        match self.register.parts().usage.read(&self.host, id).await {
            Ok(reading) => {
                let name = &described.runtime_name;
                Some(stats::document(version, name, id, &reading, self.machine))
            }
            Err(error) => {
                tracing::debug!(container = %id, %error, "usage cannot be read");
                None
            }
        }
    }

    async fn look(&self, described: &ContainerDescription) -> Option<ContainerState> {
        self.looks.look(&self.host, described.id.as_ref()?, described.status).await
    }

    /// The ARN of this host's container instance, once it has one.
    fn instance(&self) -> Option<String> {
        self.register.parts().recollection.read(|state| state.container_instance.clone())
    }
}

/// One answer for all that is not there, whether it ever was or could be.
///
/// DEVIATES: ECS's third version answers 400 or 500, and every version repeats the id that was asked with.
fn not_found() -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "Nothing is here for this endpoint id.")
}

#[cfg(test)]
mod tests;
