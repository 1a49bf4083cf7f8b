//! What services ask of each other: small traits, implemented by the one that knows, wired where everything is put
//! together. No service imports another.

mod role_sessions;

pub use role_sessions::{NoRoles, RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
