use std::collections::BTreeMap;
use std::sync::Arc;

use berth_model::{ContainerInstanceId, ContainerInstanceStatus, LaunchType, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::instance::Remaining;

/// A `g2.xlarge` in zone a of us-east-1 with a task of `service:web` and one of `database`.
fn instance() -> Instance {
    let groups: [(&str, u32); 2] = [("service:web", 1), ("database", 2)];
    Instance {
        id: ContainerInstanceId::from_bytes([1; 16]),
        ec2_instance_id: Some("i-abcd1234".to_owned()),
        launch_type: LaunchType::Ec2,
        capacity_provider: None,
        status: ContainerInstanceStatus::Active,
        agent_connected: true,
        agent_version: Some("1.14.5".to_owned()),
        registered_at: "2018-06-18T22:28:28Z".parse::<Timestamp>().unwrap(),
        attributes: [
            ("ecs.instance-type", Some("g2.xlarge".to_owned())),
            ("ecs.availability-zone", Some("us-east-1a".to_owned())),
            ("rack", Some("12".to_owned())),
            ("motto", Some("don't panic".to_owned())),
            ("ecs.capability.task-eni", None),
        ]
        .into_iter()
        .collect(),
        remaining: Remaining::default(),
        running_tasks: 3,
        pending_tasks: 0,
        tasks_by_group: groups
            .into_iter()
            .map(|(group, tasks)| (Arc::from(group), tasks))
            .collect(),
    }
}

fn holds_for(text: &str, instance: &Instance) -> bool {
    match Expression::parse(text) {
        Ok(expression) => expression.matches(instance),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn all_hold(texts: &[&str]) {
    for text in texts {
        assert!(holds_for(text, &instance()), "{text}");
        assert!(!holds_for(&format!("not({text})"), &instance()), "not({text})");
    }
}

#[test]
fn the_examples_of_the_developer_guide() {
    all_hold(&[
        "attribute:ecs.instance-type == g2.xlarge",
        "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]",
        "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
        "task:group == service:web",
        "not(task:group == cache)",
        "runningTasksCount == 3",
        "agentVersion < 1.14.6",
        "registeredAt < 2018-07-01",
        "ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']",
    ]);
}

#[test]
fn every_operator_in_both_spellings() {
    all_hold(&[
        "attribute:rack == 12",
        "attribute:rack equals 12",
        "attribute:rack != 13",
        "attribute:rack not_equals 13",
        "attribute:rack > 9",
        "attribute:rack greater_than 9",
        "attribute:rack >= 12",
        "attribute:rack greater_than_equal 12.0",
        "attribute:rack < 100",
        "attribute:rack less_than 100",
        "attribute:rack <= 12",
        "attribute:rack less_than_equal 12",
        "attribute:rack exists",
        "attribute:shelf !exists",
        "attribute:shelf not_exists",
        "attribute:rack in [11,12]",
        "attribute:rack !in[13]",
        "attribute:rack not_in [13]",
        "attribute:rack not in [13]",
        "attribute:shelf not exists",
        "attribute:rack =~ 1[0-9]",
        "attribute:rack matches 1[0-9]",
        "attribute:rack !~ 2.*",
        "attribute:rack not_matches 2.*",
    ]);
}

#[test]
fn words_combine_as_symbols_do() {
    all_hold(&[
        "attribute:rack == 12 && task:group == database",
        "attribute:rack == 12 AND task:group == database",
        "attribute:rack == 0 || task:group == database",
        "attribute:rack == 0 or attribute:rack == 12 and task:group == database",
        "(attribute:rack == 12 or attribute:rack == 0) and !(attribute:rack == 0)",
        "!!(attribute:rack == 12)",
        "not not attribute:rack == 12",
        "attribute:rack==12&&attribute:rack<13||attribute:rack==1",
    ]);
}

#[test]
fn what_is_missing_equals_nothing() {
    all_hold(&[
        "attribute:shelf != 3",
        "attribute:shelf !in [3]",
        "attribute:shelf !~ .*",
        "attribute:ecs.capability.task-eni exists",
        "attribute:ecs.capability.task-eni != x",
    ]);
    let mut bare = instance();
    bare.agent_version = None;
    bare.ec2_instance_id = None;
    bare.tasks_by_group = BTreeMap::new();
    for text in
        ["agentVersion >= 0", "ec2InstanceId =~ .*", "task:group exists", "task:group =~ .*"]
    {
        assert!(!holds_for(text, &bare), "{text}");
    }
    assert!(holds_for("agentVersion != 1.0", &bare));
}

#[test]
fn subjects_compare_in_their_own_way() {
    all_hold(&[
        "agentConnected == true",
        "agentConnected == TRUE",
        "agentConnected in [true, false]",
        "agentConnected != false",
        "agentVersion == 1.14.5.0",
        "agentVersion > 1.9",
        "registeredAt == 2018-06-18T22:28:28",
        "registeredAt >= 2018-06-18",
        "registeredAt < 2018-06-19T00:28:29+02:00",
        "runningTasksCount < 10",
        "task:group in [database, cache]",
        "task:group =~ service:.*",
        "task:group exists",
    ]);
}

#[test]
fn patterns_match_the_whole_value() {
    all_hold(&[
        "attribute:ecs.instance-type !~ g2",
        "attribute:ecs.instance-type =~ [a-g]2.x?large",
        "attribute:ecs.instance-type =~ '(g2|t2)\\..*'",
        "attribute:ecs.instance-type =~ g2*",
        "attribute:ecs.instance-type =~ *large",
        "attribute:ecs.instance-type !~ t2*",
        "attribute:ecs.instance-type !~ g*2",
        "attribute:motto == \"don't panic\"",
        "attribute:motto == 'don\\'t panic'",
    ]);
}

#[test]
fn an_error_points_at_the_character() {
    for (text, position, problem) in [
        ("", 1, "a subject, such as `attribute:NAME`, expected, but the expression ends"),
        ("rack == 12", 1, "`rack` is not a subject"),
        ("attribute: == 12", 1, "`attribute:` needs the name"),
        (
            "attribute:rack",
            15,
            "an operator, such as `==`, `in` or `=~`, expected, but the expression ends",
        ),
        ("attribute:rack = 12", 16, "found `=`"),
        ("attribute:rack ==", 18, "a value expected"),
        ("attribute:rack == 12 13", 22, "`and`, `or` or the end expected, found `1`"),
        ("attribute:rack == 12 and", 25, "a subject"),
        ("(attribute:rack == 12", 22, "`)` expected, but the expression ends"),
        ("attribute:rack == 12)", 21, "found `)`"),
        ("attribute:rack in 12", 19, "a list, such as `[a, b]`, expected, found `1`"),
        ("attribute:rack in []", 20, "a value expected, found `]`"),
        ("attribute:rack in [a b]", 22, "`,` or `]` expected, found `b`"),
        ("attribute:rack == 'é", 19, "the quote ' is never closed"),
        ("attribute:é == 'x' und", 20, "found `u`"),
        ("attribute:rack =~ f(x)", 20, "must be in quotes"),
        ("attribute:rack =~ a[", 19, "`a[` is not a pattern: unclosed character class"),
        ("attribute:rack =~ 'a)|(b'", 19, "is not a pattern"),
        ("attribute:rack =~ '(?=x)'", 19, "look-around"),
        ("attribute:rack =~ '(a{999}){999}'", 19, "too large"),
        ("registeredAt > yesterday", 16, "`yesterday` is not a date"),
        ("registeredAt =~ 2018.*", 14, "`registeredAt` cannot be asked so"),
        ("runningTasksCount > -1", 21, "`-1` is not a number of tasks"),
        ("agentVersion == 1.x", 17, "`1.x` is not a version"),
        ("agentConnected == yes", 19, "neither true nor false"),
        ("agentConnected > true", 16, "cannot be asked so"),
    ] {
        let error = Expression::parse(text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.problem.contains(problem), "{text}: {error}");
    }
}

#[test]
fn too_long_and_too_deep_are_refused() {
    let long = format!("attribute:rack == {}", "é".repeat(2000));
    assert_eq!(Expression::parse(&long).unwrap_err().position, 2001);
    let deep = format!("{}agentConnected exists", "(".repeat(900));
    assert!(Expression::parse(&deep).unwrap_err().problem.contains("deep"));
    let deep = format!("{}agentConnected == true", "!".repeat(900));
    assert!(Expression::parse(&deep).unwrap_err().problem.contains("deep"));
}

#[test]
fn spelling_does_not_matter_to_the_canonical_form() {
    for (text, canonical) in [
        ("attribute:a=='b c'", "attribute:a == 'b c'"),
        ("not(attribute:a equals b)", "attribute:a != b"),
        ("!(attribute:a != b)", "attribute:a == b"),
        ("not(attribute:a > 1)", "not(attribute:a > 1)"),
        (
            "(attribute:a exists)&&(task:group not_in [x ,y]||agentConnected==True)",
            "attribute:a exists and (task:group !in [x, y] or agentConnected == true)",
        ),
        ("registeredAt >= 2018-06-18", "registeredAt >= 2018-06-18T00:00:00Z"),
    ] {
        assert_eq!(Expression::parse(text).unwrap().to_string(), canonical);
    }
}

#[test]
fn an_expression_stands_if_it_asks_only_for_what_an_instance_is() {
    let standing = |text| Expression::parse(text).unwrap().is_standing();
    assert!(standing("attribute:a exists or agentVersion > 1.2 and !(registeredAt < 2020-01-01)"));
    assert!(!standing("attribute:a exists or agentConnected == true"));
    assert!(!standing("not(task:group == a)"));
    assert!(!standing("attribute:a exists and (attribute:b exists or runningTasksCount > 1)"));
}

fn expressions() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-z0-9.-]{1,6}",
        "'[a-zA-Z0-9 ,&|()é\"]{0,6}'",
        r"'[a-z]{0,3}(\\\\|\\'){1,2}'"
    ];
    let test = prop_oneof![
        ("[a-z]{1,4}", "(==|!=|>|<=|=~|!~|equals|not_matches) ", value.clone())
            .prop_map(|(name, operator, value)| format!("attribute:{name} {operator}{value}")),
        ("[a-z]{1,4}", "(!?exists|not_exists)")
            .prop_map(|(name, operator)| format!("attribute:{name} {operator}")),
        (proptest::collection::vec(value, 1..3), "(in|!in|not_in)").prop_map(
            |(values, operator)| format!("task:group {operator} [{}]", values.join(", "))
        ),
        (0..5_u32).prop_map(|count| format!("runningTasksCount >= {count}")),
        (0..5_u32).prop_map(|minor| format!("agentVersion != 1.{minor}")),
    ];
    test.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), "(&&| and |\\|\\|| or )", inner.clone())
                .prop_map(|(left, word, right)| format!("({left}){word}({right})")),
            inner.prop_map(|inner| format!("not({inner})")),
        ]
    })
}

proptest! {
    #[test]
    fn the_canonical_form_parses_to_the_same(text in expressions()) {
        // A drawn pattern may be no pattern, which is refused; everything else must parse.
        if let Ok(expression) = Expression::parse(&text) {
            let canonical = expression.to_string();
            let again = Expression::parse(&canonical).unwrap();
            prop_assert_eq!(&again.root, &expression.root, "{} became {}", text, canonical);
            prop_assert_eq!(&again, &expression);
            prop_assert_eq!(expression.matches(&instance()), again.matches(&instance()));
        } else {
            prop_assert!(text.contains('~') || text.contains("matches") || text.chars().count() > 2000, "{}", text);
        }
    }

    #[test]
    fn no_text_panics(text in "((attribute:|task:group|agentVersion|==|=~|in|\\[|\\]|\\(|\\)|'|!| |and|,|é|[a-z.*]{1,3}){0,20}|.*)") {
        if let Ok(expression) = Expression::parse(&text) {
            expression.matches(&instance());
        }
    }
}
