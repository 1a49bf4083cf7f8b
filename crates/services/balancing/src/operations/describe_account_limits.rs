//! DescribeAccountLimits.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Balancing;

pub async fn describe_account_limits(
    balancing: Arc<Balancing>,
    _: Call,
    input: api::DescribeAccountLimitsInput,
) -> Result<api::DescribeAccountLimitsOutput, Failure<api::Error>> {
    let paging = paging("DescribeAccountLimits", &(), input.page_size, input.marker)?;
    let limits = balancing.limits.told().into_iter();
    let page = paging.cut(limits.map(|(name, most)| {
        let limit = api::Limit { name: Some(name.to_owned()), max: Some(most.to_string()) };
        (name.to_owned(), limit)
    }));
    Ok(api::DescribeAccountLimitsOutput { limits: Some(page.items), next_marker: page.next })
}
