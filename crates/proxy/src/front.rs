//! Listeners of application balancers: HTTP, from a client's connection to a target's answer.
//!
//! `connection.rs` is one client's connection, `exchange.rs` one request on it: rules say what is to be done (`plan.rs`), and
//! `forward.rs` does what most of them say. A [`Front`] is a listener as one configuration has it; each request takes the one of
//! its time and keeps it to the end.

mod account;
mod answer;
mod connection;
mod cookies;
mod exchange;
mod forward;
mod forwarded;
mod headers;
mod own;
mod patience;
mod plan;
mod redirect;
mod trace;
mod transform;
mod upgrade;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use berth_proxy_protocol::{Balancer, BalancerAttributes, Listener, ListenerProtocol};
use http::{HeaderName, HeaderValue};

use crate::counters::BalancerCounters;
use crate::proxy::Ground;
use crate::rules::Rules;
pub(crate) use connection::carry;
use plan::Plan;

/// One listener, as its configuration has it.
pub(crate) struct Front {
    attributes: BalancerAttributes,
    is_secure: bool,
    idle: Duration,
    keep_alive: Duration,
    shows_server: bool,
    response_headers: Vec<(HeaderName, HeaderValue)>,
    rules: Rules,
    /// What each rule wants.
    plans: Vec<Plan>,
    default: Plan,
    counters: Arc<BalancerCounters>,
}

impl Front {
    pub(crate) fn new(
        balancer: &Balancer,
        listener: &Listener,
        ground: &Ground,
    ) -> Result<Front, String> {
        let is_secure = match listener.protocol {
            ListenerProtocol::Http => false,
            ListenerProtocol::Https => true,
            other => return Err(format!("an application balancer does not listen for {other:?}")),
        };
        let plan = |rule| Plan::compile(rule, balancer, ground);
        let mut response_headers = Vec::new();
        for (name, value) in &listener.attributes.response_headers {
            let name: HeaderName =
                name.parse().map_err(|_| format!("`{name}` is no header's name"))?;
            let value = value.parse().map_err(|_| format!("`{value}` is no header's value"))?;
            response_headers.push((name, value));
        }
        Ok(Front {
            is_secure,
            idle: Duration::from_secs(balancer.attributes.idle_timeout_seconds.into()),
            keep_alive: Duration::from_secs(balancer.attributes.client_keep_alive_seconds.into()),
            shows_server: listener.attributes.server_header,
            response_headers,
            rules: Rules::compile(&listener.rules)?,
            plans: listener.rules.iter().map(plan).collect::<Result<_, _>>()?,
            default: Plan::default_of(&listener.default_actions, balancer, ground)?,
            counters: ground.counters.balancer(&balancer.resource),
            attributes: balancer.attributes.clone(),
        })
    }
}
