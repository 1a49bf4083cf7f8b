//! What a call wants: which actions, on which resources, with which condition keys.
//!
//! Each service hands in one [`AccessTable`] with a row for every operation, socket and path of its own that it
//! serves; an endpoint with a missing row, or with one twice, is not built. A row is a function from the input
//! to [`Wants`], since only the service knows what its names, defaults and latest revisions mean. It is asked only
//! if somebody is to be judged: whoever may do everything costs nothing.
//!
//! Nothing here knows a policy. Start with `table.rs`; `authorise.rs` beside this module asks the question (ADR 18).

mod action;
mod keys;
mod realm;
mod resource;
mod table;
mod text;
mod wants;

pub use action::Action;
pub use keys::{KeyValue, Keys};
pub use realm::{Beforehand, Realm};
pub use resource::{Resource, ResourcePolicy};
pub use table::{AccessTable, Asking};
pub(super) use table::{OperationRow, PathRow};
pub use text::Text;
pub use wants::{Wanted, Wants};

#[cfg(test)]
mod tests;
