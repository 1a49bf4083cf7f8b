//! What can be put, and what comes of it.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::{again, secure, text};
use crate::tests::world::{START, World, some};

#[tokio::test(start_paused = true)]
async fn each_put_is_a_version_that_stays() {
    let world = World::new().await;
    assert_eq!(world.put(text("/app/host", "one")).await, 1);
    let refusal = world.not_put(text("/app/host", "two")).await;
    assert_eq!(refusal.code, "ParameterAlreadyExists");
    assert_eq!(world.put(again("/app/host", "two")).await, 2);
    let world = world.restarted().await;
    let found = world.get("/app/host").await.unwrap();
    assert_eq!((found.value.as_deref(), found.version), (Some("two"), Some(2)));
    assert_eq!((found.last_modified_date, found.selector), (Some(START), None));
    let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/app/host";
    assert_eq!(found.arn.as_deref(), Some(arn));
    for (name, value, selector) in [
        ("/app/host:1", "one", some(":1")),
        (&format!("{arn}:1"), "one", some(":1")),
        (arn, "two", None),
    ] {
        let found = world.get(name).await.unwrap();
        assert_eq!((found.value.as_deref(), found.selector), (Some(value), selector));
    }
    assert_eq!(world.get("/app/host:3").await.unwrap_err().code, "ParameterVersionNotFound");
    assert_eq!(world.get("/app/other").await.unwrap_err().code, "ParameterNotFound");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_versions_are_kept_unless_the_oldest_has_a_label() {
    let world = World::new().await;
    world.put(text("a", "0")).await;
    for number in 1..100 {
        world.put(again("a", &number.to_string())).await;
    }
    let label = |number| api::LabelParameterVersionRequest {
        name: some("a"),
        parameter_version: Some(number),
        labels: Some(vec!["first".to_owned()]),
    };
    world.ask::<ops::LabelParameterVersion>(label(1)).await;
    let refusal = world.not_put(again("a", "more")).await;
    assert_eq!(refusal.code, "ParameterMaxVersionLimitExceeded");
    world.ask::<ops::LabelParameterVersion>(label(2)).await;
    assert_eq!(world.put(again("a", "more")).await, 101);
    assert_eq!(world.get("a:1").await.unwrap_err().code, "ParameterVersionNotFound");
    assert_eq!(world.told("a:first").await.as_deref(), Ok("1"));
    let mut numbers = Vec::new();
    let mut next_token = None;
    loop {
        let input = api::GetParameterHistoryRequest {
            name: some("a"),
            max_results: Some(30),
            next_token,
            ..Default::default()
        };
        let page = world.ask::<ops::GetParameterHistory>(input).await;
        numbers.extend(page.parameters.unwrap().into_iter().filter_map(|version| version.version));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(numbers, (2..=101).collect::<Vec<i64>>());
}

#[tokio::test(start_paused = true)]
async fn what_breaks_a_rule_is_refused_by_that_rule() {
    let world = World::new().await;
    let ask = || text("a", "value");
    let some_tags = Some(vec![api::Tag { key: some("k"), value: some("v") }]);
    for (input, code) in [
        (text("a", ""), "ValidationException"),
        (text("a b", "x"), "ValidationException"),
        (text("a/b", "x"), "ValidationException"),
        (text("ssm-x", "x"), "ValidationException"),
        (text("/aws/x", "x"), "AccessDeniedException"),
        (text(&"/a".repeat(16), "x"), "HierarchyLevelLimitExceededException"),
        (text("a", &"x".repeat(4097)), "ValidationException"),
        (api::PutParameterRequest { r#type: None, ..ask() }, "ValidationException"),
        (
            api::PutParameterRequest { overwrite: Some(true), tags: some_tags, ..ask() },
            "ValidationException",
        ),
        (api::PutParameterRequest { key_id: some("alias/x"), ..ask() }, "ValidationException"),
        (
            api::PutParameterRequest { allowed_pattern: some("["), ..ask() },
            "InvalidAllowedPatternException",
        ),
        (
            api::PutParameterRequest { allowed_pattern: some("[0-9]+"), ..ask() },
            "ParameterPatternMismatchException",
        ),
        (
            api::PutParameterRequest { policies: some(r#"[{"Type":"Expiration"}]"#), ..ask() },
            "InvalidPolicyTypeException",
        ),
        (
            api::PutParameterRequest { data_type: some("aws:ec2:image"), ..ask() },
            "ValidationException",
        ),
        (
            api::PutParameterRequest { key_id: some("alias/none"), ..secure("a", "x") },
            "InvalidKeyId",
        ),
    ] {
        assert_eq!(world.not_put(input).await.code, code);
    }
    assert_eq!(world.get("a").await.unwrap_err().code, "ParameterNotFound");
    world.put(ask()).await;
    let other = api::PutParameterRequest { overwrite: Some(true), ..secure("a", "x") };
    assert_eq!(world.not_put(other).await.code, "HierarchyTypeMismatchException");
}

#[tokio::test(start_paused = true)]
async fn tiers_go_up_and_never_down() {
    let world = World::new().await;
    let of = |name: &str, length, tier| api::PutParameterRequest {
        tier,
        overwrite: Some(true),
        ..text(name, &"x".repeat(length))
    };
    let (standard, advanced) = (api::ParameterTier::Standard, api::ParameterTier::Advanced);
    let either = api::ParameterTier::IntelligentTiering;
    for (length, tier, got) in [
        (4096, None, &standard),
        (10, Some(either.clone()), &standard),
        (4097, Some(either), &advanced),
        (10, None, &advanced),
        (8192, None, &advanced),
    ] {
        let put = world.ask::<ops::PutParameter>(of("a", length, tier)).await;
        assert_eq!(put.tier.as_ref(), Some(got), "{length}");
    }
    let refusal = world.not_put(of("a", 10, Some(standard))).await;
    assert!(refusal.message.contains("downgrade"), "{refusal:?}");
    let refusal = world.not_put(of("a", 8193, Some(advanced))).await;
    assert_eq!(refusal.code, "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_slash_in_front_makes_no_other_parameter() {
    let world = World::new().await;
    world.put(text("a", "x")).await;
    assert_eq!(world.not_put(text("/a", "y")).await.code, "ParameterAlreadyExists");
    assert_eq!(world.put(again("/a", "y")).await, 2);
    assert_eq!(world.get("a").await.unwrap().name.as_deref(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn deleting_takes_every_version() {
    let world = World::new().await;
    world.put(text("a", "1")).await;
    world.put(again("a", "2")).await;
    world.put(text("b", "1")).await;
    let input = api::DeleteParametersRequest { names: Some(vec!["a".into(), "none".into()]) };
    let answer = world.ask::<ops::DeleteParameters>(input).await;
    assert_eq!(answer.deleted_parameters, Some(vec!["a".to_owned()]));
    assert_eq!(answer.invalid_parameters, Some(vec!["none".to_owned()]));
    world.ask::<ops::DeleteParameter>(api::DeleteParameterRequest { name: some("b") }).await;
    let again = api::DeleteParameterRequest { name: some("b") };
    assert_eq!(world.refused::<ops::DeleteParameter>(again).await.code, "ParameterNotFound");
    assert_eq!(world.put(text("a", "new")).await, 1);
    assert_eq!(world.get("a:2").await.unwrap_err().code, "ParameterVersionNotFound");
}
