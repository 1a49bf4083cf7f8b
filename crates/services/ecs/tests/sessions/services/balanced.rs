//! A service behind a load balancer: ELB's own rows beside ECS's, with findings made up where a proxy would make them.

use std::convert::Infallible;
use std::time::Duration;

use berth_aws_api::elbv2 as elb;
use berth_aws_api::elbv2::ops;
use berth_balancing::tables::{Health, HealthState, Target, TargetHealth};
use berth_control::cell::Transaction;
use berth_control::ports::LoadBalancing;
use berth_control::tables::View;
use serde_json::{Value, json};

use super::crew::Crew;
use crate::sessions::world::text;

/// As the account has them.
const VPC: &str = "vpc-53a56ae99b8da85fd";
const SUBNETS: [&str; 2] = ["subnet-3ab81c0130a18d772", "subnet-ab7afd2a2e8cc6156"];

/// A balancer with two target groups and a rule for each kind of request. To begin with, the first group gets all that is
/// not for tests.
pub struct Front {
    pub crew: Crew,
    pub balancer: String,
    pub groups: [String; 2],
    pub production: String,
    pub test: String,
}

impl Front {
    pub async fn new() -> Self {
        let crew = Crew::balanced(3).await;
        let balancer = balancer(&crew, elb::LoadBalancerTypeEnum::Application).await;
        let groups = [group(&crew, "one").await, group(&crew, "two").await];
        let listener = listener(&crew, &balancer, elb::ProtocolEnum::Http, &groups[0]).await;
        let [one, two] = [groups[0].as_str(), groups[1].as_str()];
        let production = rule(&crew, &listener, 2, "/*", &[(one, 100), (two, 0)]).await;
        let test = rule(&crew, &listener, 1, "/test", &[(two, 1)]).await;
        let front = Self { crew, balancer, groups, production, test };
        front.define("first").await;
        front
    }

    /// One more revision of the family `page`, which listens on port 80.
    pub async fn define(&self, version: &str) {
        let input = json!({"family": "page", "containerDefinitions": [{
            "name": "main", "image": "busybox", "memory": 16,
            "portMappings": [{"containerPort": 80, "hostPort": 0}],
            "environment": [{"name": "VERSION", "value": version}],
        }]});
        self.crew.ask("RegisterTaskDefinition", input).await;
    }

