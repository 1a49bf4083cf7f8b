//! Decides where tasks run, and says why.
//!
//! [`place`] looks at one frozen [`Fleet`] and one [`Request`] and returns a [`Plan`]: which
//! instances get a task each, why the others do not, and how the choice was made. [`check_one`]
//! answers for a single named instance, as `StartTask` needs. Nothing here has a clock, a random
//! source or a table; a seed comes with the request.
//!
//! Callers build instances and requests, and read plans. How a fleet keeps its instances and how a
//! plan is found are this crate's own business, free to change.
//!
//! [`capacity`] splits tasks over the providers of a capacity provider strategy, before any instance is looked at.
//!
//! Start with `place.rs`; `fit.rs` says what rules an instance out, `rank.rs` which one is best.

mod attributes;
mod board;
mod candidates;
pub mod capacity;
mod explanation;
mod fit;
mod fleet;
mod instance;
mod place;
mod plan;
mod ports;
mod query;
mod rank;
mod request;
mod strategy;

pub use attributes::Attributes;
pub use candidates::{Candidate, Verdict, candidates};
pub use explanation::{Choice, Explanation, Standing, Standings};
pub use fit::check_one;
pub use fleet::Fleet;
pub use instance::{Instance, Remaining};
pub use place::{closest_refusal, place, refusals};
pub use plan::{Placement, Plan, Reason, Refusal};
pub use ports::PortSet;
pub use query::{Expression, ExpressionError};
pub use request::{Constraint, Demand, Gpus, Request, RequiredAttribute};
pub use strategy::{BinpackField, SpreadField, Strategy, StrategyError};
