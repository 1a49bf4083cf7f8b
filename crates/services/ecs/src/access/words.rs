//! The words of the rows: from what a caller wrote to the ARNs that policies speak of.

use std::fmt;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Snapshot;
use berth_control::pipeline::access::{Asking, Keys, Resource};
use berth_control::pipeline::query;
use berth_model::{ServiceDeploymentArn, ServiceRevisionArn, Tags};
use http::Uri;

use super::definitions;
use super::places::{IN_CLUSTER, arn_text};
pub use super::places::{Place, Sort};
use crate::capacity_providers::{self, Provider};
use crate::operations::tagged_resource::TaggedResource;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Service, Task, TaskSet};

pub type Ask<'a> = Asking<'a, Ecs>;

pub fn view<'a>(ask: &Ask<'a>) -> &'a Snapshot {
    ask.call.view(&ask.service.cell)
}

/// Something of the account and region that are addressed.
pub fn arn(ask: &Ask<'_>, resource: fmt::Arguments<'_>) -> Resource {
    Resource::named(arn_text(&ask.call.scope, resource))
}

/// What cannot be parsed, an ARN of something else included: judged as something of this kind that does not exist.
fn unknown(ask: &Ask<'_>, kind: &str, given: &str) -> Resource {
    arn(ask, format_args!("{kind}/{given}"))
}

pub fn place<'a>(ask: &Ask<'a>, given: Option<&str>) -> Place<'a> {
    ask.service.places.of(view(ask), &ask.call.scope, given)
}

pub fn cluster(ask: &mut Ask<'_>, given: &Option<String>) {
    let place = place(ask, given.as_deref());
    ask.wants.on(place.resource());
}

/// AWS: a call that names no clusters is about the default one.
pub fn clusters(ask: &mut Ask<'_>, given: &Option<Vec<String>>) {
    match given.as_deref().unwrap_or_default() {
        [] => cluster(ask, &None),
        given => given.iter().for_each(|given| {
            let place = place(ask, Some(given));
            ask.wants.on(place.resource());
        }),
    }
}

/// A path of ours names the cluster in its query, as ECS's operations do in their input.
pub fn cluster_of_query(ask: &mut Ask<'_>, uri: &Uri) {
    cluster(ask, &parameter(uri, "cluster"));
}

/// The same where no cluster means all of them.
pub fn cluster_of_query_or_all(ask: &mut Ask<'_>, uri: &Uri) {
    match parameter(uri, "cluster") {
        Some(given) => cluster(ask, &Some(given)),
        None => {
            let all = arn(ask, format_args!("cluster/*"));
            ask.wants.on(all);
        }
    }
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    query::parameters(uri).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The cluster as a condition key.
pub fn in_cluster<'a>(ask: &mut Ask<'a>, given: &Option<String>) -> Place<'a> {
    let place = place(ask, given.as_deref());
    ask.wants.key(IN_CLUSTER, place.arn.clone());
    place
}

/// Some of what is in a cluster. Who may have any of it, is not asked which.
fn some_of<'a>(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    sort: Sort,
    given: impl IntoIterator<Item = &'a String>,
    found: fn(&Place<'_>, &str) -> Resource,
) {
    let mut given = given.into_iter().peekable();
    let place = place(ask, cluster.as_deref());
    // Without any, the call is about no resource in particular.
    if given.peek().is_some() && ask.may_all(place.realm(sort)) {
        return;
    }
    ask.wants.key(IN_CLUSTER, place.arn.clone());
    for given in given {
        ask.wants.on(found(&place, given));
    }
}

pub fn account_setting(ask: &mut Ask<'_>, name: &Option<api::SettingName>) {
    ask.wants.key_if("ecs:account-setting", name.as_ref().map(|name| name.as_str()));
}

pub fn capacity_provider(ask: &Ask<'_>, given: &str) -> Resource {
    let scope = &ask.call.scope;
    let Ok(name) = capacity_providers::name(scope, given) else {
        return unknown(ask, "capacity-provider", given);
    };
    let resource = arn(ask, format_args!("capacity-provider/{name}"));
    match capacity_providers::find(view(ask), scope, &name) {
        Some(Provider::OfGroup(made)) => resource.tagged(&made.tags),
        Some(Provider::BuiltIn(_)) | None => resource,
    }
}

pub fn capacity_providers<'a>(ask: &mut Ask<'_>, given: impl IntoIterator<Item = &'a String>) {
    for given in given {
        let provider = capacity_provider(ask, given);
        ask.wants.on(provider);
    }
}

