//! A cell on the memory store, under paused time.

mod changes;
mod commits;
mod derivations;
mod failures;
pub(crate) mod fixture;
mod following;
mod loading;
mod properties;
mod remembered;
