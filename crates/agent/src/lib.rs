//! The agent: keeps one host true to its assignments.
//!
//! It registers the host, holds the ACS and TCS sessions, runs each assigned task on a container runtime,
//! and reports what becomes of it. It is crash-only: killed at any moment, it takes up what runs by the
//! labels on the containers, and reports what ended meanwhile.
//!
//! It decides nothing about *where* tasks run, and little about *how* they live: that is `lifecycle`'s. It
//! knows no Docker: that is `runtime`'s. All waiting is tokio time and all chance comes from a seed, so that
//! hundreds of agents can live in one simulated process.
//!
//! Start with `agent.rs`, then `task/actor.rs` (one task's life) and `session/inbox.rs` (what each message
//! of the control plane means).

mod agent;
mod backoff;
mod cleanup;
mod clock;
mod control_plane;
mod credentials;
mod doors;
mod endpoints;
mod events;
mod host;
mod http;
mod identity;
mod images;
mod instance_metadata;
mod labels;
mod ledger;
mod memory;
mod metadata;
mod options;
mod outbox;
mod persist;
mod port_ranges;
mod registration;
mod report;
mod roles;
mod router_files;
mod session;
mod sources;
mod task;
mod telemetry;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod transcripts;
mod trust;
mod usage;

pub use agent::{Agent, Handle};
pub use cleanup::CleanupRules;
pub use clock::{Clock, SystemClock, TokioClock};
pub use control_plane::{
    AcsSession, CallError, ControlPlane, DialError, Hangup, Socket, TcsSession,
};
pub use credentials::CredentialProvider;
pub use doors::{Door, DoorError, EngineDoors, HostDoors, HostNetwork};
pub use http::{Endpoint, HttpControlPlane, JsonService};
pub use identity::{
    HostCalls, HostIdentity, IdentityFile, JoinError, JoinGrant, NoToken, NotJoined,
    RotatingCredentials,
};
pub use images::{AuthFile, AuthFileError, LoginError, NoLogins, RegistryLogins};
pub use instance_metadata::{HttpTokens, Instance, InstanceMetadata, InstanceMetadataOptions};
pub use memory::{FileMemory, Memory, VolatileMemory};
pub use options::{Options, PullBehavior};
pub use registration::RegistrationError;
pub use router_files::{DiskRouterFiles, Owner, RouterFiles, VolatileRouterFiles};
pub use sources::{HttpSources, NoSources, SecretVersion, SourceEndpoint, SourceError, Sources};
pub use trust::{NoPin, Pin, Trust};
