use proptest::prelude::*;

use super::*;

const TASK: &str = "0123456789abcdef0123456789abcdef";

fn same<T>(text: &str) -> T
where
    T: FromStr<Err = ArnError> + fmt::Display,
{
    let arn: T = text.parse().unwrap();
    assert_eq!(arn.to_string(), text);
    arn
}

#[test]
fn every_arn_of_ecs_renders_as_it_was_read() {
    let cluster = same::<ClusterArn>("arn:aws:ecs:us-east-1:000000000042:cluster/default");
    assert_eq!(cluster.name.as_str(), "default");
    let task = same::<TaskArn>(&format!("arn:aws:ecs:us-east-1:123456789012:task/default/{TASK}"));
    assert_eq!(task.cluster, Some("default".parse().unwrap()));
    let short = same::<TaskArn>(&format!("arn:aws:ecs:us-east-1:123456789012:task/{TASK}"));
    assert_eq!(short.cluster, None);
    same::<ContainerInstanceArn>(&format!(
        "arn:aws-cn:ecs:cn-north-1:123456789012:container-instance/c/{TASK}"
    ));
    same::<ServiceArn>("arn:aws:ecs:us-east-1:123456789012:service/default/web");
    assert_eq!(same::<ServiceArn>("arn:aws:ecs:us-east-1:123456789012:service/web").cluster, None);
    let definition =
        same::<TaskDefinitionArn>("arn:aws:ecs:us-east-1:123456789012:task-definition/web:12");
    assert_eq!(definition.revision.revision, 12);
    same::<CapacityProviderArn>(
        "arn:aws:ecs:us-east-1:123456789012:capacity-provider/FARGATE_SPOT",
    );
    let set = same::<TaskSetArn>(
        "arn:aws:ecs:us-east-1:123456789012:task-set/default/web/ecs-svc/9223370566451898907",
    );
    assert_eq!(set.id.number(), 9_223_370_566_451_898_907);
    same::<ServiceRevisionArn>(
        "arn:aws:ecs:us-east-1:123456789012:service-revision/default/web/9223370566451898907",
    );
    same::<ServiceDeploymentArn>(
        "arn:aws:ecs:us-east-1:123456789012:service-deployment/default/web/ejGvqq2ilnbKT9qj0vLJe",
    );
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    same::<ContainerArn>(&format!(
        "arn:aws:ecs:us-east-1:123456789012:container/default/{TASK}/{uuid}"
    ));
    same::<ContainerArn>(&format!("arn:aws:ecs:us-east-1:123456789012:container/{uuid}"));
}

#[test]
fn other_services_leave_parts_out() {
    let role: Arn = "arn:aws:iam::123456789012:role/path/ecsTaskRole".parse().unwrap();
    assert_eq!((role.region.clone(), role.resource.as_str()), (None, "role/path/ecsTaskRole"));
    assert_eq!(role.scope(), None);
    let bucket: Arn = "arn:aws:s3:::bucket/key:with:colons".parse().unwrap();
    assert_eq!(bucket.to_string(), "arn:aws:s3:::bucket/key:with:colons");
}

#[test]
fn an_error_says_what_and_where() {
    let cases = [
        ("web", ArnPart::Prefix, 1, "`arn:` expected"),
        ("arn:aws:ecs:us-east-1", ArnPart::Account, 22, "missing"),
        (
            "arn:mars:ecs:us-east-1:123456789012:task/x",
            ArnPart::Partition,
            5,
            "`mars` is not a partition",
        ),
        (
            "arn:aws:s3:us-east-1:123456789012:task/x",
            ArnPart::Service,
            9,
            "`ecs` expected, not `s3`",
        ),
        ("arn:aws:ecs:US:123456789012:task/x", ArnPart::Region, 13, "`US` is not a region"),
        ("arn:aws:ecs:us-east-1:12:task/x", ArnPart::Account, 23, "`12` is not an account id"),
        ("arn:aws:ecs:us-east-1:123456789012:", ArnPart::Resource, 36, "missing"),
        (
            "arn:aws:ecs:us-east-1:123456789012:cluster/x",
            ArnPart::Resource,
            36,
            "`task/…` expected, not `cluster`",
        ),
        ("arn:aws:ecs:us-east-1:123456789012:task/é/x", ArnPart::Resource, 41, "found `é`"),
        (
            "arn:aws:ecs:us-east-1:123456789012:task/c/xyz",
            ArnPart::Resource,
            43,
            "`xyz` is not a task id",
        ),
    ];
    for (text, part, position, problem) in cases {
        let error = text.parse::<TaskArn>().unwrap_err();
        assert_eq!((error.part, error.position), (part, position), "{error}");
        assert!(error.problem.contains(problem), "{error}");
    }
}

#[test]
fn a_revision_is_a_plain_number_from_one() {
    assert!("web:1".parse::<FamilyRevision>().is_ok());
    for text in
        ["web", "web:", "web:0", "web:01", "web:+1", "web:-1", "web:1:2", ":1", "web:4294967296"]
    {
        assert!(text.parse::<FamilyRevision>().is_err(), "{text}");
    }
}

fn scopes() -> impl Strategy<Value = Scope> {
    ("[0-9]{12}", "(us|cn|us-gov|eu)-(east|west)-[1-9]")
        .prop_map(|(account, region)| Scope::new(account.parse().unwrap(), region.parse().unwrap()))
}

proptest! {
    #[test]
    fn parsing_what_was_rendered_gives_it_back(
        scope in scopes(),
        cluster in "[A-Za-z0-9_-]{1,20}",
        bytes: [u8; 16],
        long: bool,
        revision in 1..u32::MAX,
    ) {
        let cluster: crate::ClusterName = cluster.parse().unwrap();
        let id = crate::TaskId::from_bytes(bytes);
        let task = TaskArn { scope: scope.clone(), cluster: long.then(|| cluster.clone()), id };
        prop_assert_eq!(task.to_string().parse(), Ok(task));
        let container = ContainerArn {
            scope: scope.clone(),
            task: long.then(|| (cluster.clone(), id)),
            id: crate::ContainerId::from_bytes(bytes),
        };
        prop_assert_eq!(container.to_string().parse(), Ok(container));
        let family = cluster.as_str().parse().unwrap();
        let definition = TaskDefinitionArn { scope, revision: FamilyRevision { family, revision } };
        prop_assert_eq!(definition.to_string().parse(), Ok(definition));
    }

    #[test]
    fn no_text_panics(text in "(arn:(aws)?:(ecs)?:.{0,30}:.{0,20}:)?[a-z-]{0,20}/?.*") {
        drop((text.parse::<Arn>(), text.parse::<TaskArn>(), text.parse::<ServiceArn>(), text.parse::<ContainerArn>()));
        drop((text.parse::<TaskSetArn>(), text.parse::<TaskDefinitionArn>(), text.parse::<ClusterArn>()));
    }

    #[test]
    fn any_arn_read_renders_as_it_was(text in "arn:aws:[a-z0-9-]{1,10}:([a-z][a-z0-9-]{0,10})?:([0-9]{12})?:.{1,40}") {
        let arn: Arn = text.parse().unwrap();
        prop_assert_eq!(arn.to_string(), text);
    }
}
