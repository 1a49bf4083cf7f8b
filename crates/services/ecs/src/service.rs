//! The service: what every operation, session and reconciler of ECS shares.

use std::sync::Arc;

use berth_aws_api::ecs::ops;
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::{self, ServiceBuilder};
use berth_control::ports::{LoadBalancing, NoBalancers, NoRoles, RoleSessions};
use berth_control::reconcile::{Options, Reconcilers};
use http::Method;

use crate::access::{self, Definitions, Places};
use crate::advertise::Advertise;
use crate::events;
use crate::explain::{self, Decisions};
use crate::fleet::Fleets;
use crate::limits::Limits;
use crate::operations::*;
use crate::patience::Patience;
use crate::rates;
use crate::reconcilers::agent_connection::AgentConnection;
use crate::reconcilers::forget::Forget;
use crate::reconcilers::forget_events::ForgetEvents;
use crate::reconcilers::lost_instances::LostInstances;
use crate::reconcilers::provisioning::Provisioning;
use crate::reconcilers::service::Services;
use crate::reconcilers::task_definition_deletion::TaskDefinitionDeletion;
use crate::reconcilers::traffic::Traffic;
use crate::session::{self, Roster, Telemetry};
use crate::tables::{
    CapacityProvider, Cluster, ContainerInstance, Service, ServiceDeployment, Task,
};

pub struct Ecs {
    pub cell: Cell,
    pub env: Env,
    pub limits: Limits,
    pub patience: Patience,
    pub advertise: Advertise,
    pub roster: Roster,
    pub telemetry: Telemetry,
    pub fleets: Fleets,
    pub decisions: Decisions,
    pub places: Places,
    pub definitions: Definitions,
    /// Who lends tasks their roles.
    pub roles: Arc<dyn RoleSessions>,
    /// Who sends tasks requests.
    pub balancing: Arc<dyn LoadBalancing>,
}

/// What ECS asks of other services.
#[derive(Clone)]
pub struct Ports {
    pub roles: Arc<dyn RoleSessions>,
    pub balancing: Arc<dyn LoadBalancing>,
}

impl Default for Ports {
    fn default() -> Self {
        Ports { roles: Arc::new(NoRoles), balancing: Arc::new(NoBalancers) }
    }
}

impl Ecs {
    pub fn new(cell: Cell, env: Env, limits: Limits, advertise: impl Into<Advertise>) -> Arc<Self> {
        Self::with_patience(cell, env, limits, Patience::default(), advertise)
    }

    pub fn with_patience(
        cell: Cell,
        env: Env,
        limits: Limits,
        patience: Patience,
        advertise: impl Into<Advertise>,
    ) -> Arc<Self> {
        Self::with_ports(cell, env, limits, patience, advertise, Ports::default())
    }

    pub fn with_ports(
        cell: Cell,
        env: Env,
        limits: Limits,
        patience: Patience,
        advertise: impl Into<Advertise>,
        ports: Ports,
    ) -> Arc<Self> {
        let Ports { roles, balancing } = ports;
        let (roster, telemetry) = (Roster::default(), Telemetry::default());
        let (fleets, decisions) = (Fleets::default(), Decisions::default());
        let advertise = advertise.into();
        Arc::new(Self {
            cell,
            env,
            limits,
            patience,
            advertise,
            roster,
            telemetry,
            fleets,
            decisions,
            places: Places::default(),
            definitions: Definitions::default(),
            roles,
            balancing,
        })
    }

