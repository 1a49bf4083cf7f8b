//! RegisterContainerInstance: an agent brings its host into a cluster, or comes back with it.
//!
//! AWS: the answer echoes every attribute that was sent, with the same value, or the agent exits for good.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use berth_agent_protocol::hosts::HostType;
use berth_aws_api::{ServiceError, ecs as api};
use berth_control::idempotency::Claim;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{
    ClusterId, ContainerInstanceId, ContainerInstanceStatus, CpuUnits, MemoryMib, Scope, Tags,
};

use super::attribute_input;
use crate::account_settings::{self, Setting};
use crate::capacity_providers::{self, Provider};
use crate::fleet::EXTERNAL;
use crate::identity::{host_of, principal_arn, speaks_for};
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{AgentVersion, Attribute, ContainerInstance, RegisteredResources};
use crate::tagging;

const ZONE: &str = "ecs.availability-zone";

pub async fn register_container_instance(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::RegisterContainerInstanceRequest,
) -> Result<api::RegisterContainerInstanceResponse, Failure<api::Error>> {
    let mut registration = Registration::parse(input, &call.scope)?;
    if let Some(host) = host_of(&call) {
        registration.is_on(host)?;
    }
    let claim = registration.claim(&call.scope);
    let new_id = ContainerInstanceId::from_bytes(ecs.env.id());
    let limit = ecs.limits.container_instances_per_cluster;
    let by = principal_arn(&call);
    let instance = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, registration.cluster.as_deref())
                .map_err(|error| api::Error::client(error.message().unwrap_or_default()))?;
            let known = match &registration.known_as {
                None => {
                    let by_token = claim
                        .as_ref()
                        .and_then(|claim| registered_before(tx, &call, &cluster, claim));
                    by_token.or_else(|| on_same_host(tx, &call, &cluster))
                }
                Some(arn) => Some(comes_back(tx, &call, &cluster, arn)?),
            };
            registration.refuse_unknown_provider(tx, &call.scope)?;
            let instance = match known {
                Some(known) => registration.again(&known),
                None => {
                    refuse_if_full(tx, cluster.id, limit)?;
                    let long_arn = account_settings::is_on(
                        tx,
                        &call.scope,
                        &by,
                        Setting::ContainerInstanceLongArnFormat,
                    );
                    registration.first(new_id, cluster.id, &call, by, long_arn)
                }
            };
            tx.put(instance.clone());
            if let Some(claim) = claim {
                claim.keep(tx, instance.id.as_bytes().to_vec(), call.now);
            }
            Ok::<_, api::Error>(render::container_instance(tx, &cluster, &instance, true, false))
        })
        .await?;
    Ok(api::RegisterContainerInstanceResponse { container_instance: Some(instance) })
}

/// The instance that an agent has made with this token and never heard of. Its host may say something else of
/// itself by now, so only the token counts.
fn registered_before(
    view: &impl View,
    call: &Call,
    cluster: &crate::tables::Cluster,
    claim: &Claim,
) -> Option<Arc<ContainerInstance>> {
    let answer = claim.replay(view, call.now).ok()??;
    let id = ContainerInstanceId::from_bytes(answer.try_into().ok()?);
    let known = view.table::<ContainerInstance>().get_shared(&id)?;
    let is_registered =
        known.cluster == cluster.id && known.status != ContainerInstanceStatus::Inactive;
    let may_return = is_registered && speaks_for(call, &known);
    may_return.then_some(known)
}

/// The instance that this agent's host is already: one whose agent has forgotten it is not made anew.
fn on_same_host(
    view: &impl View,
    call: &Call,
    cluster: &crate::tables::Cluster,
) -> Option<Arc<ContainerInstance>> {
    let instances = view.table::<ContainerInstance>();
    let host = (cluster.id, host_of(call)?.to_owned());
    let mut on_host = instances.indexes().by_host.get(&host);
    on_host.find_map(|id| instances.get_shared(id).filter(|known| speaks_for(call, known)))
}

/// The instance that an agent says it is, if it may come back as that.
fn comes_back(
    view: &impl View,
    call: &Call,
    cluster: &crate::tables::Cluster,
    arn: &str,
) -> Result<Arc<ContainerInstance>, api::Error> {
    let known = resolve::container_instance(view, cluster, arn)?.ok_or_else(|| {
        api::Error::invalid_parameter(format!(
            "There is no container instance {arn} in cluster {}.",
            cluster.name
        ))
    })?;
    if known.status == ContainerInstanceStatus::Inactive {
        let message =
            format!("The container instance {arn} is deregistered. Register it as a new one.");
        return Err(api::Error::invalid_parameter(message));
    }
    if !speaks_for(call, &known) {
        let message =
            format!("The container instance {arn} was registered with other credentials.");
        return Err(api::Error::access_denied(message));
    }
    Ok(known)
}

