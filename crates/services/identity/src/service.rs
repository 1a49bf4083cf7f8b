//! The service: what its operations share.

use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::Service;
use berth_control::reconcile::{Options, Reconcilers};
use berth_control::sealing::Sealer;

use crate::held_open::{HeldOpen, JudgeAgain};
use crate::registration;
use crate::web_identity::KeyFiles;

pub struct Identity {
    pub cell: Cell,
    pub env: Env,
    /// For the secrets of access keys, and for session tokens.
    pub sealer: Sealer,
    /// The keys of the issuers whose tokens may be shown for a role.
    pub key_files: KeyFiles,
    pub(crate) held_open: HeldOpen,
}

impl Identity {
    pub fn new(cell: Cell, env: Env, sealer: Sealer) -> Arc<Self> {
        Self::with_key_files(cell, env, sealer, KeyFiles::default())
    }

    pub fn with_key_files(cell: Cell, env: Env, sealer: Sealer, key_files: KeyFiles) -> Arc<Self> {
        Arc::new(Self { cell, env, sealer, key_files, held_open: HeldOpen::default() })
    }

    /// Starts everything that works by itself: to be called once, inside a tokio runtime.
    pub fn start(self: &Arc<Self>, reconcilers: &mut Reconcilers) {
        reconcilers.start(Arc::new(JudgeAgain::new(self.clone())), Options::default());
    }

    /// IAM's operations.
    pub fn iam(self: &Arc<Self>) -> Service {
        registration::service(self)
    }

    /// STS's operations.
    pub fn sts(self: &Arc<Self>) -> Service {
        registration::sts(self)
    }
}
