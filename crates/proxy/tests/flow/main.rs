//! Network balancers, as their clients and targets see them.

mod datagrams;
mod encrypted;
mod illness;
mod preserved;
mod setup;
mod streams;
mod succession;
mod targets;