    /// `loadBalancers` with both rules.
    pub fn shifting(&self) -> Value {
        json!([{
            "targetGroupArn": self.groups[0], "containerName": "main", "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": self.groups[1],
                "productionListenerRule": self.production,
                "testListenerRule": self.test,
                "roleArn": "arn:aws:iam::123456789012:role/ecsInfrastructureRole",
            },
        }])
    }

    /// `loadBalancers` of one group alone.
    pub fn plain(&self, group: usize) -> Value {
        json!([{
            "targetGroupArn": self.groups[group], "containerName": "main", "containerPort": 80,
        }])
    }

    /// A service of two tasks, whose first deployment has begun.
    pub async fn create(&self, settings: Value, balancers: Value) {
        let input = json!({
            "cluster": "web", "serviceName": "page", "taskDefinition": "page", "desiredCount": 2,
            "deploymentConfiguration": settings, "loadBalancers": balancers,
        });
        self.crew.ask("CreateService", input).await;
    }

    /// The same, past its first deployment.
    pub async fn serve(&self, settings: Value, balancers: Value) {
        self.create(settings, balancers).await;
        for _ in 0..60 {
            self.obey().await;
            if self.deployment().await["status"] == "SUCCESSFUL" {
                return;
            }
            self.minutes(1).await;
        }
        panic!("it never succeeds: {:#}", self.deployment().await);
    }

    /// A deployment of another version begins.
    pub async fn deploy(&self, version: &str) {
        self.define(version).await;
        self.crew.update("page", json!({"taskDefinition": "page"})).await;
    }

    /// Hosts do what they are told, targets turn out to be healthy, until nothing happens any more.
    pub async fn obey(&self) {
        for _ in 0..100 {
            if self.obey_once().await == 0 {
                return;
            }
        }
        panic!("the hosts never come to rest");
    }

    /// One thing each: how many were done.
    pub async fn obey_once(&self) -> usize {
        let mut done = 0;
        for task in self.crew.tasks("STOPPED").await {
            if task["lastStatus"] == "STOPPING" {
                self.crew.report(&task, "STOPPED", Some(0)).await;
                done += 1;
            }
        }
        for task in self.crew.tasks("RUNNING").await {
            if task["lastStatus"] == "PENDING" {
                self.run(&task).await;
                done += 1;
            }
        }
        done + self.find_healthy().await
    }

    /// A task's containers run, on a port of its own.
    async fn run(&self, task: &Value) {
        // By the task's id, so that no two have the same.
        let arn = text(task, "/taskArn");
        let id = u128::from_str_radix(&arn[arn.len() - 32..], 16).expect("a task's id");
        let port = 1024 + (id % 60_000) as u16;
        let container = json!({"containerName": "main", "status": "RUNNING", "networkBindings": [
            {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": port, "protocol": "tcp"},
        ]});
        self.crew.report_container(task, "RUNNING", container).await;
    }

    /// Targets turn out to be healthy that nobody has looked at; how many.
    pub async fn find_healthy(&self) -> usize {
        let health = Health { state: HealthState::Healthy, reason: None, description: None };
        self.find(health, |known| known.is_none()).await
    }

    /// No target answers any more.
    pub async fn find_unhealthy(&self) {
        let health = Health {
            state: HealthState::Unhealthy,
            reason: some("Target.Timeout"),
            description: some("Request timed out"),
        };
        self.find(health, |_| true).await;
    }

    /// All targets of which this is known are found to be so; how many.
    async fn find(&self, health: Health, which: fn(Option<&TargetHealth>) -> bool) -> usize {
        let find = move |tx: &mut Transaction| {
            let targets = tx.table::<Target>().iter().filter(|target| target.ends_at.is_none());
            let found = targets.map(|target| TargetHealth {
                group: target.group,
                id: target.id.clone(),
                port: target.port,
                health: health.clone(),
            });
            let found: Vec<TargetHealth> = found.collect();
            let news: Vec<TargetHealth> = found
                .into_iter()
                .filter(|found| which(tx.get::<TargetHealth>(&key(found))))
                .collect();
            let count = news.len();
            for found in news {
                tx.put(found);
            }
            Ok::<_, Infallible>(count)
        };
        let found = self.crew.world.ecs.cell.write(find).await.expect("the cell is open");
        self.crew.world.reconcilers.settled().await;
        found
    }

    /// So long, and a moment for what is due then.
    pub async fn minutes(&self, minutes: u64) {
        self.crew.wait(Duration::from_secs(60 * minutes + 1)).await;
    }

    /// How many percent of a rule's requests each group gets.
    pub fn shares(&self, rule: &str) -> [f64; 2] {
        let world = &self.crew.world;
        let balancing = world.balancing.as_ref().expect("there is one");
        let view = world.ecs.cell.snapshot();
        let scope = "arn:aws:ecs:us-east-1:123456789012:cluster/web"
            .parse::<berth_model::ClusterArn>()
            .expect("an ARN")
            .scope;
        let shares = balancing.shares(view.sight(), &scope, rule).expect("it forwards");
        let all: u32 = shares.iter().map(|share| u32::from(share.weight)).sum();
        let of = |group: &String| {
            let found = shares.iter().filter(|share| share.group == *group);
            let weight: u32 = found.map(|share| u32::from(share.weight)).sum();
            f64::from(100 * weight) / f64::from(all)
        };
        [of(&self.groups[0]), of(&self.groups[1])]
    }

    /// Those of requests that are not for tests.
    pub fn production(&self) -> [f64; 2] {
        self.shares(&self.production)
    }

    /// How many targets each group has that get requests.
    pub fn targets(&self) -> [usize; 2] {
        let view = self.crew.world.ecs.cell.snapshot();
        let targets = view.table::<Target>().iter().filter(|target| target.ends_at.is_none());
        let mut counts = [0; 2];
        for target in targets {
            let is_it = |group: &String| group.ends_with(&target.group.to_string());
            counts[self.groups.iter().position(is_it).expect("one of both")] += 1;
        }
        counts
    }

    /// The latest service deployment as it is described.
    pub async fn deployment(&self) -> Value {
        let input = json!({"cluster": "web", "service": "page"});
        let listed = self.crew.ask("ListServiceDeployments", input).await;
        let arn = &listed["serviceDeployments"][0]["serviceDeploymentArn"];
        let input = json!({"serviceDeploymentArns": [arn]});
        let described = self.crew.ask("DescribeServiceDeployments", input).await;
        described["serviceDeployments"][0].clone()
    }

    /// The shares that a deployment tells: of production and test requests, the target's, then the one source's.
    pub async fn told(&self) -> [Value; 4] {
        let deployment = self.deployment().await;
        let (production, test) = ("requestedProductionTrafficWeight", "requestedTestTrafficWeight");
        let (target, source) =
            (&deployment["targetServiceRevision"], &deployment["sourceServiceRevisions"][0]);
        [&target[production], &target[test], &source[production], &source[test]].map(Value::clone)
    }

    /// Answers the hook that the latest deployment waits at.
    pub async fn go_on(&self) {
        let deployment = self.deployment().await;
        let input = json!({
            "serviceDeploymentArn": deployment["serviceDeploymentArn"],
            "hookId": deployment["lifecycleHookDetails"][0]["hookId"],
        });
        self.crew.ask("ContinueServiceDeployment", input).await;
    }

    pub async fn stop(&self, how: &str) {
        let arn = self.deployment().await["serviceDeploymentArn"].clone();
        let input = json!({"serviceDeploymentArn": arn, "stopType": how});
        self.crew.ask("StopServiceDeployment", input).await;
    }

    /// Somebody else shares out a rule's requests.
    pub async fn meddle(&self, rule: &str, shares: &[(&str, i32)]) {
        let input = elb::ModifyRuleInput {
            rule_arn: some(rule),
            actions: Some(vec![forward(shares)]),
            ..Default::default()
        };
        self.crew.world.ask_elb::<ops::ModifyRule>(input).await;
        self.crew.world.reconcilers.settled().await;
    }
}

