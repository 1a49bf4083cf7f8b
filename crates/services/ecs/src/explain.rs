//! Why a task runs where it does, and where another one would: `GET /_berth/ecs/explain`.
//!
//! A question is about a task, about a service (`of_service.rs`) or about tasks that might be run (`question.rs`). What was decided when a task was
//! placed is remembered for a while (`decisions.rs`); everything else is found out anew from a snapshot, by asking
//! the scheduler as RunTask would (`weigh.rs`). Nothing is changed by a question.
//!
//! Start with `path.rs`.

mod answer;
mod decisions;
mod of_service;
mod path;
mod question;
mod weigh;

pub use decisions::Decisions;
pub use path::{ACTION, PATH, explain};
