//! A small world in which random policies and random requests often meet.

use berth_iam_policy::{Keys, Principal};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

pub const USER: &str = "arn:aws:iam::111122223333:user/ann";
pub const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/web/one";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/web";

const ACTIONS: [&str; 5] =
    ["ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", "iam:PassRole", "s3:GetObject"];

const ACTION_PATTERNS: [&str; 12] = [
    "*",
    "ecs:*",
    "ecs:*Task",
    "ECS:run*",
    "ecs:RunTask",
    "ecs:?escribe*s",
    "iam:*",
    "iam:PassRole",
    "s3:Get*",
    "s3:getobject",
    "ecs:*a*",
    "sqs:*",
];

const RESOURCES: [&str; 5] = [
    "arn:aws:ecs:us-east-1:111122223333:cluster/blue",
    "arn:aws:ecs:us-east-1:111122223333:task/blue/1",
    "arn:aws:ecs:eu-west-1:444455556666:task/red/1",
    "arn:aws:iam::111122223333:role/web",
    "arn:aws:s3:::b/ann",
];

const RESOURCE_PATTERNS: [&str; 9] = [
    "*",
    "arn:aws:ecs:us-east-1:111122223333:cluster/blue",
    "arn:aws:ecs:*:111122223333:*",
    "arn:aws:ecs:*:*:task/b*/?",
    "arn:aws:ecs:us-*-1:*:*/*",
    "arn:*:ecs:??-west-1:444455556666:task/red/*",
    "arn:aws:iam::*:role/*",
    "arn:aws:s3:::b/ann",
    "arn:aws:s3:::*/a?n",
];

/// Operators, a key, and values that a policy may compare it with.
const TESTS: [(&[&str], &str, &[&str]); 8] = [
    (
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotEqualsIfExists",
            "StringLikeIfExists",
            "StringNotLikeIfExists",
        ],
        "ecs:Owner",
        &["blue", "BLUE", "red", "b*", "?lue", "*"],
    ),
    (
        &[
            "ForAllValues:StringEquals",
            "ForAllValues:StringLike",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringEquals",
            "ForAnyValue:StringLike",
            "ForAnyValue:StringNotEquals",
        ],
        "aws:TagKeys",
        &["blue", "red", "b*", "*"],
    ),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ],
        "s3:max-keys",
        &["1", "10", "10.5"],
    ),
    (
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "DateGreaterThanIfExists",
        ],
        "aws:CurrentTime",
        &["2020-01-01T00:00:00Z", "1577836800", "2021-01-01T00:00:00Z"],
    ),
    (&["Bool", "BoolIfExists"], "aws:SecureTransport", &["true", "false"]),
    (
        &["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"],
        "aws:SourceIp",
        &["203.0.113.0/24", "203.0.113.7", "2001:db8::/32"],
    ),
    (&["Null"], "ecs:owner", &["true"]),
    (&["Null"], "AWS:tagkeys", &["false"]),
];

fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(texts, 1..=texts.len().min(3))
}

fn condition() -> impl Strategy<Value = Value> {
    select(&TESTS[..]).prop_flat_map(|(operators, key, values)| {
        (select(operators), some_of(values))
            .prop_map(move |(operator, values)| json!({ operator: { key: values } }))
    })
}

/// A statement of an identity's policy.
pub fn statement() -> impl Strategy<Value = Value> {
    (
        select(vec!["Allow", "Allow", "Deny"]),
        (prop::bool::weighted(0.2), some_of(&ACTION_PATTERNS)),
        (prop::bool::weighted(0.2), some_of(&RESOURCE_PATTERNS)),
        prop::option::weighted(0.5, condition()),
    )
        .prop_map(|(effect, (not_actions, actions), (not_resources, resources), condition)| {
            let action = if not_actions { "NotAction" } else { "Action" };
            let resource = if not_resources { "NotResource" } else { "Resource" };
            let mut statement = json!({"Effect": effect, action: actions, resource: resources});
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        })
}

pub fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(), 1..5)
}

/// What a statement of a resource's policy has besides.
pub fn principal() -> impl Strategy<Value = Value> {
    select(vec![
        json!("*"),
        json!({"AWS": USER}),
        json!({"AWS": [ROLE, SESSION]}),
        json!({"AWS": "111122223333"}),
        json!({"AWS": "444455556666", "Service": "ecs.amazonaws.com"}),
    ])
}

pub fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// What is asked: an action, a resource, and what is known besides.
#[derive(Debug, Clone)]
pub struct Asked {
    pub action: &'static str,
    pub resource: &'static str,
    pub owner: Option<&'static str>,
    pub tag_keys: Option<Vec<&'static str>>,
    pub max_keys: Option<&'static str>,
    pub now: Option<&'static str>,
    pub secure: Option<bool>,
    pub address: Option<&'static str>,
}

pub fn asked() -> impl Strategy<Value = Asked> {
    let maybe = |texts: &'static [&'static str]| prop::option::weighted(0.7, select(texts));
    (
        select(&ACTIONS[..]),
        select(&RESOURCES[..]),
        maybe(&["blue", "Blue", "red", "b*"]),
        prop::option::weighted(0.7, some_of(&["blue", "red", "bold"])),
        maybe(&["1", "10", "11"]),
        maybe(&["2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z"]),
        prop::option::weighted(0.7, any::<bool>()),
        maybe(&["203.0.113.7", "198.51.100.1", "2001:db8::1"]),
    )
        .prop_map(|(action, resource, owner, tag_keys, max_keys, now, secure, address)| {
            Asked { action, resource, owner, tag_keys, max_keys, now, secure, address }
        })
}

impl Asked {
    pub fn keys(&self) -> Keys {
        let mut keys = Keys::new();
        let texts = [
            ("ecs:owner", self.owner),
            ("s3:max-keys", self.max_keys),
            ("aws:CurrentTime", self.now),
            ("aws:SourceIp", self.address),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                keys.insert(key, text);
            }
        }
        if let Some(secure) = self.secure {
            keys.insert("aws:SecureTransport", berth_iam_policy::Value::Bool(secure));
        }
        match &self.tag_keys {
            None => keys,
            Some(texts) => keys.with_many("aws:TagKeys", texts.iter().copied()),
        }
    }

    /// What may be known before the request is there.
    pub fn some_keys(&self) -> Keys {
        Asked { tag_keys: None, max_keys: None, now: None, address: None, ..self.clone() }.keys()
    }
}

pub fn user() -> Principal<'static> {
    let account = "111122223333".parse().expect("it has twelve digits");
    Principal::User { arn: USER, id: "AIDAEXAMPLEEXAMPLE1", account }
}

pub fn session() -> Principal<'static> {
    let account = "111122223333".parse().expect("it has twelve digits");
    Principal::Session { arn: SESSION, role_arn: ROLE, role_id: "AROAEXAMPLEEXAMPLE1", account }
}
