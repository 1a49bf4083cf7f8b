//! Decides how many tasks of which revision a service runs, and says why.
//!
//! [`plan`] looks at one frozen [`Service`] and an instant and returns a [`Plan`]: tasks to start and
//! to stop, what changes about the service's deployments, what to tell, and an explanation. It never
//! says where a task runs, except for daemons and for a zone that has too few (`scheduler` does), nor
//! how (`agent`). Nothing here has a clock, a random source or a table.
//!
//! What has to be remembered from one plan to the next comes in two values, [`Memory`] of a service
//! and [`Progress`] of a deployment: the caller keeps them and shows them again. Once a plan is carried
//! out, planning again without any other change plans nothing.
//!
//! Start with `plan.rs` for the order of decisions and `replica.rs` for the arithmetic of a rolling
//! deployment.

mod census;
mod daemon;
mod deployment;
mod draft;
mod event;
mod explanation;
mod external;
mod failures;
mod giving_up;
mod memory;
mod percent;
mod plan;
mod replica;
mod rollout;
mod scale_in;
mod service;
mod settle;
mod stage;
mod staged;
#[cfg(test)]
mod stories;
mod task;
mod traffic;
mod zones;

pub use deployment::{Deployment, Progress, Role, Rollback, RolloutReason, Unlaunched, supersede};
pub use event::{Event, EventKind, EventName, subject};
pub use explanation::{Explanation, Note};
pub use memory::{Memory, Throttle};
pub use percent::Bounds;
pub use plan::{HookCall, Place, Plan, Start, Stop, StopReason, full_zones, plan};
pub use service::{AlarmState, Alarms, CircuitBreaker, EarlySuccess, Service, Threshold};
pub use stage::{
    Hook, HookAction, HookProgress, HookStatus, HookTarget, LifecycleStage, StageProgress,
    Strategy, answer_hook,
};
pub use task::{Host, HostState, Task, Zone};
pub use traffic::Weights;
