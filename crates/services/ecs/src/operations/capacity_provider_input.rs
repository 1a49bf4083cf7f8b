//! The settings of an Auto Scaling group's provider, checked, with AWS's defaults.

use berth_aws_api::ecs as api;
use berth_model::{Arn, CapacityProviderName, Scope};

use crate::resolve;

/// AWS: what names of providers may not begin with, in any case.
const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];
const LONGEST_GROUP_NAME: usize = 255;
const TARGET_CAPACITY: i32 = 100;
const SMALLEST_STEP: i32 = 1;
const LARGEST_STEP: i32 = 10_000;
const WARM_UP_SECONDS: i32 = 300;

pub fn new_name(given: Option<&str>) -> Result<CapacityProviderName, api::Error> {
    let given = given.unwrap_or_default();
    let lower = given.to_ascii_lowercase();
    if let Some(prefix) = RESERVED.into_iter().find(|prefix| lower.starts_with(prefix)) {
        return Err(invalid(format!(
            "The capacity provider name '{given}' is not possible: names cannot begin with {prefix}."
        )));
    }
    given.parse().map_err(|error| invalid(format!("name: {error}.")))
}

/// Managed Instances are AWS's own machines.
pub fn refuse_managed_instances<T>(given: Option<T>) -> Result<(), api::Error> {
    match given {
        Some(_) => Err(api::Error::unsupported_feature(
            "managedInstancesProvider is not supported by this version of Berth; give an autoScalingGroupProvider.",
        )),
        None => Ok(()),
    }
}

/// AWS: only providers of Managed Instances belong to one cluster.
pub fn refuse_cluster(given: Option<String>) -> Result<(), api::Error> {
    match given {
        Some(_) => Err(invalid(
            "cluster is for capacity providers of Managed Instances; leave it out for one of an Auto Scaling group.",
        )),
        None => Ok(()),
    }
}

pub fn auto_scaling_group(
    scope: &Scope,
    given: Option<api::AutoScalingGroupProvider>,
) -> Result<api::AutoScalingGroupProvider, api::Error> {
    let given = given.ok_or_else(|| invalid("autoScalingGroupProvider is required."))?;
    let arn = given.auto_scaling_group_arn.unwrap_or_default();
    group_arn(scope, &arn)?;
    settled(api::AutoScalingGroupProvider { auto_scaling_group_arn: Some(arn), ..given })
}

/// What an update leaves out stays as it was.
pub fn updated(
    known: &api::AutoScalingGroupProvider,
    given: api::AutoScalingGroupProviderUpdate,
) -> Result<api::AutoScalingGroupProvider, api::Error> {
    let was = known.managed_scaling.clone().unwrap_or_default();
    let is = given.managed_scaling.unwrap_or_default();
    settled(api::AutoScalingGroupProvider {
        auto_scaling_group_arn: known.auto_scaling_group_arn.clone(),
        managed_scaling: Some(api::ManagedScaling {
            status: is.status.or(was.status),
            target_capacity: is.target_capacity.or(was.target_capacity),
            minimum_scaling_step_size: is
                .minimum_scaling_step_size
                .or(was.minimum_scaling_step_size),
            maximum_scaling_step_size: is
                .maximum_scaling_step_size
                .or(was.maximum_scaling_step_size),
            instance_warmup_period: is.instance_warmup_period.or(was.instance_warmup_period),
        }),
        managed_termination_protection: given
            .managed_termination_protection
            .or_else(|| known.managed_termination_protection.clone()),
        managed_draining: given.managed_draining.or_else(|| known.managed_draining.clone()),
    })
}

/// The form is all that can be checked: there are no Auto Scaling groups to look at yet.
///
/// AWS: the group's name is taken as well.
fn group_arn(scope: &Scope, given: &str) -> Result<(), api::Error> {
    if !given.contains(':') && (1..=LONGEST_GROUP_NAME).contains(&given.chars().count()) {
        return Ok(());
    }
    let refused = || {
        invalid(format!(
            "autoScalingGroupProvider.autoScalingGroupArn: `{given}` is neither the name nor the ARN of an Auto Scaling group, \
             arn:aws:autoscaling:REGION:ACCOUNT:autoScalingGroup:ID:autoScalingGroupName/NAME."
        ))
    };
    let arn: Arn = given.parse().map_err(|_| refused())?;
    let theirs = arn.scope().filter(|_| arn.service == "autoscaling").ok_or_else(refused)?;
    let parts: Vec<&str> = arn.resource.splitn(3, ':').collect();
    let named = match parts[..] {
        ["autoScalingGroup", id, name] if !id.is_empty() => {
            name.strip_prefix("autoScalingGroupName/")
        }
        _ => None,
    };
    if named.is_none_or(str::is_empty) {
        return Err(refused());
    }
    resolve::same_scope(scope, &theirs, given)
}

fn settled(
    given: api::AutoScalingGroupProvider,
) -> Result<api::AutoScalingGroupProvider, api::Error> {
    use api::{ManagedDraining, ManagedScalingStatus, ManagedTerminationProtection};
    let scaling = given.managed_scaling.unwrap_or_default();
    let status = scaling.status.unwrap_or(ManagedScalingStatus::Disabled);
    let smallest = scaling.minimum_scaling_step_size.unwrap_or(SMALLEST_STEP);
    let largest = scaling.maximum_scaling_step_size.unwrap_or(LARGEST_STEP);
    if smallest > largest {
        return Err(invalid(format!(
            "managedScaling: minimumScalingStepSize, {smallest}, is above maximumScalingStepSize, {largest}."
        )));
    }
    let protection =
        given.managed_termination_protection.unwrap_or(ManagedTerminationProtection::Disabled);
    if protection == ManagedTerminationProtection::Enabled
        && status == ManagedScalingStatus::Disabled
    {
        return Err(invalid(
            "The managed termination protection setting for the capacity provider is invalid. To enable managed \
             termination protection for a capacity provider, managed scaling must be enabled.",
        ));
    }
    Ok(api::AutoScalingGroupProvider {
        auto_scaling_group_arn: given.auto_scaling_group_arn,
        managed_scaling: Some(api::ManagedScaling {
            status: Some(status),
            target_capacity: Some(scaling.target_capacity.unwrap_or(TARGET_CAPACITY)),
            minimum_scaling_step_size: Some(smallest),
            maximum_scaling_step_size: Some(largest),
            instance_warmup_period: Some(scaling.instance_warmup_period.unwrap_or(WARM_UP_SECONDS)),
        }),
        managed_termination_protection: Some(protection),
        managed_draining: Some(given.managed_draining.unwrap_or(ManagedDraining::Enabled)),
    })
}

fn invalid(message: impl Into<String>) -> api::Error {
    api::Error::invalid_parameter(message)
}
