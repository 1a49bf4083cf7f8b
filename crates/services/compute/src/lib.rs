//! Compute: the part of EC2's API that clients of everything else ask for first, the network that they are in.
//!
//! Every account has one in every region, as a new account of AWS has: a default VPC, a subnet in each availability zone,
//! a security group. It follows from account and region, so nothing is stored (tables 280 to 289 are kept free for what
//! people will make).
//!
//! Start with `network.rs`, then `select.rs`: how EC2 is asked.

mod access;
mod filters;
mod ids;
pub mod network;
mod operations;
mod port;
mod rates;
mod registration;
mod select;
mod service;
mod zones;

pub use service::Compute;
