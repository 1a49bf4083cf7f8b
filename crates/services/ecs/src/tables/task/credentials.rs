//! The names that a task's agent knows the credentials of its roles by. They stay the same for the task's life; what
//! they stand for is issued anew all the time, and is in no table.

use std::fmt;

use berth_model::CredentialsId;
use minicbor::{Decode, Encode};

use crate::roles::RoleKind;

/// For each role that the task has.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct CredentialsIds {
    #[n(0)]
    pub task: Option<CredentialsId>,
    #[n(1)]
    pub execution: Option<CredentialsId>,
}

impl CredentialsIds {
    pub fn get(&self, kind: RoleKind) -> Option<CredentialsId> {
        match kind {
            RoleKind::Task => self.task,
            RoleKind::Execution => self.execution,
        }
    }
}

/// Never shows an id: it opens the door to the credentials.
impl fmt::Debug for CredentialsIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsIds").finish_non_exhaustive()
    }
}
