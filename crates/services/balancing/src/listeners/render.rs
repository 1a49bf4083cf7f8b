//! A listener as ELB shows it.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;

use super::mutual;
use crate::rules::render::actions;
use crate::tables::{Listener, MutualAuthentication, Protocol};

pub fn listener(view: &impl View, listener: &Listener) -> api::Listener {
    // AWS: the default one alone; the others are DescribeListenerCertificates' to tell.
    let certificate = listener.certificates.first();
    let certificates = certificate
        .map(|arn| vec![api::Certificate { certificate_arn: Some(arn.clone()), is_default: None }]);
    let off = MutualAuthentication::Off;
    let mutual = listener.mutual.as_ref().unwrap_or(&off);
    api::Listener {
        listener_arn: Some(listener.arn()),
        load_balancer_arn: Some(listener.of.arn()),
        port: Some(i32::from(listener.port)),
        protocol: Some(listener.protocol.into()),
        certificates,
        ssl_policy: listener.ssl_policy.clone(),
        default_actions: Some(actions(&listener.actions)),
        alpn_policy: listener.alpn.clone().map(|policy| vec![policy]),
        mutual_authentication: (listener.protocol == Protocol::Https)
            .then(|| mutual::render(view, mutual)),
    }
}
