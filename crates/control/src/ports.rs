//! What services ask of each other: small traits, implemented by the one that knows, wired where everything is put
//! together. No service imports another.

mod named_principals;
mod role_sessions;
mod task_runs;

pub use named_principals::{NamedPrincipals, NoSuchPrincipal, NobodyKnown};
pub use role_sessions::{NoRoles, RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
pub use task_runs::{NoTasks, TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
