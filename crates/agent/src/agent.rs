//! The agent as a whole: how it begins, and how it ends.
//!
//! It begins by looking at what runs, and supervises that before it talks to anybody; then it registers,
//! and opens its two sessions. It ends anywhere: see `docs/adr/0008-crash-only-agent.md`.

use std::sync::Arc;
use std::time::Duration;

use berth_runtime::{Runtime, RuntimeError, RuntimeInfo};
use tokio::sync::watch;

use crate::backoff::Backoff;
use crate::cleanup::Cleaner;
use crate::control_plane::ControlPlane;
use crate::endpoints::Endpoints;
use crate::events::{self, EngineHealth};
use crate::host::Host;
use crate::images::Images;
use crate::ledger::Ledger;
use crate::memory::{Recollection, recall};
use crate::metadata::{self, Access};
use crate::options::Options;
use crate::outbox::Outbox;
use crate::registration::{self, RegistrationError, offered_memory_mib};
use crate::roles::Roles;
use crate::session::Session;
use crate::task::{ContainerIndex, Limits, Parts, Register};
use crate::telemetry::Telemetry;
use crate::usage::Usage;

/// Keeps one host true to its assignments.
pub struct Agent;

/// A running agent. Dropping it is a crash: the agent stops where it stands, and containers live on.
pub struct Handle {
    host: Arc<Host>,
    standing: watch::Receiver<Standing>,
    recollection: Arc<std::sync::OnceLock<Arc<Recollection>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Starting,
    Registered(String),
    Refused(RegistrationError),
}

impl Agent {
    /// To be called inside a tokio runtime. Returns at once.
    pub fn start(
        options: Options,
        runtime: Arc<dyn Runtime>,
        control_plane: Arc<dyn ControlPlane>,
    ) -> Handle {
        let host = Arc::new(Host::new(options, runtime, control_plane));
        let (tell, standing) = watch::channel(Standing::Starting);
        let recollection = Arc::new(std::sync::OnceLock::new());
        host.spawn(run(host.clone(), tell, recollection.clone()));
        Handle { host, standing, recollection }
    }
}

impl Handle {
    /// Waits until the control plane knows this host; gives the container instance's ARN.
    pub async fn wait_registered(&self) -> Result<String, RegistrationError> {
        let mut standing = self.standing.clone();
        let settled = standing.wait_for(|standing| *standing != Standing::Starting).await;
        match settled.as_deref() {
            Ok(Standing::Registered(arn)) => Ok(arn.clone()),
            Ok(Standing::Refused(error)) => Err(error.clone()),
            Ok(Standing::Starting) | Err(_) => {
                Err(RegistrationError("the agent ended before it was registered".to_owned()))
            }
        }
    }

    /// Stops in good order: what is remembered is on disk when this returns. Containers live on.
    pub async fn stop(self) {
        self.host.end();
        self.host.gone().await;
        if let Some(recollection) = self.recollection.get() {
            recollection.flush(&self.host).await;
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.host.end();
    }
}

async fn run(
    host: Arc<Host>,
    standing: watch::Sender<Standing>,
    recalled: Arc<std::sync::OnceLock<Arc<Recollection>>>,
) {
    let state = match recall(&host).await {
        Ok(state) => state,
        Err(cause) => {
            let error = RegistrationError(format!("{cause:#}"));
            standing.send_replace(Standing::Refused(error));
            return;
        }
    };
    let recollection = Arc::new(Recollection::new(state));
    // Set once, by this one task.
    let _ = recalled.set(recollection.clone());
    host.spawn(recollection.clone().keep(host.clone()));

    // Before the first look, so that nothing falls between the two.
    let events = host.runtime.events();
    let info = patiently(&host, || host.runtime.info()).await;
    let register = Arc::new(Register::new(Arc::new(parts(&host, &recollection, &info))));
    // Before any task is taken up, so that it is known whether its containers can ask.
    let doors = metadata::open_doors(&host, &register, &info).await;
    let containers = patiently(&host, || host.runtime.list()).await;
    register.parts().outbox.resume();
    register.adopt(containers);
    if let Some(doors) = doors {
        doors.attend();
    }
    register.clear_router_files().await;
    let engine = Arc::new(EngineHealth::new(true));
    host.spawn(events::run(host.clone(), register.clone(), events, engine.clone()));

    let cleaner = Cleaner {
        host: host.clone(),
        register: register.clone(),
        recollection: recollection.clone(),
        images: register.parts().images.clone(),
    };
    host.spawn(cleaner.run());

    let known = recollection.read(|state| state.container_instance.clone());
    let token = registration_token(&host, &recollection).await;
    let registered = registration::register(
        &host,
        &info,
        register.parts().access.is_open(),
        known.as_deref(),
        &token,
    )
    .await;
    let container_instance = match registered {
        Ok(arn) => arn,
        Err(error) => {
            tracing::error!(%error);
            standing.send_replace(Standing::Refused(error));
            return;
        }
    };
    // A disk that takes nothing keeps no agent from its instance that knew it before.
    if known.as_ref() != Some(&container_instance) {
        let version = recollection
            .update(|state| state.container_instance = Some(container_instance.clone()));
        // An instance whose ARN is forgotten would stay behind, and a second one appear.
        recollection.durable(version).await;
    }
    standing.send_replace(Standing::Registered(container_instance.clone()));
    register.parts().outbox.open();

    let endpoints = Arc::new(Endpoints::default());
    let telemetry = Telemetry {
        host: host.clone(),
        register: register.clone(),
        endpoints: endpoints.clone(),
        engine,
        container_instance: container_instance.clone(),
        docker_version: info.version.clone(),
    };
    host.spawn(telemetry.run());
    let session =
        Session { host, register, endpoints, container_instance, docker_version: info.version };
    session.run().await;
}

pub(crate) fn parts(
    host: &Arc<Host>,
    recollection: &Arc<Recollection>,
    info: &RuntimeInfo,
) -> Parts {
    let cpu_units = u64::from(info.cpus) * 1024;
    Parts {
        host: host.clone(),
        images: Arc::new(Images::new(host.clone(), recollection.clone())),
        ledger: Arc::new(Ledger::new(cpu_units, offered_memory_mib(&host.options, info))),
        outbox: Arc::new(Outbox::new(host.clone(), recollection.clone())),
        recollection: recollection.clone(),
        containers: ContainerIndex::default(),
        limits: if info.has_groups { Limits::OfTask } else { Limits::OfContainers },
        access: Access::default(),
        roles: Roles::default(),
        usage: Usage::default(),
        health_changed: tokio::sync::Notify::new(),
    }
}

/// One token for all attempts of this host to join, also of the agents that come after this one.
async fn registration_token(host: &Host, recollection: &Recollection) -> String {
    if let Some(token) = recollection.read(|state| state.registration.clone()) {
        return token;
    }
    let token = host.message_id();
    let version = recollection.update(|state| state.registration = Some(token.clone()));
    recollection.durable(version).await;
    token
}

/// An engine that is not up yet is waited for.
async fn patiently<T, F>(host: &Host, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, RuntimeError>>,
{
    let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(30), 2.0);
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => {
                let wait = backoff.next(host);
                tracing::warn!(%error, ?wait, "the container engine does not answer");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
