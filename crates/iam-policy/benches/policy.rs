//! How many decisions a core makes in a second, for policies such as ECS users have, and what parsing costs.
//!
//! `cargo xtask bench policy`

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use berth_iam_policy::{
    Attached, Context, Document, Kind, Policies, Principal, Request, ResourceSide, Value, Values,
    decide,
};
use berth_model::Timestamp;
use cpu_time::CpuTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "../../scheduler/benches/placement/cpu_time.rs"]
mod cpu_time;

type Bench = Criterion<CpuTime>;

const USER: &str = "arn:aws:iam::111122223333:user/deploy/ann";
const TASK: &str = "arn:aws:ecs:us-east-1:111122223333:task-definition/web:7";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf";
const BLUE: &str = "arn:aws:ecs:us-east-1:111122223333:cluster/blue";

/// What may deploy to one cluster: what a team has.
const DEPLOYER: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"See","Effect":"Allow","Action":["ecs:Describe*","ecs:List*"],"Resource":"*"},
    {"Sid":"Run","Effect":"Allow","Action":["ecs:RunTask","ecs:StartTask","ecs:StopTask"],
     "Resource":["arn:aws:ecs:us-east-1:111122223333:task-definition/web:*",
                 "arn:aws:ecs:us-east-1:111122223333:task/blue/*"],
     "Condition":{"ArnEquals":{"ecs:cluster":"arn:aws:ecs:us-east-1:111122223333:cluster/blue"}}},
    {"Sid":"Deploy","Effect":"Allow","Action":["ecs:CreateService","ecs:UpdateService","ecs:DeleteService"],
     "Resource":"arn:aws:ecs:us-east-1:111122223333:service/blue/*",
     "Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},
    {"Sid":"Roles","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/web-*",
     "Condition":{"StringLike":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}},
    {"Sid":"Secrets","Effect":"Allow","Action":"secretsmanager:GetSecretValue",
     "Resource":"arn:aws:secretsmanager:us-east-1:111122223333:secret:${aws:PrincipalTag/stage}/*"},
    {"Sid":"Office","Effect":"Deny","NotAction":["ecs:Describe*","ecs:List*"],"Resource":"*",
     "Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]},
                  "Bool":{"aws:ViaAWSService":"false"}}}]}"#;

const BOUNDARY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ecs:*","ecr:*","logs:*","secretsmanager:*","iam:PassRole"],"Resource":"*"},
    {"Effect":"Deny","Action":"*","Resource":"*",
     "Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}]}"#;

const SECRET_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/deploy/ann","444455556666"]},
     "Action":"secretsmanager:GetSecretValue","Resource":"*"},
    {"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*",
     "Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}]}"#;

/// As `ReadOnlyAccess` is: one statement with some 1,300 patterns of 300 services.
fn read_only() -> String {
    let services = (0..300).map(|number| format!("service{number}"));
    let services = services.chain(["ecs", "iam", "secretsmanager"].map(str::to_owned));
    let actions = services.flat_map(|service| {
        ["Describe*", "Get*", "List*", "BatchGet*"].map(|name| format!(r#""{service}:{name}""#))
    });
    let actions = actions.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
    )
}

/// Made for each request from what it brings.
struct Call {
    address: IpAddr,
    now: Timestamp,
}

impl Context for Call {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = match key {
            "aws:sourceip" => Value::Address(self.address),
            "aws:currenttime" => Value::Instant(self.now),
            "aws:viaawsservice" => Value::Bool(false),
            "aws:requestedregion" => Value::text("us-east-1"),
            "aws:principaltag/team" | "aws:resourcetag/team" => Value::text("web"),
            "aws:principaltag/stage" => Value::text("prod"),
            "ecs:cluster" => Value::text(BLUE),
            _ => return None,
        };
        Some(Values::One(value))
    }
}

fn parse(text: &str, kind: Kind) -> Document {
    Document::parse(text, kind).expect("it is a policy")
}

fn attached(document: &Document) -> Attached<'_> {
    Attached::new("policy", document)
}

fn decisions(criterion: &mut Bench) {
    let account = "111122223333".parse().expect("it has twelve digits");
    let administrator =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let administrator = parse(administrator, Kind::Identity);
    let administrator = [attached(&administrator)];
    let (deployer, read_only) = (parse(DEPLOYER, Kind::Identity), read_only());
    let read_only = parse(&read_only, Kind::Identity);
    let team = [attached(&deployer), attached(&read_only)];
    let boundary = parse(BOUNDARY, Kind::Identity);
    let secret = parse(SECRET_POLICY, Kind::Resource);
    let plain = Policies { identity: &team, ..Policies::default() };
    let all = Policies {
        boundary: Some(attached(&boundary)),
        resource: Some(ResourceSide {
            owner: account,
            policy: Some(attached(&secret)),
            must_allow: false,
        }),
        ..plain
    };
    let cases = [
        (
            "administrator",
            Policies { identity: &administrator, ..plain },
            "ecs:RunTask",
            TASK,
            true,
        ),
        ("run a task in one's cluster", plain, "ecs:RunTask", TASK, true),
        ("list what may be listed", plain, "ecs:ListTasks", "*", true),
        ("somebody else's task definition", plain, "ecs:RunTask", BLUE, false),
        ("a service that no policy names", plain, "sqs:SendMessage", "arn:aws:sqs:::q", false),
        (
            "a secret, with boundary and its own policy",
            all,
            "secretsmanager:GetSecretValue",
            SECRET,
            true,
        ),
    ];
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    for (name, policies, action, resource, allowed) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let call = Call {
                    address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
                    now: Timestamp::from_millis(1_800_000_000_000),
                };
                let request = Request {
                    principal: Principal::User { arn: USER, id: "AIDAEXAMPLEEXAMPLE1", account },
                    action: black_box(action),
                    resource: Some(black_box(resource)),
                    context: &call,
                };
                let decision = decide(&policies, &request);
                assert_eq!(decision.is_allowed(), allowed, "{decision:?}");
            });
        });
    }
    group.finish();
}

/// The worst that a policy and a name could do to a matcher that goes back too often.
fn hostile(criterion: &mut Bench) {
    let account = "111122223333".parse().expect("it has twelve digits");
    let pattern = "*a".repeat(900);
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{pattern}b"}}}}"#
    );
    let document = parse(&text, Kind::Identity);
    let policies = [attached(&document)];
    let policies = Policies { identity: &policies, ..Policies::default() };
    let resource = format!("arn:aws:s3:::{}", "a".repeat(2_000));
    let call = Call { address: IpAddr::V4(Ipv4Addr::LOCALHOST), now: Timestamp::EPOCH };
    let request = Request {
        principal: Principal::User { arn: USER, id: "AIDAEXAMPLEEXAMPLE1", account },
        action: "s3:GetObject",
        resource: Some(&resource),
        context: &call,
    };
    criterion.bench_function("a hostile pattern", |bencher| {
        bencher.iter(|| assert!(!decide(&policies, &request).is_allowed()));
    });
}

fn parsing(criterion: &mut Bench) {
    let large = read_only();
    let mut group = criterion.benchmark_group("parse");
    for (name, text) in [("a team's policy", DEPLOYER), ("read only", &large)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Document::parse(black_box(text), Kind::Identity));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = decisions, hostile, parsing
}
criterion_main!(benches);
