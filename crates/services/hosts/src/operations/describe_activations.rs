//! DescribeActivations: what hosts may join by, without the codes.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use crate::paging::paging;
use crate::service::Hosts;
use crate::tables::Activation;

const PAGE: i32 = 50;

pub async fn describe_activations(
    hosts: Arc<Hosts>,
    call: Call,
    input: api::DescribeActivationsRequest,
) -> Result<api::DescribeActivationsResult, Failure<api::Error>> {
    let filters = input.filters.unwrap_or_default();
    let paging = paging(
        "DescribeActivations",
        &filters,
        input.max_results.unwrap_or(PAGE),
        input.next_token,
    )?;
    let view = hosts.cell.snapshot();
    let activations = view.table::<Activation>();
    let mut wanted = Vec::new();
    for activation in activations.within(&call.scope) {
        if passes(activation, &filters)? {
            wanted.push((activation.id.to_string(), activation));
        }
    }
    let page = paging.cut(wanted);
    Ok(api::DescribeActivationsResult {
        activation_list: Some(
            page.items.into_iter().map(|activation| render(activation, call.now)).collect(),
        ),
        next_token: page.next,
    })
}

/// AWS: all filters must hold, each with any of its values.
fn passes(
    activation: &Activation,
    filters: &[api::DescribeActivationsFilter],
) -> Result<bool, api::Error> {
    for filter in filters {
        let found = match &filter.filter_key {
            Some(api::DescribeActivationsFilterKeys::ActivationIds) => activation.id.to_string(),
            Some(api::DescribeActivationsFilterKeys::DefaultInstanceName) => {
                activation.default_instance_name.clone().unwrap_or_default()
            }
            Some(api::DescribeActivationsFilterKeys::IamRole) => activation.iam_role.clone(),
            other => {
                let key = other.as_ref().map(ToString::to_string).unwrap_or_default();
                return Err(api::Error::invalid_filter(format!("There is no filter `{key}`.")));
            }
        };
        if !filter.filter_values.iter().flatten().any(|value| *value == found) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn render(activation: &Activation, now: Timestamp) -> api::Activation {
    let tag = |(key, value): (&String, &String)| api::Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    api::Activation {
        activation_id: Some(activation.id.to_string()),
        description: activation.description.clone(),
        default_instance_name: activation.default_instance_name.clone(),
        iam_role: Some(activation.iam_role.clone()),
        registration_limit: i32::try_from(activation.registration_limit).ok(),
        registrations_count: i32::try_from(activation.registrations).ok(),
        expiration_date: Some(activation.expires_at),
        expired: Some(activation.is_expired(now)),
        created_date: Some(activation.created_at),
        tags: Some(activation.tags.iter().map(tag).collect())
            .filter(|tags: &Vec<_>| !tags.is_empty()),
    }
}
