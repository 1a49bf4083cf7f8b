//! What clients of the demo's page meet: a load balancer with one listener, and the target group behind it.
//!
//! AWS: asking for what is there already, with the same settings, is answered with it. So most steps need not look.

use anyhow::{Context, Result, bail};
use berth_agent::{CallError, HttpControlPlane};
use berth_aws_api::elbv2::{self, LoadBalancerStateEnum as State, ops};
use berth_aws_api::{Operation, ec2};

use super::NAME;
use super::page::{self, CONTAINER_PORT};
use super::patience::until;

/// Pages take milliseconds: nobody has to wait for five minutes until a task may stop.
const DEREGISTRATION_DELAY: &str = "1";
const CHECKED_EVERY: i32 = 5;

pub struct Front<'a> {
    api: &'a HttpControlPlane,
}

pub struct Balancer {
    arn: String,
    pub dns_name: String,
}

impl<'a> Front<'a> {
    pub fn new(api: &'a HttpControlPlane) -> Self {
        Front { api }
    }

    async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output> {
        self.api.operate::<O>(&input).await.with_context(|| format!("{} failed", O::NAME))
    }

    /// As [`call`](Self::call), of something that may not be there.
    async fn find<O: Operation>(&self, input: O::Input, none: &str) -> Result<Option<O::Output>> {
        match self.api.operate::<O>(&input).await {
            Err(CallError::Refused { code, .. }) if code == none => Ok(None),
            found => found.map(Some).with_context(|| format!("{} failed", O::NAME)),
        }
    }

    /// Where targets are instances of ECS; its ARN.
    pub async fn ensure_target_group(&self) -> Result<String> {
        let of_account = ec2::Filter {
            name: Some("is-default".to_owned()),
            values: Some(vec!["true".to_owned()]),
        };
        let vpcs =
            ec2::DescribeVpcsRequest { filters: Some(vec![of_account]), ..Default::default() };
        let vpcs = self.call::<ec2::ops::DescribeVpcs>(vpcs).await?.vpcs.unwrap_or_default();
        let group = elbv2::CreateTargetGroupInput {
            name: Some(NAME.to_owned()),
            protocol: Some(elbv2::ProtocolEnum::Http),
            port: Some(CONTAINER_PORT.into()),
            vpc_id: vpcs.into_iter().next().and_then(|vpc| vpc.vpc_id),
            target_type: Some(elbv2::TargetTypeEnum::Instance),
            health_check_path: Some(page::HEALTH_PATH.to_owned()),
            health_check_interval_seconds: Some(CHECKED_EVERY),
            health_check_timeout_seconds: Some(2),
            ..Default::default()
        };
        let made = self.call::<ops::CreateTargetGroup>(group).await?.target_groups;
        let arn = made.unwrap_or_default().into_iter().next().and_then(|it| it.target_group_arn);
        let arn = arn.context("CreateTargetGroup answers no target group")?;
        let delay = elbv2::TargetGroupAttribute {
            key: Some("deregistration_delay.timeout_seconds".to_owned()),
            value: Some(DEREGISTRATION_DELAY.to_owned()),
        };
        let attributes = elbv2::ModifyTargetGroupAttributesInput {
            target_group_arn: Some(arn.clone()),
            attributes: Some(vec![delay]),
        };
        self.call::<ops::ModifyTargetGroupAttributes>(attributes).await?;
        Ok(arn)
    }

    /// A load balancer that listens on this port and sends all that comes to the group.
    pub async fn ensure_balancer(&self, group: &str, port: u16) -> Result<Balancer> {
        let of_zones = ec2::Filter {
            name: Some("default-for-az".to_owned()),
            values: Some(vec!["true".to_owned()]),
        };
        let subnets =
            ec2::DescribeSubnetsRequest { filters: Some(vec![of_zones]), ..Default::default() };
        let subnets = self.call::<ec2::ops::DescribeSubnets>(subnets).await?.subnets;
        let subnets = subnets.unwrap_or_default().into_iter().filter_map(|it| it.subnet_id);
        let wanted = elbv2::CreateLoadBalancerInput {
            name: Some(NAME.to_owned()),
            subnets: Some(subnets.collect()),
            ..Default::default()
        };
        let made = self.call::<ops::CreateLoadBalancer>(wanted).await?.load_balancers;
        let balancer = made.unwrap_or_default().into_iter().next().unwrap_or_default();
        let arn = balancer.load_balancer_arn.context("CreateLoadBalancer answers no ARN")?;
        self.ensure_listener(&arn, group, port).await?;
        Ok(Balancer { arn, dns_name: balancer.dns_name.unwrap_or_default() })
    }

