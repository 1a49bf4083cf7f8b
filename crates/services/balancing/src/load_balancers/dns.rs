//! The DNS name of a load balancer.
//!
//! DEVIATES: a load balancer's DNS name ends with `elb.berth.internal`, which the public DNS has nothing for and never will;
//! AWS's ends with `amazonaws.com`. What answers for it is Berth's own DNS, or a line of a hosts file.

use sha2::{Digest, Sha256};

use crate::tables::{BalancerKind, LoadBalancer};

const DOMAIN: &str = "berth.internal";

/// AWS: `NAME-NUMBER.REGION.elb…` of application load balancers, `NAME-ID.elb.REGION…` of network load balancers.
pub fn name(balancer: &LoadBalancer) -> String {
    let (name, id) = (&balancer.name.name, balancer.id());
    let region = &balancer.name.scope.region;
    let internal = if balancer.is_internal { "internal-" } else { "" };
    match balancer.name.kind {
        BalancerKind::Application => {
            let digest = Sha256::digest(id.0.to_be_bytes());
            let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
            format!("{internal}{name}-{number}.{region}.elb.{DOMAIN}").to_lowercase()
        }
        BalancerKind::Network => format!("{name}-{id}.elb.{region}.{DOMAIN}").to_lowercase(),
    }
}

/// AWS: the zone of Route 53 that aliases to balancers name. There is one for each kind; nothing else depends on it.
pub fn hosted_zone(kind: BalancerKind) -> &'static str {
    match kind {
        BalancerKind::Application => "Z35SXDOTRQ7X7K",
        BalancerKind::Network => "Z26RNL4JYFTOTI",
    }
}
