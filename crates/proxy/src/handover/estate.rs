//! What one process leaves to the next.

use std::os::fd::OwnedFd;

use berth_proxy_protocol::TargetHealth;
use serde::{Deserialize, Serialize};

use crate::doors::Place;

/// All that a proxy has which cannot be had from anybody else.
#[derive(Debug, Default)]
pub struct Estate {
    /// As whom it reports.
    pub(crate) id: String,
    pub(crate) sockets: Vec<(Place, OwnedFd)>,
    pub(crate) health: Vec<TargetHealth>,
}

/// An estate in words. Fields that are not known are of no account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Contents {
    id: String,
    /// In the order in which they are given.
    pub(super) sockets: Vec<Place>,
    health: Vec<TargetHealth>,
}

impl Estate {
    /// How many sockets there are at which clients come in.
    pub fn sockets(&self) -> usize {
        self.sockets.len()
    }

    pub(super) fn of(contents: Contents, sockets: Vec<OwnedFd>) -> Estate {
        let Contents { id, sockets: places, health } = contents;
        Estate { id, sockets: places.into_iter().zip(sockets).collect(), health }
    }

    pub(super) fn parts(self) -> (Contents, Vec<OwnedFd>) {
        let (places, sockets) = self.sockets.into_iter().unzip();
        (Contents { id: self.id, sockets: places, health: self.health }, sockets)
    }
}