fn key(health: &TargetHealth) -> <TargetHealth as berth_control::tables::Record>::Key {
    (health.group, (health.id.clone(), health.port))
}

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub async fn balancer(crew: &Crew, kind: elb::LoadBalancerTypeEnum) -> String {
    let input = elb::CreateLoadBalancerInput {
        name: some(kind.as_str()),
        r#type: Some(kind),
        subnets: Some(SUBNETS.map(str::to_owned).to_vec()),
        ..Default::default()
    };
    let made = crew.world.ask_elb::<ops::CreateLoadBalancer>(input).await.load_balancers;
    let made = made.and_then(|mut made| made.pop()).expect("it is shown");
    made.load_balancer_arn.expect("it has an ARN")
}

pub async fn group(crew: &Crew, name: &str) -> String {
    group_of(crew, name, elb::ProtocolEnum::Http).await
}

/// Its targets are gone as soon as they are deregistered.
pub async fn group_of(crew: &Crew, name: &str, protocol: elb::ProtocolEnum) -> String {
    let input = elb::CreateTargetGroupInput {
        name: some(name),
        protocol: Some(protocol),
        port: Some(80),
        vpc_id: some(VPC),
        ..Default::default()
    };
    let made = crew.world.ask_elb::<ops::CreateTargetGroup>(input).await.target_groups;
    let made = made.and_then(|mut made| made.pop()).expect("it is shown");
    let arn = made.target_group_arn.expect("it has an ARN");
    let attribute = elb::TargetGroupAttribute {
        key: some("deregistration_delay.timeout_seconds"),
        value: some("0"),
    };
    let input = elb::ModifyTargetGroupAttributesInput {
        target_group_arn: some(&arn),
        attributes: Some(vec![attribute]),
    };
    crew.world.ask_elb::<ops::ModifyTargetGroupAttributes>(input).await;
    arn
}

pub async fn listener(
    crew: &Crew,
    balancer: &str,
    protocol: elb::ProtocolEnum,
    group: &str,
) -> String {
    let input = elb::CreateListenerInput {
        load_balancer_arn: some(balancer),
        protocol: Some(protocol),
        port: Some(80),
        default_actions: Some(vec![forward(&[(group, 1)])]),
        ..Default::default()
    };
    let made = crew.world.ask_elb::<ops::CreateListener>(input).await.listeners;
    let made = made.and_then(|mut made| made.pop()).expect("it is shown");
    made.listener_arn.expect("it has an ARN")
}

pub async fn rule(
    crew: &Crew,
    listener: &str,
    priority: i32,
    path: &str,
    shares: &[(&str, i32)],
) -> String {
    let condition = elb::RuleCondition {
        field: some("path-pattern"),
        values: Some(vec![path.to_owned()]),
        ..Default::default()
    };
    let input = elb::CreateRuleInput {
        listener_arn: some(listener),
        priority: Some(priority),
        conditions: Some(vec![condition]),
        actions: Some(vec![forward(shares)]),
        ..Default::default()
    };
    let made = crew.world.ask_elb::<ops::CreateRule>(input).await.rules;
    made.and_then(|mut made| made.pop()).and_then(|made| made.rule_arn).expect("it has an ARN")
}

fn forward(shares: &[(&str, i32)]) -> elb::Action {
    let tuple = |(group, weight): &(&str, i32)| elb::TargetGroupTuple {
        target_group_arn: some(group),
        weight: Some(*weight),
    };
    elb::Action {
        r#type: Some(elb::ActionTypeEnum::Forward),
        forward_config: Some(elb::ForwardActionConfig {
            target_groups: Some(shares.iter().map(tuple).collect()),
            ..Default::default()
        }),
        ..Default::default()
    }
}