fn refuse_if_full(view: &impl View, cluster: ClusterId, limit: usize) -> Result<(), api::Error> {
    if view.table::<ContainerInstance>().indexes().registered.get(&cluster) >= limit as u64 {
        return Err(api::Error::client(format!(
            "The maximum number of container instances in a cluster is {limit}."
        )));
    }
    Ok(())
}

/// What the request says, checked.
struct Registration {
    cluster: Option<String>,
    client_token: Option<String>,
    known_as: Option<String>,
    resources: RegisteredResources,
    agent: AgentVersion,
    attributes: BTreeMap<String, Attribute>,
    ec2_instance_id: Option<String>,
    tags: Tags,
}

impl Registration {
    fn parse(
        input: api::RegisterContainerInstanceRequest,
        scope: &Scope,
    ) -> Result<Self, api::Error> {
        let mut resources = resources(input.total_resources.unwrap_or_default())?;
        // A GPU may be told in both ways.
        for device in input.platform_devices.unwrap_or_default() {
            let id = device.id.unwrap_or_default();
            match device.r#type {
                Some(api::PlatformDeviceType::Gpu) => resources.gpus.push(id),
                Some(api::PlatformDeviceType::NeuronDevice) => resources.neuron_devices.push(id),
                // The pipeline has refused what the model does not know.
                Some(api::PlatformDeviceType::Unknown(_)) | None => {}
            }
        }
        resources.gpus.sort();
        resources.gpus.dedup();
        let version = input.version_info.unwrap_or_default();
        let document = Document::parse(input.instance_identity_document.as_deref());
        let mut attributes = attribute_input::of_agent(input.attributes.unwrap_or_default())?;
        for (name, value) in document.attributes() {
            attributes
                .entry(name.to_owned())
                .or_insert(Attribute { value: Some(value), custom: false });
        }
        // A host that does not say which zone it is in is in the region's first.
        attributes.entry(ZONE.to_owned()).or_insert_with(|| Attribute {
            value: Some(format!("{}a", scope.region)),
            custom: false,
        });
        Ok(Self {
            cluster: input.cluster,
            client_token: input.client_token.filter(|token| !token.is_empty()),
            known_as: input.container_instance_arn.filter(|arn| !arn.is_empty()),
            resources,
            agent: AgentVersion {
                agent_version: version.agent_version.unwrap_or_default(),
                agent_hash: version.agent_hash.unwrap_or_default(),
                docker_version: version.docker_version.unwrap_or_default(),
            },
            attributes,
            ec2_instance_id: document.text("instanceId"),
            tags: tagging::new_tags(input.tags)?,
        })
    }

    /// The agent has shown which host it is on: that is the instance's id, whatever a document says, and whether
    /// the host is an external one was decided when it joined.
    fn is_on(&mut self, host: &str) -> Result<(), api::Error> {
        match HostType::of_id(host) {
            HostType::External => {
                let told = Attribute { value: None, custom: false };
                self.attributes.entry(EXTERNAL.to_owned()).or_insert(told);
            }
            HostType::Ec2 if self.attributes.contains_key(EXTERNAL) => {
                return Err(invalid(format!(
                    "The host {host} joined as one of EC2 type and cannot have the attribute {EXTERNAL}."
                )));
            }
            HostType::Ec2 => {}
        }
        self.ec2_instance_id = Some(host.to_owned());
        Ok(())
    }

    /// The use of the client token, if there is one and the host is new. It is the same for every attempt of
    /// one agent to join one cluster.
    fn claim(&self, scope: &Scope) -> Option<Claim> {
        let token = self.client_token.clone().filter(|_| self.known_as.is_none())?;
        let cluster = self.cluster.as_deref().unwrap_or_default();
        Some(Claim::new(scope.clone(), "RegisterContainerInstance", token, cluster.as_bytes()))
    }

    /// The instances of a provider that nobody made would wait for tasks that never come.
    fn refuse_unknown_provider(&self, view: &impl View, scope: &Scope) -> Result<(), api::Error> {
        let Some(told) = provider_of(&self.attributes) else { return Ok(()) };
        let known =
            told.parse().ok().and_then(|name| capacity_providers::find_active(view, scope, &name));
        match known {
            Some(Provider::OfGroup(_)) => Ok(()),
            Some(Provider::BuiltIn(name)) => Err(api::Error::client(format!(
                "A container instance cannot belong to the capacity provider {name}."
            ))),
            None => Err(api::Error::client(format!(
                "The capacity provider `{told}` that the host is to belong to does not exist. Create it first."
            ))),
        }
    }

    fn first(
        self,
        id: ContainerInstanceId,
        cluster: ClusterId,
        call: &Call,
        registered_by: String,
        long_arn: bool,
    ) -> ContainerInstance {
        ContainerInstance {
            id,
            cluster,
            scope: call.scope.clone(),
            status: ContainerInstanceStatus::Active,
            status_reason: None,
            agent_connected: true,
            version: 1,
            registered_at: call.now,
            registered: self.resources,
            agent: self.agent,
            capacity_provider: provider_of(&self.attributes),
            attributes: self.attributes.into(),
            ec2_instance_id: self.ec2_instance_id,
            tags: self.tags,
            long_arn,
            sequence: 0,
            health: None,
            connection_changed_at: Some(call.now),
            registered_by,
            deregistered_at: None,
            address: Some(call.source),
        }
    }

    /// Who it is, what it was told and what users put on it stay; what the host says of itself is new.
    fn again(self, known: &ContainerInstance) -> ContainerInstance {
        let custom = known.attributes.iter().filter(|(_, attribute)| attribute.custom);
        let mut attributes = self.attributes;
        for (name, attribute) in custom {
            // What the agent sends has to come back to it as it is.
            attributes.entry(name.clone()).or_insert_with(|| attribute.clone());
        }
        ContainerInstance {
            version: known.version + 1,
            // Amazon's own agent tells attributes of its operator once.
            capacity_provider: provider_of(&attributes).or_else(|| known.capacity_provider.clone()),
            registered: self.resources,
            agent: self.agent,
            attributes: attributes.into(),
            ec2_instance_id: self.ec2_instance_id.or_else(|| known.ec2_instance_id.clone()),
            ..known.clone()
        }
    }
}

