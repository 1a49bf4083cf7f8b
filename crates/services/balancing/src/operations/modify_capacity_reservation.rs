//! ModifyCapacityReservation: kept and shown. A proxy takes as much as its host can, whatever is reserved.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use super::describe_capacity_reservation::{DECREASES, shown};
use crate::find;
use crate::service::Balancing;
use crate::tables::{Capacity, LoadBalancer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn modify_capacity_reservation(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyCapacityReservationInput,
) -> Result<api::ModifyCapacityReservationOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let units = input.minimum_load_balancer_capacity.and_then(|minimum| minimum.capacity_units);
    let resets = input.reset_capacity_reservation == Some(true);
    if units.is_some() == resets {
        return Err(api::Error::validation(
            "Either MinimumLoadBalancerCapacity or ResetCapacityReservation must be specified",
        )
        .into());
    }
    if units.is_some_and(|units| units < 1) {
        return Err(api::Error::invalid_configuration_request(
            "The minimum capacity must be at least 1 unit",
        )
        .into());
    }
    let modify = move |tx: &mut Transaction| {
        let mut balancer = find::load_balancer(tx, &call.scope, &arn)?.clone();
        balancer.capacity = Some(changed(&balancer, units, call.now)?);
        tx.put(balancer.clone());
        Ok::<_, api::Error>(balancer)
    };
    let balancer = balancing.cell.write(modify).await?;
    let shown = shown(&balancer);
    Ok(api::ModifyCapacityReservationOutput {
        last_modified_time: shown.last_modified_time,
        decrease_requests_remaining: shown.decrease_requests_remaining,
        minimum_load_balancer_capacity: shown.minimum_load_balancer_capacity,
        capacity_reservation_state: shown.capacity_reservation_state,
    })
}

/// AWS: it may be taken back twice a day.
fn changed(
    balancer: &LoadBalancer,
    units: Option<i32>,
    now: Timestamp,
) -> Result<Capacity, api::Error> {
    let before = balancer.capacity;
    let was = before.and_then(|before| before.units).unwrap_or(0);
    let today = before.filter(|before| now.since(before.changed_at) < DAY);
    let mut decreases = today.map_or(0, |before| before.decreases);
    if units.unwrap_or(0) < was {
        if decreases >= DECREASES {
            return Err(api::Error::capacity_decrease_requests_limit_exceeded(
                "The capacity of a load balancer can be decreased twice a day",
            ));
        }
        decreases += 1;
    }
    Ok(Capacity { units, changed_at: now, decreases })
}
