//! Network balancers, as their clients and targets see them.

mod datagrams;
mod setup;
mod streams;
mod targets;
