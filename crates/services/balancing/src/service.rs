//! The service: what its operations, routes and reconcilers share.

use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::Service;
use berth_control::ports::{
    Certificates, HostAddresses, Networks, NoCertificates, NoHosts, NoNetworks, NoObjects, Objects,
};
use berth_control::reconcile::{Options, Reconcilers};
use berth_control::sealing::Sealer;

use crate::certificates::{self, Issuer};
use crate::exchange::Feed;
use crate::limits::Limits;
use crate::proxies::Proxies;
use crate::reconcilers::count_out_proxies::CountOutProxies;
use crate::reconcilers::end_targets::EndTargets;
use crate::reconcilers::renew_certificates::RenewCertificates;
use crate::registration;

pub struct Balancing {
    pub cell: Cell,
    pub env: Env,
    pub limits: Limits,
    /// For the client secrets of those who sign users in.
    pub sealer: Sealer,
    pub(crate) neighbours: Neighbours,
    /// What proxies that are alive have found out.
    pub(crate) proxies: Proxies,
    pub(crate) feed: Feed,
}

/// What other services do for this one.
#[derive(Clone)]
pub struct Neighbours {
    pub networks: Arc<dyn Networks>,
    pub certificates: Arc<dyn Certificates>,
    /// In whose name certificates are issued.
    pub issuer: Issuer,
    pub hosts: Arc<dyn HostAddresses>,
    /// Where the contents of trust stores are.
    pub objects: Arc<dyn Objects>,
    /// A proxy runs in this process, or is about to.
    pub proxy_beside: bool,
}

/// There are none.
impl Default for Neighbours {
    fn default() -> Self {
        Neighbours {
            networks: Arc::new(NoNetworks),
            certificates: Arc::new(NoCertificates),
            issuer: Issuer::default(),
            hosts: Arc::new(NoHosts),
            objects: Arc::new(NoObjects),
            proxy_beside: false,
        }
    }
}

impl Balancing {
    pub fn new(
        cell: Cell,
        env: Env,
        limits: Limits,
        sealer: Sealer,
        neighbours: Neighbours,
    ) -> Arc<Self> {
        Arc::new(Self {
            cell,
            env,
            limits,
            sealer,
            neighbours,
            proxies: Proxies::default(),
            feed: Feed::default(),
        })
    }

    /// Starts everything that works by itself: to be called once, inside a tokio runtime.
    pub fn start(self: &Arc<Self>, reconcilers: &mut Reconcilers) {
        reconcilers.start(Arc::new(EndTargets::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(RenewCertificates::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(CountOutProxies::new(self.clone())), Options::default());
    }

    /// ACM's operations.
    pub fn acm(self: &Arc<Self>) -> Service {
        certificates::registration::service(self)
    }

    /// ELBv2's operations, and what proxies ask.
    pub fn elbv2(self: &Arc<Self>) -> Service {
        registration::service(self)
    }
}
