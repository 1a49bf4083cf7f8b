//! The state of a load balancer: whether what it is for is done.
//!
//! AWS: `provisioning` while it is being set up, `active` from then on. It is set up here once a proxy carries it.

use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::LoadBalancerStateEnum as Code;
use berth_control::tables::View;

use crate::service::Balancing;
use crate::tables::{Carriage, Listener, LoadBalancer};

pub fn state(
    balancing: &Balancing,
    view: &impl View,
    balancer: &LoadBalancer,
) -> api::LoadBalancerState {
    let carriage = view.get::<Carriage>(&());
    let silent = carriage.and_then(|carriage| carriage.silent_since);
    let fell_silent = || silent.map(|at| format!("the last proxy has been silent since {at}"));
    let is_meant_for_proxies = carriage.is_some() || balancing.neighbours.proxy_beside;
    let (code, reason) = match (balancer.carried_at, is_meant_for_proxies) {
        // DEVIATES: where no proxy has ever been, a load balancer is active at once, and its state's reason says that nothing
        // carries it: a control plane may be there for its API alone, and clients wait for AWS's.
        (None, false) => (
            Code::Active,
            Some(
                "No proxy has joined: nothing carries this load balancer (start `berth proxy`)"
                    .to_owned(),
            ),
        ),
        (None, true) => {
            let why = fell_silent().unwrap_or_else(|| "it is about to be".to_owned());
            (Code::Provisioning, Some(format!("No proxy carries this load balancer yet: {why}")))
        }
        (Some(_), _) => {
            match fell_silent().map(|why| format!("No proxy carries this load balancer: {why}")) {
                Some(why) => (Code::ActiveImpaired, Some(why)),
                None => match listener_down(view, balancer) {
                    Some(why) => (Code::ActiveImpaired, Some(why)),
                    None => (Code::Active, None),
                },
            }
        }
    };
    api::LoadBalancerState { code: Some(code), reason }
}

/// A listener that no proxy can listen for.
fn listener_down(view: &impl View, balancer: &LoadBalancer) -> Option<String> {
    let table = view.table::<Listener>();
    let mut down = table.indexes().down.get(&balancer.id()).filter_map(|id| table.get(id));
    down.find_map(|listener| {
        let why = listener.down.as_ref()?;
        Some(format!("Listener on port {}: {why}", listener.port))
    })
}
