//! Listeners of application balancers: HTTP, from a client's connection to a target's answer.
//!
//! `connection.rs` is one client's connection, `exchange.rs` one request on it: rules say what is to be done (`plan.rs`), and
//! `forward.rs` does what most of them say. A [`Front`] is a listener as one configuration has it; each request takes the one of
//! its time and keeps it to the end.

mod access;
mod account;
mod alarm;
mod answer;
mod authenticate;
mod client;
mod connection;
pub(crate) mod cookies;
mod exchange;
mod forward;
mod forwarded;
mod greeting;
mod headers;
mod http1;
mod own;
mod patience;
mod plan;
mod redirect;
mod speech;
mod timer;
mod trace;
mod transform;
mod upgrade;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use berth_proxy_protocol::{
    Balancer, BalancerAttributes, ClientAuthentication, Listener, ListenerProtocol,
};
use http::{HeaderName, HeaderValue};

use crate::counters::BalancerCounters;
use crate::logs::{Kind, Log};
use crate::proxy::Ground;
use crate::rules::Rules;
use crate::tls::Tls;
use authenticate::Authentication;
pub(crate) use connection::carry;
use http1::Manner;
use plan::{Of, Plan};

/// One listener, as its configuration has it.
pub(crate) struct Front {
    resource: String,
    access_log: Option<Log>,
    connection_log: Option<Log>,
    attributes: BalancerAttributes,
    /// None if it is plain.
    tls: Option<Arc<Tls>>,
    client_authentication: ClientAuthentication,
    idle: Duration,
    keep_alive: Duration,
    shows_server: bool,
    response_headers: Vec<(HeaderName, HeaderValue)>,
    renamed_request_headers: Vec<(HeaderName, HeaderName)>,
    rules: Rules,
    /// What each rule wants.
    plans: Vec<Plan>,
    default: Plan,
    /// None if its balancer authenticates nobody.
    authentication: Option<Authentication>,
    counters: Arc<BalancerCounters>,
}

impl Front {
    pub(crate) fn new(
        balancer: &Balancer,
        listener: &Listener,
        ground: &Ground,
    ) -> Result<Front, String> {
        let tls = match listener.protocol {
            ListenerProtocol::Http => None,
            ListenerProtocol::Https => {
                let protocols: &[&[u8]] =
                    if balancer.attributes.http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
                Some(ground.tls.tls(listener, protocols, ground.configuration)?)
            }
            other => return Err(format!("an application balancer does not listen for {other:?}")),
        };
        let of = Of { balancer, is_secure: tls.is_some(), ground };
        let plan = |rule| Plan::compile(rule, &of);
        let plans: Vec<Plan> = listener.rules.iter().map(plan).collect::<Result<_, _>>()?;
        let default = Plan::default_of(&listener.default_actions, &of)?;
        let actions = plans.iter().chain([&default]).filter_map(|plan| plan.authenticate.as_ref());
        let mut response_headers = Vec::new();
        for (name, value) in &listener.attributes.response_headers {
            let name = header_name(name)?;
            let value = value.parse().map_err(|_| format!("`{value}` is no header's value"))?;
            response_headers.push((name, value));
        }
        let mut renamed_request_headers = Vec::new();
        for (from, to) in &listener.attributes.renamed_request_headers {
            renamed_request_headers.push((header_name(from)?, header_name(to)?));
        }
        let log = |kind, is_wanted: bool| {
            let logs = ground.logs.filter(|_| is_wanted)?;
            Some(logs.log(kind, &balancer.arn, &balancer.resource))
        };
        Ok(Front {
            resource: balancer.resource.clone(),
            access_log: log(Kind::Access, balancer.attributes.access_logs),
            connection_log: log(Kind::Connection, balancer.attributes.connection_logs),
            tls,
            client_authentication: listener.client_authentication.clone(),
            idle: Duration::from_secs(balancer.attributes.idle_timeout_seconds.into()),
            keep_alive: Duration::from_secs(balancer.attributes.client_keep_alive_seconds.into()),
            shows_server: listener.attributes.server_header,
            response_headers,
            renamed_request_headers,
            rules: Rules::compile(&listener.rules)?,
            authentication: Authentication::new(balancer, actions),
            plans,
            default,
            counters: ground.counters.balancer(&balancer.resource),
            attributes: balancer.attributes.clone(),
        })
    }

    /// Counts a client that there was no room for.
    pub(crate) fn refuse(&self) {
        self.counters.rejected_connections.one();
    }

    fn manner(&self) -> Manner {
        Manner {
            mitigation: self.attributes.desync_mitigation,
            names: self.attributes.header_names,
            idle: self.idle,
        }
    }

    fn is_secure(&self) -> bool {
        self.tls.is_some()
    }
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    name.parse().map_err(|_| format!("`{name}` is no header's name"))
}
