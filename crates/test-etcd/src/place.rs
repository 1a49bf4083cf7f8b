//! Where a member of a cluster runs, if not beside the test.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

/// A command that will run this program there, without its arguments.
pub type Enter = Arc<dyn Fn(&str) -> Command + Send + Sync>;

/// A machine on which nothing else has etcd's ports.
#[derive(Clone)]
pub struct Place {
    pub address: Ipv4Addr,
    /// A directory there.
    pub disk: PathBuf,
    pub enter: Enter,
}

impl Place {
    /// For clients and for members.
    pub(crate) fn addresses(&self) -> (SocketAddrV4, SocketAddrV4) {
        (SocketAddrV4::new(self.address, 2379), SocketAddrV4::new(self.address, 2380))
    }
}
