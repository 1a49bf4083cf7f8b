//! One test for each way to name an operation.

use berth_aws_api::{ec2, ecs, fixture, scheduler, sts};

use super::*;

fn directory() -> Directory {
    Directory::new([
        &ecs::ops::SERVICE,
        &sts::ops::SERVICE,
        &ec2::ops::SERVICE,
        &scheduler::ops::SERVICE,
        &fixture::ops::SERVICE,
    ])
}

fn request(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn found(
    request: &Request<Bytes>,
    signed_for: Option<&str>,
) -> (Protocol, &'static str, &'static str) {
    let found = directory().identify(request, signed_for).unwrap();
    (found.protocol, found.service().name, found.operation.name)
}

fn refused(request: &Request<Bytes>, signed_for: Option<&str>) -> (Protocol, String, u16) {
    let refused = directory().identify(request, signed_for).unwrap_err();
    let head = refused.error.head(refused.protocol);
    (refused.protocol, head.code.into_owned(), head.status)
}

const TARGET: &str = "x-amz-target";
const TYPE: &str = "content-type";

#[test]
fn json_goes_by_its_target() {
    let target = (TARGET, "AmazonEC2ContainerServiceV20141113.RunTask");
    let version_1 = (TYPE, "application/x-amz-json-1.0");
    assert_eq!(
        found(&request("POST", "/", &[target], "{}"), None),
        (Protocol::AwsJson11, "ecs", "RunTask")
    );
    assert_eq!(
        found(&request("POST", "/", &[target, version_1], "{}"), None).0,
        Protocol::AwsJson10
    );
}

#[test]
fn a_target_that_nobody_has_is_an_unknown_operation() {
    let version = (TYPE, "application/x-amz-json-1.1; charset=utf-8");
    let unknown = (Protocol::AwsJson11, "UnknownOperationException".to_owned(), 400);
    for target in ["AmazonEC2ContainerServiceV20141113.Fly", "Nobody.RunTask", "RunTask", ""] {
        assert_eq!(
            refused(&request("POST", "/", &[version, (TARGET, target)], "{}"), Some("ecs")),
            unknown
        );
    }
    assert_eq!(refused(&request("POST", "/", &[version], "{}"), Some("ecs")), unknown);
    assert_eq!(refused(&request("POST", "/", &[], "{}"), Some("ecs")), unknown);
}

#[test]
fn query_goes_by_its_action_and_the_service_it_was_signed_for() {
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let expected = (Protocol::Query, "sts", "GetCallerIdentity");
    assert_eq!(found(&request("POST", "/", &[], form), Some("sts")), expected);
    assert_eq!(found(&request("GET", &format!("/?{form}"), &[], ""), Some("sts")), expected);
    assert_eq!(found(&request("POST", "/", &[], form), None), expected);
    assert_eq!(
        refused(&request("POST", "/", &[], form), Some("ec2")),
        (Protocol::Ec2Query, "InvalidAction".into(), 400)
    );
    assert_eq!(
        refused(&request("POST", "/", &[], "Action=Fly"), Some("sts")),
        (Protocol::Query, "InvalidAction".into(), 400)
    );
    assert_eq!(
        refused(&request("POST", "/", &[], "Version=1"), Some("sts")),
        (Protocol::Query, "MissingAction".into(), 400)
    );
}

#[test]
fn ec2_speaks_a_query_of_its_own() {
    let name = ec2::ops::SERVICE.operations[0].name;
    let uri = format!("/?Action={name}&Version={}", ec2::ops::SERVICE.api_version);
    assert_eq!(
        found(&request("GET", &uri, &[], ""), Some("ec2")),
        (Protocol::Ec2Query, "ec2", name)
    );
}

#[test]
fn rest_goes_by_method_and_route() {
    let get = found(&request("GET", "/schedules/nightly?groupName=g", &[], ""), Some("scheduler"));
    assert_eq!(get, (Protocol::RestJson1, "scheduler", "GetSchedule"));
    assert_eq!(found(&request("POST", "/schedules/nightly", &[], "{}"), None).2, "CreateSchedule");
    assert_eq!(found(&request("GET", "/schedules", &[], ""), None).2, "ListSchedules");
    let tags = "/tags/arn%3Aaws%3Ascheduler%3Aeu-west-1%3A1%3Aschedule-group%2Fg";
    assert_eq!(found(&request("GET", tags, &[], ""), None).2, "ListTagsForResource");
    let unknown = (Protocol::RestJson1, "UnknownOperationException".to_owned(), 404);
    for (method, path) in [("PATCH", "/schedules/x"), ("GET", "/nowhere"), ("GET", "/")] {
        assert_eq!(
            refused(&request(method, path, &[], ""), Some("scheduler")),
            unknown,
            "{method} {path}"
        );
    }
}

#[test]
fn a_route_is_not_another_services() {
    assert_eq!(
        refused(&request("GET", "/schedules", &[], ""), Some("fixture")).1,
        "UnknownOperationException"
    );
}

#[test]
fn a_parameter_of_the_route_must_be_there() {
    assert_eq!(
        found(&request("PUT", "/things/a/at/b/c?kind=thing", &[], "{}"), None).2,
        "PutThing"
    );
    assert_eq!(refused(&request("PUT", "/things/a/at/b/c?kind=other", &[], "{}"), None).2, 404);
}

#[test]
fn cbor_goes_by_its_path() {
    let protocol = ("smithy-protocol", "rpc-v2-cbor");
    for service in ["Fixture_20260131", "Fixture"] {
        let uri = format!("/service/{service}/operation/Everything");
        assert_eq!(
            found(&request("POST", &uri, &[protocol], ""), None),
            (Protocol::RpcV2Cbor, "fixture", "Everything")
        );
    }
    let unknown = (Protocol::RpcV2Cbor, "UnknownOperationException".to_owned(), 404);
    for uri in ["/service/Fixture/operation/Fly", "/service/Nobody/operation/Everything"] {
        assert_eq!(refused(&request("POST", uri, &[protocol], ""), None), unknown);
    }
}
