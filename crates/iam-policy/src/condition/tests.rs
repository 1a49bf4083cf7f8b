use super::{Condition, Operator};
use crate::context::{Keys, Value, Values};
use crate::document::Version;
use berth_model::Timestamp;

fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
    let operator = Operator::parse(operator).unwrap_or_else(|| panic!("no operator {operator}"));
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Condition::compile(operator, key, values, Version::V2012_10_17).unwrap()
}

/// An operator, two values of a policy, and what the request has: once what they mean, once something else.
const SAMPLES: [(&str, [&str; 2], &str, &str); 26] = [
    ("StringEquals", ["blue", "re*"], "blue", "red"),
    ("StringNotEquals", ["blue", "re*"], "blue", "red"),
    ("StringEqualsIgnoreCase", ["Blue", "STRASSE"], "bLUE", "blues"),
    ("StringNotEqualsIgnoreCase", ["Blue", "ÄRGER"], "ärger", "arger"),
    ("StringLike", ["b*e", "r?d"], "red", "Red"),
    ("StringNotLike", ["b*e", "r?d"], "blue", "reed"),
    ("NumericEquals", ["10", "0.50"], "0.5", "ten"),
    ("NumericNotEquals", ["10", "0.50"], "10.0", "11"),
    ("NumericLessThan", ["10", "5"], "9.99", "10"),
    ("NumericLessThanEquals", ["10", "5"], "10", "10.01"),
    ("NumericGreaterThan", ["-1", "5"], "0", "-1"),
    ("NumericGreaterThanEquals", ["-1", "5"], "-1", "-1.5"),
    ("DateEquals", ["2020-01-01T00:00:01Z", "0"], "1577836801", "2020-01-01T00:00:02Z"),
    ("DateNotEquals", ["2020-01-01T00:00:01Z", "0"], "1970-01-01", "2020-01-01T00:00:02Z"),
    ("DateLessThan", ["2020-01-01", "0"], "2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z"),
    ("DateLessThanEquals", ["2020-01-01", "0"], "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z"),
    ("DateGreaterThan", ["2020-01-01", "2030-01-01"], "2020-01-02", "2020-01-01"),
    ("DateGreaterThanEquals", ["2020-01-01", "2030-01-01"], "2020-01-01", "2019-12-31"),
    ("Bool", ["true", "TRUE"], "True", "false"),
    ("BinaryEquals", ["QmluYXJ5", "AA=="], "Binary", "QmluYXJ5"),
    ("IpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", "203.0.114.1"),
    ("NotIpAddress", ["203.0.113.0/24", "2001:db8::/32"], "203.0.113.1", "nowhere"),
    (
        "ArnEquals",
        ["arn:aws:ecs:*:1:cluster/*", "*:x"],
        "arn:aws:ecs:r:1:cluster/a/b",
        "arn:aws:ecs:r:2:cluster/a",
    ),
    (
        "ArnLike",
        ["arn:aws:ecs:*:1:cluster/*", "*:x"],
        "arn:aws:ecs:r:1:cluster/a/b",
        "arn:aws:ecs:r:s:1:cluster/a",
    ),
    ("ArnNotEquals", ["arn:aws:ecs:*:1:cluster/*", "*:x"], "arn:aws:ecs:r:1:cluster/a", "a"),
    (
        "ArnNotLike",
        ["arn:aws:ecs:*:1:cluster/*", "*:x"],
        "arn:aws:ecs:r:1:cluster/a",
        "arn:aws:ecs:r",
    ),
];

/// What each form of an operator says of a key without a value, and of those that a request may have.
const FORMS: &str = "
    form                      none  meant  other  both meant  meant and other  both other
    *                         no    yes    no     yes         yes              no
    *IfExists                 yes   yes    no     yes         yes              no
    ForAllValues:*            yes   yes    no     yes         no               no
    ForAllValues:*IfExists    yes   yes    no     yes         no               no
    ForAnyValue:*             no    yes    no     yes         yes              no
    ForAnyValue:*IfExists     yes   yes    no     yes         yes              no
    negated *                         yes   no     yes    no          no               yes
    negated *IfExists                 yes   no     yes    no          no               yes
    negated ForAllValues:*            yes   no     yes    no          no               yes
    negated ForAllValues:*IfExists    yes   no     yes    no          no               yes
    negated ForAnyValue:*             no    no     yes    no          yes              yes
    negated ForAnyValue:*IfExists     yes   no     yes    no          yes              yes
";

