//! What every runtime must do, as one suite that runs on all of them.
//!
//! A runtime under test brings a [`Site`]: itself, a second connection of another owner to the same engine, and an
//! image of the demo program (`demo-web`), whose commands make containers end the way a case needs. Cases do not
//! wait for times, only for states; each uses names of its own, so all of them share one engine.

mod life;
mod look;
mod refusal;
mod resources;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use futures_util::{StreamExt, stream};

use crate::{
    ContainerSpec, ContainerState, Exit, PortSpec, Runtime, RuntimeEvent, RuntimeId, Transport,
};

/// Where the suite runs.
pub struct Site {
    pub runtime: Arc<dyn Runtime>,
    /// Another owner's connection to the same engine.
    pub neighbour: Arc<dyn Runtime>,
    /// An image of the demo program that is on the host.
    pub image: String,
}

/// How long a case may take; a state that is never reached must not be waited for in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any program here takes to end when asked.
const GRACE: Duration = Duration::from_secs(30);

type Case<'a> = (&'static str, BoxFuture<'a, ()>);

/// Runs all cases; panics with the first that fails, by its name.
pub async fn run(site: &Site) {
    let cases: Vec<Case<'_>> =
        [life::cases(site), look::cases(site), refusal::cases(site), resources::cases(site)]
            .into_iter()
            .flatten()
            .collect();
    join_all(cases.into_iter().map(|(name, case)| async move {
        let ended =
            std::panic::AssertUnwindSafe(tokio::time::timeout(PATIENCE, case)).catch_unwind().await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(_)) => panic!("{name}: not done after {PATIENCE:?}"),
            Err(panic) => {
                eprintln!("failed: {name}");
                std::panic::resume_unwind(panic)
            }
        }
    }))
    .await;
    let left: Vec<String> =
        site.runtime.list().await.unwrap().into_iter().map(|state| state.name).collect();
    assert!(left.is_empty(), "cases clean up behind themselves: {left:?}");
}

impl Site {
    /// A container that runs the demo program with these words.
    fn spec(&self, name: &str, words: &[&str]) -> ContainerSpec {
        ContainerSpec {
            command: Some(words.iter().map(|word| (*word).to_owned()).collect()),
            ..ContainerSpec::new(name, &self.image)
        }
    }

    async fn run(&self, spec: &ContainerSpec) -> RuntimeId {
        let id = self.runtime.create(spec).await.unwrap();
        self.runtime.start(&id).await.unwrap();
        id
    }

    async fn state(&self, id: &RuntimeId) -> ContainerState {
        self.runtime.inspect(id).await.unwrap().unwrap()
    }

    /// Runs it to its own end.
    async fn exit_of(&self, spec: &ContainerSpec) -> (RuntimeId, Exit) {
        let events = self.runtime.events();
        let id = self.run(spec).await;
        let exit = self.ended(events, &id).await;
        (id, exit)
    }

    /// How the container ended, once it has. The events are from before its start.
    async fn ended(&self, events: crate::RuntimeEvents, id: &RuntimeId) -> Exit {
        let news = events.filter(|event| {
            std::future::ready(matches!(event, RuntimeEvent::Lost) || event.id() == Some(id))
        });
        let mut news = std::pin::pin!(news);
        loop {
            if let Some(exit) = self.state(id).await.exit() {
                return exit.clone();
            }
            news.next().await;
        }
    }

    /// How the first of these to end has ended. The events are from before the last start.
    async fn first_to_end(&self, events: crate::RuntimeEvents, ids: &[&RuntimeId]) -> Exit {
        let mut events = std::pin::pin!(events);
        loop {
            for id in ids {
                if let Some(exit) = self.state(id).await.exit() {
                    return exit.clone();
                }
            }
            events.next().await;
        }
    }

    async fn remove_all(&self, ids: impl IntoIterator<Item = RuntimeId>) {
        stream::iter(ids)
            .for_each(|id| async move { self.runtime.remove(&id).await.unwrap() })
            .await;
    }
}

fn tcp(container_port: u16, host_port: Option<u16>) -> PortSpec {
    PortSpec { container_port, host_port, transport: Transport::Tcp, host_ip: None }
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
