//! Real etcd clusters for a test, gone without a trace afterwards.
//!
//! A [`Cluster`] has one member or several, each a process with a directory and addresses of its own, which
//! can be killed, paused and started again. Members die with the test, even with one that is killed; what
//! such a test leaves on the disk is removed by the next.
//!
//! Members run on this machine, or each where a [`Place`] says.
//!
//! Without etcd on this machine there are no clusters, and [`Options::start`] says so on standard error:
//! whoever gets None returns.

mod certificates;
mod cluster;
mod home;
mod member;
mod place;

pub use certificates::Certificates;
pub use cluster::{Cluster, Options};
pub use place::{Enter, Place};