pub fn capacity_providers_or_all(ask: &mut Ask<'_>, given: &Option<Vec<String>>) {
    match given.as_deref().unwrap_or_default() {
        [] => {
            let all = arn(ask, format_args!("capacity-provider/*"));
            ask.wants.on(all);
        }
        given => capacity_providers(ask, given),
    }
}

/// The providers that a strategy or a cluster is to have, as a condition key.
pub fn capacity_provider_key<'a>(ask: &mut Ask<'_>, given: impl IntoIterator<Item = &'a String>) {
    let arns: Vec<String> =
        given.into_iter().map(|given| capacity_provider(ask, given).arn().to_owned()).collect();
    if !arns.is_empty() {
        ask.wants.key("ecs:capacity-provider", arns);
    }
}

pub fn instance(place: &Place<'_>, given: &str) -> Resource {
    let (cluster, view) = (&place.cluster, place.view);
    let found = cluster.as_ref().and_then(|cluster| {
        let id = resolve::container_instance_id(cluster, given).ok()?;
        Some((id, resolve::container_instance(view, cluster, given).ok().flatten()))
    });
    match found {
        Some((id, Some(row))) => place.arn_of(Sort::ContainerInstance, id).tagged(&row.tags),
        Some((id, None)) => place.arn_of(Sort::ContainerInstance, id),
        None => place.arn_of(Sort::ContainerInstance, given),
    }
}

pub fn instances<'a>(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    given: impl IntoIterator<Item = &'a String>,
) {
    some_of(ask, cluster, Sort::ContainerInstance, given, instance);
}

/// AWS: a list that is narrowed to no instance is about those of the cluster.
pub fn instances_or_all(ask: &mut Ask<'_>, cluster: &Option<String>, given: &Option<String>) {
    let place = in_cluster(ask, cluster);
    let instances = match given {
        Some(given) => instance(&place, given),
        None => place.arn_of(Sort::ContainerInstance, "*"),
    };
    ask.wants.on(instances);
}

/// The instances that attributes are put on, or taken from.
pub fn attributed(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    given: &Option<Vec<api::Attribute>>,
) {
    let targets = given.iter().flatten().filter_map(|attribute| attribute.target_id.as_ref());
    instances(ask, cluster, targets);
}

/// AWS: the two sockets name the same parameters differently.
pub fn instance_of_socket(ask: &mut Ask<'_>, uri: &Uri) {
    let given = |one, other| {
        let given = |name| parameter(uri, name).filter(|value| !value.is_empty());
        given(one).or_else(|| given(other))
    };
    let cluster = given("clusterArn", "cluster");
    instances(ask, &cluster, &given("containerInstanceArn", "containerInstance"));
}

pub fn task_definition(ask: &Ask<'_>, given: &str) -> Arc<definitions::Meant> {
    ask.service.definitions.of(view(ask), &ask.call.scope, given)
}

pub fn task_definitions<'a>(ask: &mut Ask<'_>, given: impl IntoIterator<Item = &'a String>) {
    for given in given {
        let definition = task_definition(ask, given);
        ask.wants.on(definition.resource.clone());
    }
}

fn task(place: &Place<'_>, given: &str) -> Resource {
    let (cluster, view) = (&place.cluster, place.view);
    let found = cluster.as_ref().and_then(|cluster| {
        let id = resolve::task_id(cluster, given).ok()?;
        let row = view.get::<Task>(&id).filter(|task| task.cluster == cluster.id);
        Some((id, row))
    });
    match found {
        Some((id, Some(row))) => place.arn_of(Sort::Task, id).tagged(&row.tags),
        Some((id, None)) => place.arn_of(Sort::Task, id),
        None => place.arn_of(Sort::Task, given),
    }
}

pub fn tasks<'a>(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    given: impl IntoIterator<Item = &'a String>,
) {
    some_of(ask, cluster, Sort::Task, given, task);
}

pub fn tasks_or_all(ask: &mut Ask<'_>, cluster: &Option<String>, given: &Option<Vec<String>>) {
    match given.as_deref().unwrap_or_default() {
        [] => {
            let place = in_cluster(ask, cluster);
            ask.wants.on(place.arn_of(Sort::Task, "*"));
        }
        given => tasks(ask, cluster, given),
    }
}

