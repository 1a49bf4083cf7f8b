//! One task on this host, from its payload to the removal of its last container.
//!
//! `definition/` turns the payload into what the runtime takes, or refuses it by name. `actor.rs` asks
//! `lifecycle` what to do, does it, and tells. `register.rs` knows all tasks and finds the one that an
//! order or an event is for. Start with the actor.

mod actor;
mod container;
mod definition;
mod description;
mod pause;
mod preparation;
mod register;
mod snapshot;
mod step;

pub(crate) use definition::Limits;
pub(crate) use description::{ContainerDescription, Description};
pub(crate) use register::{About, Accepted, ContainerIndex, Parts, Register};
pub(crate) use snapshot::{ContainerSnapshot, Health, Snapshot};

#[cfg(test)]
mod tests;
