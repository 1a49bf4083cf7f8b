//! DescribeCapacityProviders: those that were named, those of a cluster, or all there are.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{CapacityProviderName, Scope};

use crate::capacity_providers::{self, BUILT_IN};
use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::CapacityProvider;

const MOST_NAMED: usize = 100;
/// AWS: pages are short.
const MOST_LISTED: i32 = 10;

pub async fn describe_capacity_providers(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeCapacityProvidersRequest,
) -> Result<api::DescribeCapacityProvidersResponse, Failure<api::Error>> {
    let tags = input.include.unwrap_or_default().contains(&api::CapacityProviderField::Tags);
    let view = ecs.cell.snapshot();
    let cluster = input
        .cluster
        .map(|cluster| resolve::cluster(&view, &call.scope, Some(&cluster)))
        .transpose()?;
    let is_wanted = |name: &CapacityProviderName| {
        let mut of_cluster = cluster.iter().flat_map(|cluster| &cluster.capacity_providers);
        cluster.is_none() || of_cluster.any(|known| known == name.as_str())
    };
    let shown = |name: &CapacityProviderName| {
        let found =
            capacity_providers::find(&view, &call.scope, name).filter(|_| is_wanted(name))?;
        Some(render::capacity_provider(&call.scope, &found, tags))
    };
    let named = input.capacity_providers.unwrap_or_default();
    if named.len() > MOST_NAMED {
        let message = format!(
            "capacityProviders: at most {MOST_NAMED} can be described at once; {} were given.",
            named.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    if !named.is_empty() {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for given in named {
            let name = capacity_providers::name(&call.scope, &given)?;
            match shown(&name) {
                Some(provider) => found.push(provider),
                None => {
                    let arn = render::capacity_provider_arn(&call.scope, name);
                    failures.push(render::failure(arn.to_string(), "MISSING"));
                }
            }
        }
        return Ok(answer(found, failures, None));
    }
    let paging = Paging::<CapacityProviderName>::of_at_most(
        MOST_LISTED,
        "DescribeCapacityProviders",
        &(&call.scope, cluster.as_ref().map(|cluster| cluster.id)),
        input.max_results,
        input.next_token,
    )?;
    let rest = names(&view, &call.scope)
        .into_iter()
        .filter(|name| is_wanted(name) && paging.after().is_none_or(|after| name > after));
    let page = paging.cut(rest);
    Ok(answer(page.items.iter().filter_map(shown).collect(), Vec::new(), page.next_token))
}

/// Of all providers, in order. INACTIVE ones have to be named.
fn names(view: &impl View, scope: &Scope) -> Vec<CapacityProviderName> {
    let made = view.table::<CapacityProvider>().within(scope).filter(|made| made.is_active());
    let built_in = BUILT_IN.map(|name| name.parse().expect("a built-in provider's name is one"));
    let mut names: Vec<_> = made.map(|made| made.name.clone()).chain(built_in).collect();
    names.sort();
    names
}

fn answer(
    found: Vec<api::CapacityProvider>,
    failures: Vec<api::Failure>,
    next_token: Option<String>,
) -> api::DescribeCapacityProvidersResponse {
    api::DescribeCapacityProvidersResponse {
        capacity_providers: Some(found),
        failures: Some(failures),
        next_token,
    }
}
