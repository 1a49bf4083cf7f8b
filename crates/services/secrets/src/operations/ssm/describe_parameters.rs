//! DescribeParameters: everything but the values.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::filters::{Filters, Listing};
use crate::parameters::find::{self, Found};
use crate::parameters::{invalid, page, render};
use crate::service::Secrets;
use crate::tables::Parameter;

/// AWS: as long as nothing is said, and the most.
const PAGE: i32 = 50;

pub async fn describe_parameters(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DescribeParametersRequest,
) -> Result<api::DescribeParametersResult, Failure<api::Error>> {
    let filters = match (input.filters, input.parameter_filters) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "You can use either Filters or ParameterFilters in a single request.",
            ));
        }
        (old, None) => Filters::parse_old(old)?,
        (None, new) => Filters::parse(new, Listing::Describe)?,
    };
    // No parameter is shared: there is no Resource Access Manager.
    let shared = input.shared == Some(true);
    let size = input.max_results.unwrap_or(PAGE);
    let paging = page("DescribeParameters", &(&filters, shared), size, input.next_token)?;
    let view = secrets.cell.snapshot();
    let found = view.table::<Parameter>().within(&call.scope).filter(|_| !shared);
    let found = found.filter_map(|parameter| {
        let version = find::number(&view, parameter, parameter.latest).ok()?;
        let found = Found { parameter, version };
        filters.let_through(found).then(|| (parameter.name.clone(), render::metadata(found)))
    });
    let page = paging.cut(found);
    Ok(api::DescribeParametersResult { parameters: Some(page.items), next_token: page.next })
}
