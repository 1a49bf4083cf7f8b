//! The service: what its operations, routes and reconcilers share.

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::hosts::{CREDENTIALS_PATH, JOIN_PATH, ROLE_PATH, SELF_PATH};
use berth_aws_api::ssm::ops;
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::{Service, ServiceBuilder};
use berth_control::ports::RoleSessions;
use berth_control::reconcile::{Options, Reconcilers};
use http::Method;

use crate::access;
use crate::issuing::Issue;
use crate::joining::Join;
use crate::operations::*;
use crate::own_host::{describe, role_credentials};
use crate::rates;
use crate::reconcilers::forget_expired::ForgetExpired;
use crate::revocations::Revocations;

pub struct Hosts {
    pub cell: Cell,
    pub env: Env,
    pub settings: Settings,
    /// Who knows the roles that activations name.
    pub roles: Arc<dyn RoleSessions>,
    pub(crate) revocations: Revocations,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a host's credentials are good. It gets new ones from half of this on.
    pub credential_lifetime: Duration,
    /// The same for the credentials of its role.
    pub role_lifetime: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let hour = Duration::from_secs(60 * 60);
        // AWS: about what the roles of instances have.
        Settings { credential_lifetime: hour, role_lifetime: 6 * hour }
    }
}

impl Hosts {
    pub fn new(
        cell: Cell,
        env: Env,
        settings: Settings,
        roles: Arc<dyn RoleSessions>,
    ) -> Arc<Self> {
        Arc::new(Self { cell, env, settings, roles, revocations: Revocations::default() })
    }

    /// Starts everything that works by itself: to be called once, inside a tokio runtime.
    pub fn start(self: &Arc<Self>, reconcilers: &mut Reconcilers) {
        reconcilers.start(Arc::new(ForgetExpired::new(self.clone())), Options::default());
    }

    /// SSM's operations for activations, and the calls that hosts make.
    pub fn service(self: &Arc<Self>) -> Service {
        ServiceBuilder::new(self.clone(), access::table())
            .rates(rates::RATES)
            .operation::<ops::CreateActivation, _, _>(create_activation::create_activation)
            .operation::<ops::DeleteActivation, _, _>(delete_activation::delete_activation)
            .operation::<ops::DeregisterManagedInstance, _, _>(
                deregister_managed_instance::deregister_managed_instance,
            )
            .operation::<ops::DescribeActivations, _, _>(describe_activations::describe_activations)
            .operation::<ops::DescribeInstanceInformation, _, _>(
                describe_instance_information::describe_instance_information,
            )
            .route(Method::POST, JOIN_PATH, Join(self.clone()))
            .route(Method::POST, CREDENTIALS_PATH, Issue(self.clone()))
            .signed_route(Method::GET, SELF_PATH, describe)
            .signed_route(Method::GET, ROLE_PATH, role_credentials)
            .into()
    }
}
