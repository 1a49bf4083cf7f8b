//! The engine's events, across the engine's and the connection's deaths.

use std::collections::HashMap;
use std::time::Duration;

use berth_model::Timestamp;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::{DockerRuntime, now};
use crate::{Health, RuntimeEvent, RuntimeEvents, RuntimeId, Verb};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where a listener stands.
struct Listener {
    runtime: DockerRuntime,
    connection: Option<BoxStream<'static, Result<EventMessage, bollard::errors::Error>>>,
    /// The engine keeps its latest events and repeats them from here on.
    since_nanos: i64,
    /// The connection broke. What the engine repeats may not be all: it keeps few, and none across a restart.
    owes_loss: bool,
    pause: Duration,
}

impl DockerRuntime {
    pub(super) fn event_stream(&self) -> RuntimeEvents {
        let listener = Listener {
            runtime: self.clone(),
            connection: None,
            since_nanos: now().as_millis().saturating_mul(1_000_000),
            owes_loss: false,
            pause: FIRST_PAUSE,
        };
        stream::unfold(listener, |mut listener| async move {
            let event = listener.next().await;
            Some((event, listener))
        })
        .boxed()
    }
}

impl Listener {
    async fn next(&mut self) -> RuntimeEvent {
        loop {
            let Some(connection) = &mut self.connection else {
                if self.connect().await && std::mem::take(&mut self.owes_loss) {
                    return RuntimeEvent::Lost;
                }
                continue;
            };
            match connection.next().await {
                Some(Ok(message)) => {
                    self.pause = FIRST_PAUSE;
                    if let Some(nanos) = message.time_nano {
                        self.since_nanos = self.since_nanos.max(nanos);
                    }
                    if let Some(event) = translate(message) {
                        return event;
                    }
                }
                ended => {
                    tracing::info!(error = ?ended.and_then(Result::err), "the engine's events broke off");
                    self.connection = None;
                    self.owes_loss = true;
                    self.wait().await;
                }
            }
        }
    }

    /// Whether there is a connection now. Otherwise some time has passed.
    async fn connect(&mut self) -> bool {
        let mut filters = self.runtime.ours();
        filters.insert("type".to_owned(), vec!["container".to_owned()]);
        let wanted = ["start", "die", "oom", "health_status", "destroy"];
        filters.insert("event".to_owned(), wanted.map(str::to_owned).to_vec());
        let since =
            format!("{}.{:09}", self.since_nanos / 1_000_000_000, self.since_nanos % 1_000_000_000);
        let options = EventsOptionsBuilder::new().since(&since).filters(&filters).build();
        let question = self.runtime.timeouts().question;
        let opened = self
            .runtime
            .ask(Verb::Info, question, |docker| async move {
                // A stream opens when it is first polled and says nothing until something happens: ask first whether
                // anybody is there.
                docker.ping().await?;
                Ok(docker.events(Some(options)).boxed())
            })
            .await;
        match opened {
            Ok(connection) => self.connection = Some(connection),
            Err(_) => {
                self.owes_loss = true;
                self.wait().await;
            }
        }
        self.connection.is_some()
    }

    async fn wait(&mut self) {
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

fn translate(message: EventMessage) -> Option<RuntimeEvent> {
    let actor = message.actor?;
    let attributes: HashMap<String, String> = actor.attributes.unwrap_or_default();
    let id = RuntimeId::new(actor.id?);
    let at = Timestamp::from_millis(message.time_nano? / 1_000_000);
    match message.action?.as_str() {
        "start" => Some(RuntimeEvent::Started { id, at }),
        "die" => {
            let exit_code = attributes.get("exitCode").and_then(|code| code.parse().ok());
            Some(RuntimeEvent::Ended { id, at, exit_code })
        }
        "oom" => Some(RuntimeEvent::OutOfMemory { id, at }),
        "destroy" => Some(RuntimeEvent::Removed { id, at }),
        action => {
            let health = match action.strip_prefix("health_status: ")? {
                "healthy" => Health::Healthy,
                "unhealthy" => Health::Unhealthy,
                _ => return None,
            };
            Some(RuntimeEvent::HealthChanged { id, at, health })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(action: &str, attributes: serde_json::Value) -> Option<RuntimeEvent> {
        let message = json!({
            "Type": "container", "Action": action, "timeNano": 1_700_000_000_123_456_789_i64,
            "Actor": { "ID": "abc", "Attributes": attributes },
        });
        translate(serde_json::from_value(message).unwrap())
    }

    #[test]
    fn an_end_has_its_exit_code() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        let id = RuntimeId::new("abc");
        assert_eq!(
            event("die", json!({ "exitCode": "3", "image": "web" })),
            Some(RuntimeEvent::Ended { id, at, exit_code: Some(3) })
        );
    }

    #[test]
    fn health_is_in_the_actions_name() {
        let health = |action| match event(action, json!({})) {
            Some(RuntimeEvent::HealthChanged { health, .. }) => Some(health),
            _ => None,
        };
        assert_eq!(health("health_status: healthy"), Some(Health::Healthy));
        assert_eq!(health("health_status: unhealthy"), Some(Health::Unhealthy));
        assert_eq!(health("exec_start: /bin/check"), None);
    }
}