#[test]
fn every_form_of_every_operator_holds_when_it_should() {
    let mut asked = 0;
    for line in FORMS.trim().lines().skip(1) {
        let (negated, line) = match line.trim().strip_prefix("negated ") {
            Some(rest) => (true, rest),
            None => (false, line.trim()),
        };
        let mut words = line.split_whitespace();
        let form = words.next().unwrap();
        let expected: Vec<&str> = words.collect();
        for (operator, values, meant, other) in SAMPLES {
            if Operator::parse(operator).unwrap().negated != negated {
                continue;
            }
            let condition = condition(&form.replace('*', operator), "ecs:Key", &values);
            let contexts: [&[&str]; 6] =
                [&[], &[meant], &[other], &[meant, meant], &[meant, other], &[other, other]];
            for (values, expected) in contexts.into_iter().zip(&expected) {
                let keys = match values {
                    [] => Keys::new(),
                    [one] => Keys::new().with("ecs:key", *one),
                    several => Keys::new().with_many("ecs:key", several.iter().copied()),
                };
                let holds = if condition.holds(&keys) { "yes" } else { "no" };
                assert_eq!(holds, *expected, "{form} of {operator} with {values:?}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 26 * 6 * 6);
}

#[test]
fn null_asks_whether_there_is_a_value() {
    let there = Keys::new().with("ecs:key", "x");
    let empty = Keys::new().with("ecs:key", Values::Many(Vec::new()));
    let table = [("true", false, true), ("false", true, false), ("FALSE", true, false)];
    for (operand, with_value, without) in table {
        let condition = condition("Null", "ecs:Key", &[operand]);
        assert_eq!(condition.holds(&there), with_value, "{operand}");
        assert_eq!(condition.holds(&Keys::new()), without, "{operand}");
        assert_eq!(condition.holds(&empty), without, "{operand}");
    }
}

#[test]
fn an_empty_text_is_no_value_to_the_set_operators() {
    let empty = Keys::new().with("ecs:key", "");
    assert!(condition("ForAllValues:StringEquals", "ecs:key", &["a"]).holds(&empty));
    assert!(!condition("ForAnyValue:StringEquals", "ecs:key", &[""]).holds(&empty));
    assert!(condition("StringEquals", "ecs:key", &[""]).holds(&empty));
}

#[test]
fn values_are_compared_as_what_they_are() {
    let keys = Keys::new()
        .with("aws:SecureTransport", Value::Bool(true))
        .with("aws:CurrentTime", Value::Instant(Timestamp::from_millis(1_577_836_801_000)))
        .with("aws:EpochTime", Value::Integer(1_577_836_801))
        .with("aws:SourceIp", Value::Address("203.0.113.7".parse().unwrap()))
        .with("kms:Blob", Value::Binary(b"Binary".to_vec().into()));
    let table = [
        ("Bool", "aws:SecureTransport", "true", true),
        ("StringEquals", "aws:SecureTransport", "true", true),
        ("NumericEquals", "aws:SecureTransport", "1", false),
        ("DateEquals", "aws:CurrentTime", "1577836801", true),
        ("StringEquals", "aws:CurrentTime", "2020-01-01T00:00:01Z", true),
        ("DateEquals", "aws:EpochTime", "2020-01-01T00:00:01Z", true),
        ("NumericEquals", "aws:EpochTime", "1577836801.0", true),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", true),
        ("StringLike", "aws:SourceIp", "203.*", true),
        ("BinaryEquals", "kms:Blob", "QmluYXJ5", true),
        ("StringEquals", "kms:Blob", "QmluYXJ5", true),
        ("IpAddress", "kms:Blob", "0.0.0.0/0", false),
        ("DateLessThan", "kms:Blob", "2030-01-01", false),
    ];
    for (operator, key, operand, expected) in table {
        let holds = condition(operator, key, &[operand]).holds(&keys);
        assert_eq!(holds, expected, "{operator} {key} {operand}");
    }
}

#[test]
fn a_variable_without_a_value_is_like_nothing() {
    let keys = Keys::new().with("ecs:owner", "ann").with("aws:username", "ann");
    let table = [
        ("StringEquals", "${aws:username}", true),
        ("StringEquals", "${aws:userid}", false),
        ("StringNotEquals", "${aws:userid}", true),
        ("StringEqualsIgnoreCase", "${aws:username}", true),
        ("StringNotEqualsIgnoreCase", "${aws:userid}", true),
        ("StringLike", "*${aws:userid}*", false),
        ("StringEquals", "${aws:userid, 'ann'}", true),
    ];
    for (operator, operand, expected) in table {
        let holds = condition(operator, "ecs:owner", &[operand]).holds(&keys);
        assert_eq!(holds, expected, "{operator} {operand}");
    }
    let yes = Keys::new().with("ecs:flag", Value::Bool(true)).with("aws:flag", "TRUE");
    assert!(condition("Bool", "ecs:flag", &["${aws:flag}"]).holds(&yes));
}

#[test]
fn a_value_that_the_operator_cannot_read_is_refused() {
    let table = [
        ("NumericEquals", "ten", "`ten` of NumericEquals is not a number"),
        (
            "DateLessThanIfExists",
            "soon",
            "`soon` of DateLessThanIfExists is not a date of ISO 8601 or seconds since 1970",
        ),
        ("Bool", "maybe", "`maybe` of Bool is not true or false"),
        ("Null", "", "`` of Null is not true or false"),
        ("BinaryEquals", "é", "`é` of BinaryEquals is not base64"),
        ("IpAddress", "1.2.3", "`1.2.3` of IpAddress is not an address or a CIDR block"),
    ];
    for (operator, operand, detail) in table {
        let operator = Operator::parse(operator).unwrap();
        let values = vec![operand.to_owned()];
        let refused =
            Condition::compile(operator, "a:b", values, Version::V2012_10_17).unwrap_err();
        assert_eq!(refused.to_string(), format!("The policy failed legacy parsing ({detail})"));
    }
    let operator = Operator::parse("Bool").unwrap();
    let refused =
        Condition::compile(operator, "key", vec!["true".into()], Version::V2012_10_17).unwrap_err();
    assert!(refused.to_string().starts_with("Actions/Conditions must be prefaced by a vendor"));
}
