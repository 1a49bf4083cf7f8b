//! The rows of what makes something: it may bring tags, and hand roles to tasks.

use berth_aws_api::ecs as api;
use berth_control::pipeline::access::{Keys, Resource};
use berth_model::Scope;

use super::places::IN_CLUSTER;
use super::words::*;
use crate::account_settings::{self, Setting};
use crate::task_definition::size;

/// AWS: the services that the roles of tasks and of ECS itself are passed to.
const TASKS: &str = "ecs-tasks.amazonaws.com";
const ECS: &str = "ecs.amazonaws.com";

pub fn create_cluster(ask: &mut Ask<'_>, input: &api::CreateClusterRequest) {
    let place = place(ask, input.cluster_name.as_deref());
    ask.wants.on(place.resource());
    capacity_provider_key(ask, input.capacity_providers.iter().flatten());
    created_with(ask, "CreateCluster", &input.tags, || Resource::new(&place.arn));
}

pub fn create_capacity_provider(ask: &mut Ask<'_>, input: &api::CreateCapacityProviderRequest) {
    let made = capacity_provider(ask, input.name.as_deref().unwrap_or_default());
    ask.wants.on(made.clone());
    created_with(ask, "CreateCapacityProvider", &input.tags, || made);
}

pub fn register_container_instance(
    ask: &mut Ask<'_>,
    input: &api::RegisterContainerInstanceRequest,
) {
    let place = place(ask, input.cluster.as_deref());
    ask.wants.on(place.resource());
    let made = || place.arn_of(Sort::ContainerInstance, "*");
    created_with(ask, "RegisterContainerInstance", &input.tags, made);
}

pub fn register_task_definition(ask: &mut Ask<'_>, input: &api::RegisterTaskDefinitionRequest) {
    let family = input.family.as_deref().unwrap_or_default();
    let made = arn(ask, format_args!("task-definition/{family}:*"));
    ask.wants.on(made.clone());
    let asked = input.requires_compatibilities.iter().flatten();
    let compatibilities: Vec<String> = asked.map(|asked| asked.as_str().to_owned()).collect();
    if !compatibilities.is_empty() {
        ask.wants.key("ecs:compute-compatibility", compatibilities);
    }
    let mut containers = input.container_definitions.iter().flatten();
    let privileged = containers.any(|container| container.privileged == Some(true));
    ask.wants.key("ecs:privileged", privileged);
    // As they will be kept: numbers, whatever units they are written with. What is no size is refused later.
    let cpu = input.cpu.as_deref().and_then(|cpu| size::cpu(cpu).ok());
    let memory = input.memory.as_deref().and_then(|memory| size::memory(memory).ok());
    ask.wants.key_if("ecs:task-cpu", cpu.map(|cpu| cpu.to_string()));
    ask.wants.key_if("ecs:task-memory", memory.map(|memory| memory.to_string()));
    created_with(ask, "RegisterTaskDefinition", &input.tags, || made);
    pass(ask, input.task_role_arn.as_deref(), TASKS);
    pass(ask, input.execution_role_arn.as_deref(), TASKS);
}

pub fn run_task(ask: &mut Ask<'_>, input: &api::RunTaskRequest) {
    let place = place(ask, input.cluster.as_deref());
    created_with(ask, "RunTask", &input.tags, || place.arn_of(Sort::Task, "*"));
    started(ask, &place, &input.task_definition, input.overrides.as_ref(), |ask| {
        strategy_key(ask, &input.capacity_provider_strategy);
        ask.wants.key("ecs:enable-execute-command", input.enable_execute_command == Some(true));
    });
}

pub fn start_task(ask: &mut Ask<'_>, input: &api::StartTaskRequest) {
    let place = place(ask, input.cluster.as_deref());
    created_with(ask, "StartTask", &input.tags, || place.arn_of(Sort::Task, "*"));
    started(ask, &place, &input.task_definition, input.overrides.as_ref(), |ask| {
        let given = input.container_instances.iter().flatten();
        let instances: Vec<String> =
            given.map(|given| instance(&place, given).arn().to_owned()).collect();
        ask.wants.key("ecs:container-instances", instances);
        ask.wants.key("ecs:enable-execute-command", input.enable_execute_command == Some(true));
    });
}

pub fn create_service(ask: &mut Ask<'_>, input: &api::CreateServiceRequest) {
    let place = in_cluster(ask, &input.cluster);
    let (made, ..) = service(&place, input.service_name.as_deref().unwrap_or_default());
    strategy_key(ask, &input.capacity_provider_strategy);
    task_definition_keys(ask, &input.task_definition);
    ask.wants.key("ecs:enable-execute-command", input.enable_execute_command == Some(true));
    ask.wants.key("ecs:enable-ecs-managed-tags", input.enable_ecs_managed_tags == Some(true));
    ask.wants.key_if("ecs:propagate-tags", input.propagate_tags.as_ref().map(|how| how.as_str()));
    service_connect_keys(ask, input.service_connect_configuration.as_ref());
    ask.wants.on(made.clone());
    created_with(ask, "CreateService", &input.tags, || made);
    pass(ask, input.role.as_deref(), ECS);
    pass_to_shift(ask, input.load_balancers.as_ref());
}

