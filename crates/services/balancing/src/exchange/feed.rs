//! The configuration as it is now: worked out once for all proxies that ask.

use std::sync::{Arc, Mutex, PoisonError};

use berth_control::tables::Revision;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::configuration;
use crate::service::Balancing;

#[derive(Default)]
pub struct Feed(Mutex<Option<(Revision, Arc<Told>)>>);

/// A configuration, written out.
pub struct Told {
    /// Of what it says, so that it is the same whoever says it, also after a restart.
    pub revision: u64,
    pub body: Bytes,
}

impl Feed {
    pub fn current(&self, balancing: &Balancing) -> Arc<Told> {
        let view = balancing.cell.snapshot();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, told)) = &*kept
            && *at >= view.revision()
        {
            return told.clone();
        }
        let mut configuration =
            configuration::build(&view, &balancing.neighbours, &balancing.sealer);
        let digest = Sha256::digest(written(&configuration));
        let (first, _) = digest.split_first_chunk().expect("a digest is longer than a number");
        configuration.revision = u64::from_be_bytes(*first);
        let told = Arc::new(Told {
            revision: configuration.revision,
            body: written(&configuration).into(),
        });
        *kept = Some((view.revision(), told.clone()));
        told
    }
}

fn written(configuration: &berth_proxy_protocol::Configuration) -> Vec<u8> {
    serde_json::to_vec(configuration).expect("its maps have string keys")
}
