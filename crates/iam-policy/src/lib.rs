//! The policy language of IAM, and who may do what by it.
//!
//! [`Document::parse`] makes a policy of its JSON, or says in AWS's words what is wrong with it. A
//! parsed policy is compiled: patterns, operands and the services that it speaks of are worked out
//! once. [`decide`] then takes the [`Policies`] that bear on a request and the [`Request`], and
//! returns a [`Decision`], whose [`Denial`] says why in AWS's words. [`Shortlist`] is for who asks for one action
//! often, [`simulate`] tells more, for IAM's simulation.
//!
//! Nothing here has a clock, a random source or a table. What is known of a request besides action and
//! resource is asked of a [`Context`]; which keys an operation has is not known here.
//!
//! Start with `decide.rs`; `document/grammar.rs` says what a policy is, `condition.rs` what its
//! conditions mean, `pattern.rs` what its wildcards match.

mod actions;
mod by_service;
mod condition;
mod context;
mod decide;
mod decision;
mod denial;
mod document;
mod malformed;
mod pattern;
mod policies;
mod principal;
mod principals;
mod resources;
mod shortlist;
mod simulate;
mod statement;

pub use context::{Context, Keys, Nothing, Value, Values};
pub use decide::decide;
pub use decision::{Decision, Matched, Source};
pub use denial::Denial;
pub use document::{Document, Kind, Version};
pub use malformed::Malformed;
pub use policies::{Attached, Policies, Request, ResourceSide};
pub use principal::Principal;
pub use shortlist::Shortlist;
pub use simulate::{Simulation, simulate};
pub use statement::{Effect, Position, Span, Statement};