pub fn update_service(ask: &mut Ask<'_>, input: &api::UpdateServiceRequest) {
    let place = in_cluster(ask, &input.cluster);
    let (changed, ..) = service(&place, input.service.as_deref().unwrap_or_default());
    strategy_key(ask, &input.capacity_provider_strategy);
    task_definition_keys(ask, &input.task_definition);
    // What stays as it is, is not asked about.
    ask.wants.key_if("ecs:enable-execute-command", input.enable_execute_command);
    ask.wants.key_if("ecs:enable-ecs-managed-tags", input.enable_ecs_managed_tags);
    ask.wants.key_if("ecs:propagate-tags", input.propagate_tags.as_ref().map(|how| how.as_str()));
    service_connect_keys(ask, input.service_connect_configuration.as_ref());
    ask.wants.on(changed);
    pass_to_shift(ask, input.load_balancers.as_ref());
}

pub fn create_task_set(ask: &mut Ask<'_>, input: &api::CreateTaskSetRequest) {
    let (place, name, _) = in_service(ask, &input.cluster, &input.service);
    strategy_key(ask, &input.capacity_provider_strategy);
    task_definition_keys(ask, &input.task_definition);
    let made = place.arn_of(Sort::TaskSet, format_args!("{name}/*"));
    ask.wants.on(made.clone());
    created_with(ask, "CreateTaskSet", &input.tags, || made);
}

/// AWS: where `tagResourceAuthorization` is on, tags at birth need the permission to tag, with `ecs:CreateAction`
/// saying which call brings them.
fn created_with(
    ask: &mut Ask<'_>,
    operation: &'static str,
    given: &Option<Vec<api::Tag>>,
    made: impl FnOnce() -> Resource,
) {
    let tags = given_tags(given);
    if tags.is_empty() {
        return;
    }
    ask.wants.request_tags(tags.clone());
    let caller = ask.call.principal_arn();
    let setting = Setting::TagResourceAuthorization;
    if account_settings::is_on(view(ask), &ask.call.scope, &caller, setting) {
        let mut keys = Keys::new().with("ecs:CreateAction", operation);
        keys.request_tags(tags);
        ask.wants.also("ecs:TagResource", made(), keys);
    }
}

/// Tasks act in the roles of their definition, unless the caller gives them others. Who may run it in the cluster however it
/// is run, is not asked how.
fn started(
    ask: &mut Ask<'_>,
    place: &Place<'_>,
    given: &Option<String>,
    overrides: Option<&api::TaskOverride>,
    how: impl FnOnce(&mut Ask<'_>),
) {
    let definition = task_definition(ask, given.as_deref().unwrap_or_default());
    if !ask.may_all(&definition.run_in(place)) {
        ask.wants.key(IN_CLUSTER, place.arn.clone());
        how(ask);
        ask.wants.on(definition.resource.clone());
    }
    let content = definition.row.as_ref().map(|row| &*row.content);
    let task_role = overrides
        .and_then(|given| given.task_role_arn.as_deref())
        .or_else(|| content?.task_role_arn.as_deref());
    let execution_role = overrides
        .and_then(|given| given.execution_role_arn.as_deref())
        .or_else(|| content?.execution_role_arn.as_deref());
    pass(ask, task_role, TASKS);
    pass(ask, execution_role, TASKS);
}

/// The roles in which ECS shifts requests.
fn pass_to_shift(ask: &mut Ask<'_>, balancers: Option<&Vec<api::LoadBalancer>>) {
    let advanced =
        balancers.into_iter().flatten().filter_map(|it| it.advanced_configuration.as_ref());
    for role in advanced.filter_map(|advanced| advanced.role_arn.as_deref()) {
        pass(ask, Some(role), ECS);
    }
}

/// AWS: a role may be named without its ARN. It is the one whose ARN ends so, and no other (`RoleRequest::role`).
fn pass(ask: &mut Ask<'_>, role: Option<&str>, to: &'static str) {
    let Some(role) = role.filter(|role| !role.is_empty()) else { return };
    if berth_model::Arn::is_meant_by(role) {
        ask.wants.pass_role(role, to);
    } else {
        let Scope { partition, account, .. } = &ask.call.scope;
        ask.wants.pass_role(format_args!("arn:{partition}:iam::{account}:role/{role}"), to);
    }
}

fn strategy_key(ask: &mut Ask<'_>, given: &Option<Vec<api::CapacityProviderStrategyItem>>) {
    let items = given.iter().flatten();
    capacity_provider_key(ask, items.filter_map(|item| item.capacity_provider.as_ref()));
}

/// What a service is to run, and how much of it.
fn task_definition_keys(ask: &mut Ask<'_>, given: &Option<String>) {
    let Some(given) = given else { return };
    let definition = task_definition(ask, given);
    ask.wants.key("ecs:task-definition", definition.resource.arn());
    if let Some(row) = &definition.row {
        ask.wants.key_if("ecs:task-cpu", row.content.cpu.clone());
        ask.wants.key_if("ecs:task-memory", row.content.memory.clone());
    }
}

fn service_connect_keys(ask: &mut Ask<'_>, given: Option<&api::ServiceConnectConfiguration>) {
    let Some(given) = given else { return };
    ask.wants.key("ecs:enable-service-connect", given.enabled == Some(true));
    ask.wants.key_if("ecs:namespace", given.namespace.clone());
}
