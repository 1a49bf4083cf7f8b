//! The service: what its operations and reconcilers share.

use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::Service;
use berth_control::ports::{NamedPrincipals, NoTasks, NobodyKnown, TaskRuns};
use berth_control::reconcile::{Options, Reconcilers};
use berth_control::sealing::Sealer;

use crate::keys::Vault;
use crate::reconcilers::begin_rotations::BeginRotations;
use crate::reconcilers::delete_secrets::DeleteSecrets;
use crate::reconcilers::keys_due::KeysDue;
use crate::reconcilers::rotate_secrets::RotateSecrets;
use crate::registration;

pub struct Secrets {
    pub cell: Cell,
    pub env: Env,
    /// What encrypts under KMS's keys.
    pub(crate) vault: Vault,
    /// Who runs the tasks that rotate secrets.
    pub(crate) tasks: Arc<dyn TaskRuns>,
    /// Who knows whom policies name.
    pub(crate) principals: Arc<dyn NamedPrincipals>,
}

/// What other services do for this one.
pub struct Neighbours {
    pub tasks: Arc<dyn TaskRuns>,
    pub principals: Arc<dyn NamedPrincipals>,
}

/// There are none.
impl Default for Neighbours {
    fn default() -> Self {
        Neighbours { tasks: Arc::new(NoTasks), principals: Arc::new(NobodyKnown) }
    }
}

impl Secrets {
    pub fn new(cell: Cell, env: Env, sealer: Sealer) -> Arc<Self> {
        Self::among(Neighbours::default(), cell, env, sealer)
    }

    pub fn among(neighbours: Neighbours, cell: Cell, env: Env, sealer: Sealer) -> Arc<Self> {
        let vault = Vault::new(sealer, env.clone());
        let Neighbours { tasks, principals } = neighbours;
        Arc::new(Self { cell, env, vault, tasks, principals })
    }

    /// Starts everything that works by itself: to be called once, inside a tokio runtime.
    pub fn start(self: &Arc<Self>, reconcilers: &mut Reconcilers) {
        reconcilers.start(Arc::new(KeysDue::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(DeleteSecrets::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(BeginRotations::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(RotateSecrets::new(self.clone())), Options::default());
    }

    /// KMS's operations.
    pub fn kms(self: &Arc<Self>) -> Service {
        registration::kms::service(self)
    }

    /// Secrets Manager's operations.
    pub fn secretsmanager(self: &Arc<Self>) -> Service {
        registration::secretsmanager::service(self)
    }

    /// SSM's operations for parameters: Parameter Store.
    pub fn parameter_store(self: &Arc<Self>) -> Service {
        registration::ssm::service(self)
    }
}
