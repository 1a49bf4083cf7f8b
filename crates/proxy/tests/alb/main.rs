//! Application balancers, as their clients and targets see them: real sockets, and targets that do as they are told.

mod authenticate;
mod authority;
mod browser;
mod client;
mod draining;
mod failures;
mod issuer;
mod logs;
mod malformed;
mod overload;
mod rolling;
mod routing;
mod stickiness;
mod streaming;
mod succession;
mod target;
mod tls;
mod unread;
mod upgrades;
mod versions;
mod wire;
mod world;
