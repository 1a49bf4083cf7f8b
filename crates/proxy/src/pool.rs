//! Connections to one target that wait for their next request.

/// Belongs to a target, and lives as long.
#[derive(Debug, Default)]
pub(crate) struct Pool {}

impl Pool {
    /// Closes whatever waits, and whatever would: nothing new is sent to this target.
    pub(crate) fn retire(&self) {}
}
