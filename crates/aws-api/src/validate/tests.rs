use std::collections::BTreeMap;

use super::{Constraint, Offender};
use crate::schema::prelude::{INTEGER, STRING};
use crate::schema::{Kind, Member, Pattern, Shape};
use crate::{Structure, enumeration, structure};

enumeration!(LaunchType: Ec2 "EC2", Fargate "FARGATE");
static LAUNCH_TYPE: Shape = Shape::enumeration("LaunchType", LaunchType::VALUES);

static LETTERS: Pattern = Pattern::new("[a-z]+");
static NAME: Shape = Shape::new("Name", Kind::String).at_least(2).at_most(4).matching(&LETTERS);
static SECRET: Shape = Shape::new("Secret", Kind::String).at_least(3).sensitive();
static PERCENT: Shape = Shape::new("Percent", Kind::Double).at_least(0).at_most(100);
static PORT: Shape = Shape::new("Port", Kind::Integer).at_least(1).at_most(65535);

#[derive(Clone, Default, PartialEq)]
struct Tag {
    key: Option<String>,
    value: Option<String>,
}
static TAG: Shape =
    Shape::structure("Tag", &[Member::new("key", &NAME).required(), Member::new("value", &STRING)]);
structure!(Tag: TAG [0 key, 1 value]);

static TAGS: Shape = Shape::list("Tags", &TAG).at_most(2);
static LABELS: Shape = Shape::map("Labels", &NAME, &PORT);

#[derive(Clone, Default, PartialEq)]
struct Choice {
    left: Option<String>,
    right: Option<i32>,
}
static CHOICE: Shape =
    Shape::union("Choice", &[Member::new("left", &STRING), Member::new("right", &INTEGER)]);
structure!(Choice: CHOICE [0 left, 1 right]);

#[derive(Clone, Default, PartialEq)]
struct Request {
    family: Option<String>,
    launch_type: Option<LaunchType>,
    tags: Option<Vec<Tag>>,
    labels: Option<BTreeMap<String, i32>>,
    secret: Option<String>,
    percent: Option<f64>,
    choice: Option<Choice>,
    inner: Option<Box<Request>>,
}
static REQUEST: Shape = Shape::structure(
    "Request",
    &[
        Member::new("Family", &STRING).required(),
        Member::new("launchType", &LAUNCH_TYPE),
        Member::new("tags", &TAGS),
        Member::new("labels", &LABELS),
        Member::new("secret", &SECRET),
        Member::new("percent", &PERCENT),
        Member::new("choice", &CHOICE),
        Member::new("inner", &REQUEST),
    ],
);
structure!(Request: REQUEST [0 family, 1 launch_type, 2 tags, 3 labels, 4 secret, 5 percent, 6 choice, 7 inner]);

fn valid() -> Request {
    Request { family: Some("web".into()), ..Default::default() }
}

fn message(request: &Request) -> String {
    request.validate().expect_err("the request breaks a constraint").to_string()
}

fn tag(key: &str) -> Tag {
    Tag { key: Some(key.into()), value: None }
}

#[test]
fn a_valid_request_passes() {
    let request = Request {
        launch_type: Some(LaunchType::Fargate),
        tags: Some(vec![tag("ab"), tag("abcd")]),
        labels: Some(BTreeMap::from([("web".into(), 65535)])),
        secret: Some("abc".into()),
        percent: Some(100.0),
        choice: Some(Choice { right: Some(1), ..Default::default() }),
        inner: Some(Box::new(valid())),
        ..valid()
    };
    assert_eq!(request.validate(), Ok(()));
}

#[test]
fn a_missing_member_is_null() {
    assert_eq!(
        message(&Request::default()),
        "1 validation error detected: Value null at 'family' failed to satisfy constraint: \
         Member must not be null"
    );
}

#[test]
fn an_unknown_enum_value_names_the_set() {
    assert_eq!(
        message(&Request { launch_type: Some("x".into()), ..valid() }),
        "1 validation error detected: Value 'x' at 'launchType' failed to satisfy constraint: \
         Member must satisfy enum value set: [EC2, FARGATE]"
    );
}

