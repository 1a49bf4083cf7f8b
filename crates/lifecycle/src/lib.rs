//! How tasks and their containers live, for both sides of the wire.
//!
//! The agent asks [`next_actions`] what to do for a [`TaskView`] and [`derive_status`] what to report.
//! The control plane merges reports into what it holds with [`merge_report`], and stops tasks with
//! [`request_stop`]; both return a [`Transition`] to apply. Status moves forward only, so reports may
//! come late, twice or in any order.
//!
//! Nothing here has a clock: `now` is an argument. Nothing knows Docker, tables or messages.
//!
//! Start with `view.rs` and `next.rs` for the agent, `report.rs` for the control plane.

mod derive;
mod graph;
mod health;
mod next;
mod progress;
mod report;
mod restart;
mod stage;
mod stop;
mod times;
mod view;

pub use derive::{derive_status, is_stopping, stop_cause};
pub use graph::{Condition, GraphError, Need, UnknownCondition, start_order};
pub use health::task_health;
pub use next::{Action, Actions, next_actions};
pub use progress::{advance_container, advance_task};
pub use report::{
    ContainerChange, ContainerReport, KnownContainer, KnownTask, TaskReport, Transition,
    end_at_once, merge_report, request_stop,
};
pub use restart::{RestartPolicy, RunEnd};
pub use stage::{Stage, go_on};
pub use stop::{ESSENTIAL_CONTAINER_EXITED, StopCause};
pub use times::Times;
pub use view::{ContainerView, Step, TaskView};