/// A service, and its name as it is written in the ARNs of what is its.
pub fn service(place: &Place<'_>, given: &str) -> (Resource, String, Option<Arc<Service>>) {
    let (cluster, view) = (&place.cluster, place.view);
    let found = cluster.as_ref().and_then(|cluster| {
        let name = resolve::service_name(cluster, given).ok()?;
        Some((name, resolve::service(view, cluster, given).ok().flatten()))
    });
    let resource = |name: &str| place.arn_of(Sort::Service, name);
    match found {
        Some((name, Some(row))) => {
            (resource(name.as_str()).tagged(&row.tags), name.to_string(), Some(row))
        }
        Some((name, None)) => (resource(name.as_str()), name.to_string(), None),
        None => (resource(given), given.to_owned(), None),
    }
}

pub fn services<'a>(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    given: impl IntoIterator<Item = &'a String>,
) {
    some_of(ask, cluster, Sort::Service, given, |place, given| service(place, given).0);
}

/// AWS: deployments and revisions are judged together with the service that has them.
pub fn deployments<'a>(ask: &mut Ask<'_>, arns: impl IntoIterator<Item = &'a String>) {
    for given in arns {
        match given.parse::<ServiceDeploymentArn>() {
            Ok(arn) => of_service(ask, &arn, arn.cluster.as_str(), arn.service.as_str()),
            Err(_) => {
                let unknown = unknown(ask, "service-deployment", given);
                ask.wants.on(unknown);
            }
        }
    }
}

pub fn revisions<'a>(ask: &mut Ask<'_>, arns: impl IntoIterator<Item = &'a String>) {
    for given in arns {
        match given.parse::<ServiceRevisionArn>() {
            Ok(arn) => of_service(ask, &arn, arn.cluster.as_str(), arn.service.as_str()),
            Err(_) => {
                let unknown = unknown(ask, "service-revision", given);
                ask.wants.on(unknown);
            }
        }
    }
}

fn of_service(ask: &mut Ask<'_>, arn: &dyn fmt::Display, cluster: &str, name: &str) {
    // A call may name those of several services, each with a cluster of its own.
    let place = place(ask, Some(cluster));
    let (service, ..) = service(&place, name);
    let keys = Keys::new().with(IN_CLUSTER, place.arn.clone()).with("ecs:service", service.arn());
    ask.wants.on_with(service, keys.clone());
    ask.wants.on_with(Resource::new(arn), keys);
}

/// The service of a task set, as a condition key.
pub fn in_service<'a>(
    ask: &mut Ask<'a>,
    cluster: &Option<String>,
    given: &Option<String>,
) -> (Place<'a>, String, Option<Arc<Service>>) {
    let place = in_cluster(ask, cluster);
    let (service, name, row) = service(&place, given.as_deref().unwrap_or_default());
    ask.wants.key("ecs:service", service.arn());
    (place, name, row)
}

pub fn task_sets<'a>(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    service: &Option<String>,
    given: impl IntoIterator<Item = &'a String>,
) {
    let (place, name, row) = in_service(ask, cluster, service);
    for given in given {
        let id = place.cluster.as_ref().zip(row.as_ref()).and_then(|(cluster, row)| {
            Some((row.id, resolve::task_set_id(cluster, row, given).ok()?))
        });
        let set = match id {
            Some(key) => {
                let set = place.arn_of(Sort::TaskSet, format_args!("{name}/{}", key.1));
                match view(ask).table::<TaskSet>().get(&key) {
                    Some(row) => set.tagged(&row.tags),
                    None => set,
                }
            }
            None => place.arn_of(Sort::TaskSet, format_args!("{name}/{given}")),
        };
        ask.wants.on(set);
    }
}

pub fn task_sets_or_all(
    ask: &mut Ask<'_>,
    cluster: &Option<String>,
    service: &Option<String>,
    given: &Option<Vec<String>>,
) {
    match given.as_deref().unwrap_or_default() {
        [] => {
            let (place, name, _) = in_service(ask, cluster, service);
            ask.wants.on(place.arn_of(Sort::TaskSet, format_args!("{name}/*")));
        }
        given => task_sets(ask, cluster, service, given),
    }
}

/// Whatever has tags and an ARN, which is all that these calls know it by.
pub fn by_arn(ask: &mut Ask<'_>, given: &Option<String>) {
    let given = given.as_deref().unwrap_or_default();
    let view = view(ask);
    let found = TaggedResource::find(view, &ask.call.scope, given).ok();
    // As policies know it: the same id may be written in several ways.
    let known = found.and_then(|found| {
        Some(Resource::new(found.arn(view, &ask.call.scope)?).tagged(found.tags()))
    });
    ask.wants.on(known.unwrap_or_else(|| Resource::new(given)));
}

pub fn given_tags(given: &Option<Vec<api::Tag>>) -> Tags {
    let pairs = given.iter().flatten();
    pairs
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect()
}
