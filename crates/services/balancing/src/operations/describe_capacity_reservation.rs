//! DescribeCapacityReservation.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::LoadBalancer;

pub async fn describe_capacity_reservation(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeCapacityReservationInput,
) -> Result<api::DescribeCapacityReservationOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.load_balancer_arn.unwrap_or_default();
    Ok(shown(find::load_balancer(&view, &call.scope, &arn)?))
}

/// AWS: decreases that are left for a day.
pub const DECREASES: i32 = 2;

/// What is reserved is there: a proxy takes as much as its host can.
pub fn shown(balancer: &LoadBalancer) -> api::DescribeCapacityReservationOutput {
    let Some(capacity) = &balancer.capacity else {
        return api::DescribeCapacityReservationOutput {
            decrease_requests_remaining: Some(DECREASES),
            ..Default::default()
        };
    };
    let minimum = api::MinimumLoadBalancerCapacity { capacity_units: capacity.units };
    let share = capacity.units.map(|units| f64::from(units) / balancer.zones.len().max(1) as f64);
    let zone = |zone: &crate::tables::Zone| api::ZonalCapacityReservationState {
        state: Some(api::CapacityReservationStatus {
            code: Some(api::CapacityReservationStateEnum::Provisioned),
            reason: None,
        }),
        availability_zone: Some(zone.name.clone()),
        effective_capacity_units: share,
    };
    let zones = balancer.zones.iter().filter(|_| capacity.units.is_some()).map(zone);
    api::DescribeCapacityReservationOutput {
        last_modified_time: Some(capacity.changed_at),
        decrease_requests_remaining: Some((DECREASES - capacity.decreases).max(0)),
        minimum_load_balancer_capacity: capacity.units.is_some().then_some(minimum),
        capacity_reservation_state: Some(zones.collect()),
    }
}