    /// Starts everything that works by itself: to be called once, inside a tokio runtime.
    pub fn start(self: &Arc<Self>, reconcilers: &mut Reconcilers) {
        let (cell, env) = (&self.cell, &self.env);
        reconcilers.start(Arc::new(AgentConnection::new(self.clone())), Options::default());
        if let Some(lost_after) = self.patience.lost_after {
            let lost = LostInstances::new(self.clone(), lost_after);
            reconcilers.start(Arc::new(lost), Options::default());
        }
        reconcilers.start(Arc::new(Forget::<Task>::new(self)), Options::default());
        reconcilers.start(Arc::new(Forget::<ContainerInstance>::new(self)), Options::default());
        reconcilers.start(Arc::new(Forget::<Cluster>::new(self)), Options::default());
        reconcilers.start(Arc::new(Provisioning::new(self.clone())), Options::default());
        let providers = Forget::<CapacityProvider>::new(self);
        reconcilers.start(Arc::new(providers), Options::default());
        let events = ForgetEvents::new(cell.clone(), env.clone());
        reconcilers.start(Arc::new(events), Options::default());
        reconcilers.start(Arc::new(Forget::<Service>::new(self)), Options::default());
        reconcilers.start(Arc::new(Forget::<ServiceDeployment>::new(self)), Options::default());
        reconcilers.start(Arc::new(Services::new(self.clone())), Services::options());
        reconcilers.start(Arc::new(Traffic::new(self.clone())), Options::default());
        reconcilers.start(Arc::new(TaskDefinitionDeletion::new(cell.clone())), Options::default());
        tokio::spawn(session::dispatch(self.cell.clone(), self.roster.clone()));
    }