/// AWS: there, an instance belongs to the provider of its Auto Scaling group. Here its operator says so.
const CAPACITY_PROVIDER: &str = "berth.capacity-provider";

fn provider_of(attributes: &BTreeMap<String, Attribute>) -> Option<String> {
    attributes.get(CAPACITY_PROVIDER).and_then(|told| told.value.clone())
}

/// An EC2 instance's identity document; an external host has none.
///
/// DEVIATES: its signature is not verified. What a host may be is decided by the credentials that it
/// registers with; nothing is granted for being on EC2.
struct Document(serde_json::Value);

impl Document {
    fn parse(text: Option<&str>) -> Self {
        Self(text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    /// AWS: on EC2 an agent leaves these to the service, which takes them from the document.
    fn attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        let members = [
            (ZONE, "availabilityZone"),
            ("ecs.ami-id", "imageId"),
            ("ecs.cpu-architecture", "architecture"),
            ("ecs.instance-type", "instanceType"),
        ];
        members.into_iter().filter_map(|(name, member)| Some((name, self.text(member)?)))
    }
}

fn resources(given: Vec<api::Resource>) -> Result<RegisteredResources, api::Error> {
    let mut resources = RegisteredResources::default();
    for (index, resource) in given.into_iter().enumerate() {
        let place = |problem: &str| invalid(format!("totalResources[{index}]: {problem}"));
        match resource.name.as_deref() {
            Some("CPU") => {
                resources.cpu =
                    CpuUnits(amount(&resource).ok_or_else(|| place("CPU is not an amount."))?)
            }
            Some("MEMORY") => {
                resources.memory =
                    MemoryMib(amount(&resource).ok_or_else(|| place("MEMORY is not an amount."))?);
            }
            Some("PORTS") => {
                resources.reserved_tcp =
                    ports(&resource).ok_or_else(|| place("PORTS is not a set of ports."))?
            }
            Some("PORTS_UDP") => {
                resources.reserved_udp =
                    ports(&resource).ok_or_else(|| place("PORTS_UDP is not a set of ports."))?;
            }
            Some("GPU") => resources.gpus = resource.string_set_value.unwrap_or_default(),
            Some("NEURON_CORES") => {
                resources.neuron_cores = resource.string_set_value.unwrap_or_default();
            }
            Some(other) => {
                return Err(place(&format!(
                    "`{other}` is not a resource: CPU, MEMORY, PORTS, PORTS_UDP, GPU or NEURON_CORES."
                )));
            }
            None => return Err(place("it has no name.")),
        }
    }
    if resources.cpu == CpuUnits::ZERO || resources.memory == MemoryMib::ZERO {
        return Err(invalid("totalResources must have CPU and MEMORY above zero.".to_owned()));
    }
    Ok(resources)
}

fn amount(resource: &api::Resource) -> Option<u32> {
    u32::try_from(resource.integer_value?).ok()
}

fn ports(resource: &api::Resource) -> Option<BTreeSet<u16>> {
    resource.string_set_value.iter().flatten().map(|port| port.parse().ok()).collect()
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}
