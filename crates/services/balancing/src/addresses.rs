//! Where load balancers are found, over a path of ours: ELB's API has names alone, and relies on a DNS for the rest.
//!
//! `GET /_berth/balancing/addresses` answers for the caller's account and region, by name:
//!
//! ```json
//! { "loadBalancers": [{
//!     "name": "web", "arn": "arn:…", "dnsName": "web-1.us-east-1.elb.berth.internal", "address": "127.64.0.1",
//!     "listeners": [{ "port": 80, "protocol": "HTTP", "everywhere": true }] }] }
//! ```
//!
//! `address` is the balancer's own, which every host with a proxy has for itself. A listener that is `everywhere` is also
//! wherever the proxies were told to listen (ADR 29).

use std::sync::Arc;

use berth_control::pipeline::{Call, CommonError};
use berth_control::tables::View;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

use crate::find;
use crate::load_balancers::dns;
use crate::service::Balancing;
use crate::tables::LoadBalancer;

/// Where it is served.
pub const PATH: &str = "/_berth/balancing/addresses";
/// What policies and the audit call it.
pub const ACTION: &str = "DescribeLoadBalancerAddresses";

pub async fn addresses(
    balancing: Arc<Balancing>,
    call: Call,
    _: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let view = call.view(&balancing.cell);
    let table = view.table::<LoadBalancer>();
    let ids = table.indexes().names.within(&call.scope);
    let mut balancers: Vec<&LoadBalancer> = ids.filter_map(|id| table.get(&id)).collect();
    balancers.sort_by(|one, other| one.name.name.cmp(&other.name.name));
    let shown: Vec<Value> = balancers.into_iter().map(|balancer| shown(view, balancer)).collect();
    let body = json!({ "loadBalancers": shown }).to_string();
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn shown(view: &impl View, balancer: &LoadBalancer) -> Value {
    let listeners = find::listeners_of(view, balancer.id()).map(|listener| {
        json!({
            "port": listener.port,
            "protocol": listener.protocol.as_str(),
            "everywhere": listener.everywhere,
        })
    });
    json!({
        "name": balancer.name.name,
        "arn": balancer.name.arn(),
        "dnsName": dns::name(balancer),
        "address": balancer.address(),
        "listeners": listeners.collect::<Vec<Value>>(),
    })
}