    /// One that listened elsewhere moves.
    async fn ensure_listener(&self, balancer: &str, group: &str, port: u16) -> Result<()> {
        let forward = elbv2::Action {
            r#type: Some(elbv2::ActionTypeEnum::Forward),
            target_group_arn: Some(group.to_owned()),
            ..Default::default()
        };
        let (balancer, actions) = (Some(balancer.to_owned()), Some(vec![forward]));
        let asked = elbv2::DescribeListenersInput {
            load_balancer_arn: balancer.clone(),
            ..Default::default()
        };
        let there = self.call::<ops::DescribeListeners>(asked).await?.listeners;
        let Some(listener) = there.unwrap_or_default().into_iter().next() else {
            let listener = elbv2::CreateListenerInput {
                load_balancer_arn: balancer,
                protocol: Some(elbv2::ProtocolEnum::Http),
                port: Some(port.into()),
                default_actions: actions,
                ..Default::default()
            };
            return self.call::<ops::CreateListener>(listener).await.map(drop);
        };
        if listener.port == Some(port.into()) {
            return Ok(());
        }
        let moved = elbv2::ModifyListenerInput {
            listener_arn: listener.listener_arn,
            port: Some(port.into()),
            ..Default::default()
        };
        self.call::<ops::ModifyListener>(moved).await.map(drop)
    }

    /// Whatever else listens there answers with no page of ours; then the balancer says why it does not.
    pub async fn wait_for_page(&self, balancer: &Balancer, url: &str) -> Result<()> {
        until(&format!("the demo's page is at {url}"), async || {
            let state = self.state(balancer).await?;
            if state.code == Some(State::ActiveImpaired) {
                let reason = state.reason.unwrap_or_default();
                bail!("the demo's load balancer does not listen. {reason}; is --port PORT free?");
            }
            Ok(page::is_at(url).await?.then_some(()))
        })
        .await
    }

    async fn state(&self, balancer: &Balancer) -> Result<elbv2::LoadBalancerState> {
        let asked = elbv2::DescribeLoadBalancersInput {
            load_balancer_arns: Some(vec![balancer.arn.clone()]),
            ..Default::default()
        };
        let found = self.call::<ops::DescribeLoadBalancers>(asked).await?.load_balancers;
        let found = found.unwrap_or_default().into_iter().next();
        found.and_then(|balancer| balancer.state).context("the demo's load balancer has no state")
    }

    /// The balancer with its listener, and the group.
    pub async fn remove(&self) -> Result<()> {
        let names = Some(vec![NAME.to_owned()]);
        let asked =
            elbv2::DescribeLoadBalancersInput { names: names.clone(), ..Default::default() };
        let found = self.find::<ops::DescribeLoadBalancers>(asked, "LoadBalancerNotFound").await?;
        for balancer in found.and_then(|found| found.load_balancers).unwrap_or_default() {
            let load_balancer_arn = balancer.load_balancer_arn;
            let delete = elbv2::DeleteLoadBalancerInput { load_balancer_arn };
            self.call::<ops::DeleteLoadBalancer>(delete).await?;
        }
        let asked = elbv2::DescribeTargetGroupsInput { names, ..Default::default() };
        let found = self.find::<ops::DescribeTargetGroups>(asked, "TargetGroupNotFound").await?;
        for group in found.and_then(|found| found.target_groups).unwrap_or_default() {
            let delete = elbv2::DeleteTargetGroupInput { target_group_arn: group.target_group_arn };
            self.call::<ops::DeleteTargetGroup>(delete).await?;
        }
        Ok(())
    }
}
