//! What each call wants.
//!
//! AWS: the Service Authorization Reference, "Amazon EC2". Descriptions are of no resource in particular, but for a VPC's
//! attributes; `ec2:Region` may be asked of each.

use berth_aws_api::Operation;
use berth_aws_api::ec2::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Resource};
use berth_model::Scope;

use crate::service::Compute;

pub fn table() -> AccessTable<Compute> {
    let table = AccessTable::new("ec2").operation::<ops::DescribeVpcAttribute>(|ask, input| {
        let Scope { partition, account, region } = &ask.call.scope;
        let id = input.vpc_id.as_deref().unwrap_or_default();
        let vpc = format!("arn:{partition}:ec2:{region}:{account}:vpc/{id}");
        ask.wants.key("ec2:Region", region.as_str());
        ask.wants.on(Resource::new(vpc));
    });
    let table = of_region::<ops::DescribeAccountAttributes>(table);
    let table = of_region::<ops::DescribeAvailabilityZones>(table);
    let table = of_region::<ops::DescribeInternetGateways>(table);
    let table = of_region::<ops::DescribeNetworkAcls>(table);
    let table = of_region::<ops::DescribeNetworkInterfaces>(table);
    let table = of_region::<ops::DescribeRouteTables>(table);
    let table = of_region::<ops::DescribeSecurityGroupRules>(table);
    let table = of_region::<ops::DescribeSecurityGroups>(table);
    let table = of_region::<ops::DescribeSubnets>(table);
    of_region::<ops::DescribeVpcs>(table)
}

fn of_region<O: Operation>(table: AccessTable<Compute>) -> AccessTable<Compute> {
    table.operation::<O>(|ask: &mut Asking<'_, Compute>, _| {
        let region = ask.call.scope.region.clone();
        ask.wants.key("ec2:Region", region.as_str());
    })
}
