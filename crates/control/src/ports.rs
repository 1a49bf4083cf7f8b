//! What services ask of each other: small traits, implemented by the one that knows, wired where everything is put
//! together. No service imports another.

mod certificates;
mod host_addresses;
mod load_balancing;
mod named_principals;
mod networks;
mod objects;
mod role_sessions;
mod task_runs;

pub use certificates::{Certificate, Certificates, NoCertificates};
pub use host_addresses::{HostAddress, HostAddresses, NoHosts};
pub use load_balancing::{
    LoadBalancing, NoBalancers, NoSuchTargetGroup, NotShared, Share, Standing, TargetChange,
    TargetGroupFacts, TargetRef, TargetType,
};
pub use named_principals::{NamedPrincipals, NoSuchPrincipal, NobodyKnown};
pub use networks::{Networks, NoNetworks, Subnet, Vpc};
pub use objects::{NoObjects, Objects};
pub use role_sessions::{NoRoles, RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
pub use task_runs::{NoTasks, TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
