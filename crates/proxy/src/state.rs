//! What became of a configuration.

use std::net::SocketAddr;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Of the configuration that is applied; 0 before there is one.
    pub revision: u64,
    /// The ARNs of its balancers.
    pub balancers: Vec<String>,
    /// One for each listener and address.
    pub listeners: Vec<ListenerState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerState {
    pub arn: String,
    /// Where it listens; with port 0 the one that it got.
    pub address: SocketAddr,
    /// Why nothing is carried.
    pub problem: Option<String>,
    /// What is carried in another way than was asked for, and why.
    pub lack: Option<String>,
}
