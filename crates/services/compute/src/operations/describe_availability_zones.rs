//! DescribeAvailabilityZones: a region's, by name, by id or by filters.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::filters::Filters;
use crate::select::would_succeed;
use crate::service::Compute;
use crate::zones::{self, Zone};

/// All of them are opted into (`all_availability_zones`).
pub async fn describe_availability_zones(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeAvailabilityZonesRequest,
) -> Result<api::DescribeAvailabilityZonesResult, Failure<api::Error>> {
    would_succeed(input.dry_run)?;
    let filters = Filters::parse(zones::FACTS, input.filters)?;
    let all = zones::of(&call.scope.region);
    let (names, ids) = (input.zone_names.unwrap_or_default(), input.zone_ids.unwrap_or_default());
    known("availability zone", &names, &all, |zone| &zone.name)?;
    known("availability zone-id", &ids, &all, |zone| &zone.id)?;
    let is_named = |zone: &Zone| {
        (names.is_empty() || names.contains(&zone.name))
            && (ids.is_empty() || ids.contains(&zone.id))
    };
    let found = all.into_iter().filter(|zone| is_named(zone) && filters.take(zone));
    Ok(api::DescribeAvailabilityZonesResult {
        availability_zones: Some(found.map(Zone::shown).collect()),
    })
}

fn known(
    what: &str,
    wanted: &[String],
    zones: &[Zone],
    said: impl Fn(&Zone) -> &String,
) -> Result<(), api::Error> {
    match wanted.iter().find(|wanted| !zones.iter().any(|zone| said(zone) == *wanted)) {
        None => Ok(()),
        Some(unknown) => {
            Err(api::Error::invalid_parameter_value(format!("Invalid {what}: [{unknown}]")))
        }
    }
}
