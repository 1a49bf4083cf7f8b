//! What services ask of each other: small traits, implemented by the one that knows, wired where everything is put
//! together. No service imports another.

mod role_sessions;
mod task_runs;

pub use role_sessions::{NoRoles, RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
pub use task_runs::{NoTasks, TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