#[test]
fn several_are_joined_and_counted() {
    let request = Request { tags: Some(vec![tag("ab"), tag("A")]), ..Default::default() };
    assert_eq!(
        message(&request),
        "3 validation errors detected: \
         Value null at 'family' failed to satisfy constraint: Member must not be null; \
         Value 'A' at 'tags.2.member.key' failed to satisfy constraint: \
         Member must have length greater than or equal to 2; \
         Value 'A' at 'tags.2.member.key' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [a-z]+"
    );
}

#[test]
fn patterns_match_the_whole_value() {
    assert!(
        message(&Request { tags: Some(vec![tag("ab1")]), ..valid() }).contains("pattern: [a-z]+")
    );
}

#[test]
fn length_counts_characters_not_bytes() {
    let request = Request { tags: Some(vec![tag("ééééé")]), ..valid() };
    let violations = request.validate().expect_err("five characters, and none of them a to z");
    let constraints: Vec<_> = violations.iter().map(|violation| &violation.constraint).collect();
    assert_eq!(constraints, [&Constraint::MaxLength(4), &Constraint::Pattern("[a-z]+")]);
    let four = Request { tags: Some(vec![tag("éééé")]), ..valid() };
    assert!(!message(&four).contains("length"));
}

#[test]
fn a_long_list_is_printed_the_java_way() {
    assert_eq!(
        message(&Request { tags: Some(vec![tag("ab"), tag("cd"), tag("ef")]), ..valid() }),
        "1 validation error detected: Value '[Tag(key=ab), Tag(key=cd), Tag(key=ef)]' at 'tags' \
         failed to satisfy constraint: Member must have length less than or equal to 2"
    );
}

#[test]
fn map_keys_and_values_are_checked() {
    let labels = BTreeMap::from([("x".into(), 0)]);
    let text = message(&Request { labels: Some(labels), ..valid() });
    assert!(text.contains("Value 'x' at 'labels.x.member' failed to satisfy constraint: Member must have length greater than or equal to 2"), "{text}");
    assert!(text.contains("Value '0' at 'labels.x.member' failed to satisfy constraint: Member must have value greater than or equal to 1"), "{text}");
}

#[test]
fn a_sensitive_value_is_not_repeated() {
    let request = Request { secret: Some("pw".into()), ..valid() };
    assert_eq!(
        message(&request),
        "1 validation error detected: Value at 'secret' failed to satisfy constraint: \
         Member must have length greater than or equal to 3"
    );
    assert!(!format!("{request:?}").contains("pw"));
}

#[test]
fn reals_are_compared_as_reals() {
    assert!(message(&Request { percent: Some(100.5), ..valid() }).contains("'100.5' at 'percent'"));
    assert!(
        message(&Request { percent: Some(f64::NAN), ..valid() }).starts_with("2 validation errors")
    );
}

#[test]
fn a_union_has_exactly_one_member() {
    let both = Choice { left: Some("l".into()), right: Some(1) };
    for (choice, shown) in [(Choice::default(), "Choice()"), (both, "Choice(left=l, right=1)")] {
        let violations =
            Request { choice: Some(choice), ..valid() }.validate().expect_err("not one");
        let violation = violations.iter().next().expect("violations are never empty");
        assert_eq!(violation.constraint, Constraint::ExactlyOneMember);
        assert_eq!(violation.value, Offender::Shown(shown.into()));
    }
}

#[test]
fn recursion_is_followed() {
    let request = Request { inner: Some(Box::default()), ..valid() };
    assert!(message(&request).contains("Value null at 'inner.family'"));
}

#[test]
fn at_most_ten_are_reported() {
    let tags = vec![Tag::default(); 30];
    assert!(
        message(&Request { tags: Some(tags), ..valid() })
            .starts_with("10 validation errors detected: ")
    );
}

#[test]
fn a_huge_value_is_cut_short() {
    let text = message(&Request { tags: Some(vec![tag(&"é".repeat(1 << 20))]), ..valid() });
    assert!(text.len() < 8192, "{} bytes", text.len());
    assert!(text.contains("é...'"));
}