    /// Every operation that is served, with the web sockets for agents.
    pub fn service(self: &Arc<Self>) -> pipeline::Service {
        ServiceBuilder::new(self.clone(), access::table())
            .rates(rates::RATES)
            // Where agents connect, and what is remembered of placements: both are the leader's own.
            .at_leader(&["DiscoverPollEndpoint", explain::PATH])
            .operation::<ops::ContinueServiceDeployment, _, _>(
                continue_service_deployment::continue_service_deployment,
            )
            .operation::<ops::CreateCapacityProvider, _, _>(
                create_capacity_provider::create_capacity_provider,
            )
            .operation::<ops::CreateCluster, _, _>(create_cluster::create_cluster)
            .operation::<ops::CreateService, _, _>(create_service::create_service)
            .operation::<ops::CreateTaskSet, _, _>(create_task_set::create_task_set)
            .operation::<ops::DeleteAccountSetting, _, _>(
                delete_account_setting::delete_account_setting,
            )
            .operation::<ops::DeleteAttributes, _, _>(delete_attributes::delete_attributes)
            .operation::<ops::DeleteCapacityProvider, _, _>(
                delete_capacity_provider::delete_capacity_provider,
            )
            .operation::<ops::DeleteCluster, _, _>(delete_cluster::delete_cluster)
            .operation::<ops::DeleteService, _, _>(delete_service::delete_service)
            .operation::<ops::DeleteTaskDefinitions, _, _>(
                delete_task_definitions::delete_task_definitions,
            )
            .operation::<ops::DeleteTaskSet, _, _>(delete_task_set::delete_task_set)
            .operation::<ops::DeregisterContainerInstance, _, _>(
                deregister_container_instance::deregister_container_instance,
            )
            .operation::<ops::DeregisterTaskDefinition, _, _>(
                deregister_task_definition::deregister_task_definition,
            )
            .operation::<ops::DescribeCapacityProviders, _, _>(
                describe_capacity_providers::describe_capacity_providers,
            )
            .operation::<ops::DescribeClusters, _, _>(describe_clusters::describe_clusters)
            .operation::<ops::DescribeContainerInstances, _, _>(
                describe_container_instances::describe_container_instances,
            )
            .operation::<ops::DescribeServiceDeployments, _, _>(
                describe_service_deployments::describe_service_deployments,
            )
            .operation::<ops::DescribeServiceRevisions, _, _>(
                describe_service_revisions::describe_service_revisions,
            )
            .operation::<ops::DescribeServices, _, _>(describe_services::describe_services)
            .operation::<ops::DescribeTaskDefinition, _, _>(
                describe_task_definition::describe_task_definition,
            )
            .operation::<ops::DescribeTaskSets, _, _>(describe_task_sets::describe_task_sets)
            .operation::<ops::DescribeTasks, _, _>(describe_tasks::describe_tasks)
            .operation::<ops::DiscoverPollEndpoint, _, _>(
                discover_poll_endpoint::discover_poll_endpoint,
            )
            .operation::<ops::GetTaskProtection, _, _>(get_task_protection::get_task_protection)
            .operation::<ops::ListAccountSettings, _, _>(
                list_account_settings::list_account_settings,
            )
            .operation::<ops::ListAttributes, _, _>(list_attributes::list_attributes)
            .operation::<ops::ListClusters, _, _>(list_clusters::list_clusters)
            .operation::<ops::ListContainerInstances, _, _>(
                list_container_instances::list_container_instances,
            )
            .operation::<ops::ListServiceDeployments, _, _>(
                list_service_deployments::list_service_deployments,
            )
            .operation::<ops::ListServices, _, _>(list_services::list_services)
            .operation::<ops::ListServicesByNamespace, _, _>(
                list_services_by_namespace::list_services_by_namespace,
            )
            .operation::<ops::ListTagsForResource, _, _>(
                list_tags_for_resource::list_tags_for_resource,
            )
            .operation::<ops::ListTaskDefinitionFamilies, _, _>(
                list_task_definition_families::list_task_definition_families,
            )
            .operation::<ops::ListTaskDefinitions, _, _>(
                list_task_definitions::list_task_definitions,
            )
            .operation::<ops::ListTasks, _, _>(list_tasks::list_tasks)
            .operation::<ops::PutAccountSetting, _, _>(put_account_setting::put_account_setting)
            .operation::<ops::PutAccountSettingDefault, _, _>(
                put_account_setting_default::put_account_setting_default,
            )
            .operation::<ops::PutAttributes, _, _>(put_attributes::put_attributes)
            .operation::<ops::PutClusterCapacityProviders, _, _>(
                put_cluster_capacity_providers::put_cluster_capacity_providers,
            )
            .operation::<ops::RegisterContainerInstance, _, _>(
                register_container_instance::register_container_instance,
            )
            .operation::<ops::RegisterTaskDefinition, _, _>(
                register_task_definition::register_task_definition,
            )
            .operation::<ops::RunTask, _, _>(run_task::run_task)
            .operation::<ops::StartTask, _, _>(start_task::start_task)
            .operation::<ops::StopServiceDeployment, _, _>(
                stop_service_deployment::stop_service_deployment,
            )
            .operation::<ops::StopTask, _, _>(stop_task::stop_task)
            .operation::<ops::SubmitAttachmentStateChanges, _, _>(
                submit_attachment_state_changes::submit_attachment_state_changes,
            )
            .operation::<ops::SubmitContainerStateChange, _, _>(
                submit_container_state_change::submit_container_state_change,
            )
            .operation::<ops::SubmitTaskStateChange, _, _>(
                submit_task_state_change::submit_task_state_change,
            )
            .operation::<ops::TagResource, _, _>(tag_resource::tag_resource)
            .operation::<ops::UntagResource, _, _>(untag_resource::untag_resource)
            .operation::<ops::UpdateCapacityProvider, _, _>(
                update_capacity_provider::update_capacity_provider,
            )
            .operation::<ops::UpdateCluster, _, _>(update_cluster::update_cluster)
            .operation::<ops::UpdateClusterSettings, _, _>(
                update_cluster_settings::update_cluster_settings,
            )
            .operation::<ops::UpdateContainerAgent, _, _>(
                update_container_agent::update_container_agent,
            )
            .operation::<ops::UpdateContainerInstancesState, _, _>(
                update_container_instances_state::update_container_instances_state,
            )
            .operation::<ops::UpdateService, _, _>(update_service::update_service)
            .operation::<ops::UpdateServicePrimaryTaskSet, _, _>(
                update_service_primary_task_set::update_service_primary_task_set,
            )
            .operation::<ops::UpdateTaskProtection, _, _>(
                update_task_protection::update_task_protection,
            )
            .signed_route(Method::GET, explain::PATH, explain::explain)
            .signed_route(Method::GET, events::PATH, events::follow)
            .operation::<ops::UpdateTaskSet, _, _>(update_task_set::update_task_set)
            .websocket("/acs/ws", session::open_acs)
            .websocket("/tcs/ws", session::open_tcs)
            .into()
    }
}
