//! The instance metadata service (IMDS): programs on this host find out where they are, and have the host's role.
//!
//! Off unless it is asked for: a host may be a machine of a cloud that has a real one. Version 2 asks for a session
//! token before it tells anything. Containers in bridged networks are a hop further away than the host's own processes,
//! and too far by default. What is told is made in `facts.rs`, from what the control plane said (`role.rs`). ADR 23.
//!
//! Tasks have roles of their own; `metadata` answers them. Nothing of that is known here.

mod answer;
mod door;
mod facts;
mod role;
mod server;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use facts::Instance;

use answer::{Answer, TTL};
use door::Interface;
use facts::Facts;
use role::Known;
use tokens::Tokens;

use crate::doors::{DoorError, HostNetwork};
use crate::http::HttpControlPlane;
use crate::identity::Patience;

const TOKEN_PATH: &str = "/latest/api/token";
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// AWS: EC2's MetadataOptions of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceMetadataOptions {
    pub address: SocketAddrV4,
    pub tokens: HttpTokens,
    /// How far an answer goes: 1 to the host's own processes, 2 also to containers on its bridges.
    pub hop_limit: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpTokens {
    /// Version 2 only.
    #[default]
    Required,
    /// Version 1 too, which needs none.
    Optional,
}

impl Default for InstanceMetadataOptions {
    fn default() -> Self {
        let address = SocketAddrV4::new(Ipv4Addr::new(169, 254, 169, 254), 80);
        Self { address, tokens: HttpTokens::default(), hop_limit: 1 }
    }
}

/// A service that runs, or will when its address is free. Dropped, it ends.
pub struct InstanceMetadata {
    ended: CancellationToken,
    running: TaskTracker,
}

/// Answers questions.
struct Service {
    options: InstanceMetadataOptions,
    instance: Instance,
    interface: Interface,
    tokens: Tokens,
    known: watch::Sender<Known>,
    ended: CancellationToken,
}

impl InstanceMetadata {
    /// To be called inside a tokio runtime. An address that this process may not have is an error; for one that is not to
    /// be had yet it tries again.
    pub async fn start(
        options: InstanceMetadataOptions,
        instance: Instance,
        network: HostNetwork,
        control_plane: HttpControlPlane,
    ) -> anyhow::Result<Self> {
        let (ended, running) = (CancellationToken::new(), TaskTracker::new());
        let started = Self { ended: ended.clone(), running: running.clone() };
        let first = door::open(&network, options.address, time_to_live(options.hop_limit)).await;
        let first = match first {
            Err(DoorError::NotPermitted(cause)) => {
                return Err(DoorError::NotPermitted(cause))
                    .with_context(|| format!("instance metadata at {}", options.address));
            }
            first => first,
        };
        let known = watch::Sender::new(Known::default());
        let keeping = role::keep(control_plane, known.clone());
        let until_ended = ended.clone();
        running.spawn(async move {
            until_ended.run_until_cancelled_owned(keeping).await;
        });
        let tokens = Tokens::new()?;
        let tracker = running.clone();
        running.spawn(async move {
            let opening = patiently(first, &network, &options);
            let Some(door) = ended.run_until_cancelled(opening).await else { return };
            let door::Door { listener, interface, lent } = door;
            let address = listener.local_addr().map(|address| address.to_string());
            tracing::info!(address = address.unwrap_or_default(), "instance metadata is told");
            let service =
                Service { options, instance, interface, tokens, known, ended: ended.clone() };
            let serving = server::serve(Arc::new(service), listener, tracker);
            ended.run_until_cancelled(serving).await;
            lent.give_back().await;
        });
        Ok(started)
    }

    /// Ends, and takes away the address that was added for it.
    pub async fn stop(self) {
        self.ended.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

impl Drop for InstanceMetadata {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

/// The door, as soon as it opens.
async fn patiently(
    mut attempt: Result<door::Door, DoorError>,
    network: &HostNetwork,
    options: &InstanceMetadataOptions,
) -> door::Door {
    let address = options.address;
    let mut patience = Patience::new();
    loop {
        match attempt {
            Ok(door) => return door,
            Err(error) => {
                let wait = patience.next();
                tracing::warn!(%address, %error, ?wait, "no instance metadata yet; trying again");
                tokio::time::sleep(wait).await;
            }
        }
        attempt = door::open(network, address, time_to_live(options.hop_limit)).await;
    }
}

/// AWS: the limit counts from a machine beside the host, whose packets lose one on their way into a bridge. Here they
/// begin on the host.
fn time_to_live(hop_limit: u8) -> u32 {
    u32::from(hop_limit).saturating_sub(1).max(1)
}

impl Service {
    /// Whether whoever is at the other end is near enough.
    fn admits(&self, is_here: bool) -> bool {
        is_here || self.options.hop_limit > 1
    }

    async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
        if path == TOKEN_PATH {
            return match *method {
                Method::PUT => self.token(headers),
                _ => Answer::wrong_method("PUT"),
            };
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Answer::wrong_method("GET, HEAD");
        }
        let token = headers.get(TOKEN).map(|token| token.to_str().unwrap_or_default());
        let left = match (token.map(|token| self.tokens.left(token)), self.options.tokens) {
            (Some(Some(left)), _) => Some(left),
            (None, HttpTokens::Optional) => None,
            (Some(None), _) | (None, HttpTokens::Required) => {
                return Answer::error(StatusCode::UNAUTHORIZED);
            }
        };
        let known = role::known(&self.known).await;
        let answer = match self.facts(&known).tree().find(path) {
            Some(text) => Answer::text(text),
            None => Answer::error(StatusCode::NOT_FOUND),
        };
        match left {
            Some(left) => answer.good_for(left),
            None => answer,
        }
    }

    /// AWS: whoever forwards for somebody else gets none.
    fn token(&self, headers: &HeaderMap) -> Answer {
        if headers.contains_key(FORWARDED) {
            return Answer::error(StatusCode::FORBIDDEN);
        }
        let seconds = headers.get(TTL).and_then(|seconds| seconds.to_str().ok());
        match seconds.and_then(|seconds| self.tokens.issue(seconds)) {
            Some((seconds, token)) => Answer::text(token).good_for(Duration::from_secs(seconds)),
            None => Answer::error(StatusCode::BAD_REQUEST),
        }
    }

    fn facts<'a>(&'a self, known: &'a Known) -> Facts<'a> {
        Facts {
            instance: &self.instance,
            interface: &self.interface,
            described: known.described.as_ref(),
            role: known.held(),
        }
    }
}
