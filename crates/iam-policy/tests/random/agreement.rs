//! What the crate iam-rs makes of the same policies.
//!
//! It knows identity-based policies in one account, and no boundaries or sessions. Where it differs from
//! what AWS documents, [`WRONG`] says so, and random policies keep out of those corners.

use berth_iam_policy::{Attached, Decision, Document, Keys, Kind, Policies, Request, decide};
use iam_rs::{
    Arn, Context, ContextValue, Decision as Theirs, EvaluationError, IAMPolicy, IAMRequest,
    PrincipalId, evaluate_policies,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::vocabulary::{Asked, USER, asked, policy, statements, user};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allow,
    Deny,
    Neither,
}

fn ours(texts: &[String], action: &str, resource: &str, keys: &Keys) -> Verdict {
    let documents = texts.iter().map(|text| Document::parse(text, Kind::Identity).unwrap());
    let documents: Vec<_> = documents.collect();
    let identity: Vec<_> = documents.iter().map(|one| Attached::new("policy", one)).collect();
    let policies = Policies { identity: &identity, ..Policies::default() };
    let request = Request { principal: user(), action, resource: Some(resource), context: keys };
    match decide(&policies, &request) {
        Decision::Allowed(_) => Verdict::Allow,
        Decision::ExplicitDeny(_) => Verdict::Deny,
        Decision::ImplicitDeny(_) => Verdict::Neither,
    }
}

fn theirs(
    texts: &[String],
    action: &str,
    resource: &str,
    context: Context,
) -> Result<Verdict, EvaluationError> {
    let policies: Vec<_> = texts.iter().map(|text| IAMPolicy::from_json(text).unwrap()).collect();
    let principal = iam_rs::Principal::Aws(PrincipalId::String(USER.to_owned()));
    let resource = Arn::parse(resource).unwrap();
    let request = IAMRequest::new_with_context(principal, action, resource, context);
    Ok(match evaluate_policies(&policies, &request)? {
        Theirs::Allow => Verdict::Allow,
        Theirs::Deny => Verdict::Deny,
        Theirs::NotApplicable => Verdict::Neither,
    })
}

fn their_context(asked: &Asked) -> Context {
    let mut context = Context::new();
    let texts = [
        ("ecs:owner", asked.owner),
        ("s3:max-keys", asked.max_keys),
        ("aws:CurrentTime", asked.now),
        ("aws:SourceIp", asked.address),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            context = context.with_string(key, text);
        }
    }
    if let Some(secure) = asked.secure {
        context = context.with_boolean("aws:SecureTransport", secure);
    }
    if let Some(texts) = &asked.tag_keys {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        context.insert("aws:TagKeys".to_owned(), ContextValue::StringList(texts));
    }
    context
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn random_policies_of_identities_decide_alike(
        policies in prop::collection::vec(statements(), 1..4),
        asked in asked(),
    ) {
        let texts: Vec<String> = policies.iter().map(|one: &Vec<Value>| policy(one)).collect();
        let our_verdict = ours(&texts, asked.action, asked.resource, &asked.keys());
        let their_verdict = theirs(&texts, asked.action, asked.resource, their_context(&asked));
        prop_assert_eq!(Ok(our_verdict), their_verdict);
    }
}

/// A corner where AWS documents something else.
struct Wrong {
    why: &'static str,
    /// The pattern that is to match the task `blue/1`.
    resource: &'static str,
    condition: &'static str,
    known: &'static [(&'static str, &'static str)],
    /// By AWS.
    allowed: bool,
}

const WRONG: [Wrong; 7] = [
    Wrong {
        why: "a `*` at the end of a part reaches beyond its colon",
        resource: "arn:aws:ecs:us-*:task/blue/1",
        condition: "{}",
        known: &[],
        allowed: true,
    },
    Wrong {
        why: "what a variable stands for has no wildcards",
        resource: "arn:aws:ecs:us-east-1:111122223333:task/${aws:username}/1",
        condition: "{}",
        known: &[("aws:username", "b*")],
        allowed: false,
    },
    Wrong {
        why: "a variable without a value matches nothing",
        resource: "arn:aws:ecs:us-east-1:111122223333:task/blue/1${aws:username}",
        condition: "{}",
        known: &[],
        allowed: false,
    },
    Wrong {
        why: "values of conditions have variables, too",
        resource: "*",
        condition: r#"{"StringEquals": {"ecs:owner": "${aws:username}"}}"#,
        known: &[("aws:username", "ann"), ("ecs:owner", "ann")],
        allowed: true,
    },
    Wrong {
        why: "ArnEquals is ArnLike",
        resource: "*",
        condition: r#"{"ArnEquals": {"ecs:cluster": "arn:aws:ecs:*:111122223333:cluster/*"}}"#,
        known: &[("ecs:cluster", "arn:aws:ecs:us-east-1:111122223333:cluster/blue")],
        allowed: true,
    },
    Wrong {
        why: "ArnLike compares part by part",
        resource: "*",
        condition: r#"{"ArnLike": {"ecs:cluster": "arn:aws:ecs:*:111122223333:cluster/*"}}"#,
        known: &[("ecs:cluster", "arn:aws:ecs:r:444455556666:x:111122223333:cluster/blue")],
        allowed: false,
    },
    Wrong {
        why: "an empty text is no value to the set operators",
        resource: "*",
        condition: r#"{"ForAllValues:StringEquals": {"aws:TagKeys": "blue"}}"#,
        known: &[("aws:TagKeys", "")],
        allowed: true,
    },
];

#[test]
fn where_the_other_one_is_wrong_we_follow_aws() {
    for Wrong { why, resource, condition, known, allowed } in WRONG {
        let texts = [format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"ecs:StopTask",
                "Resource":"{resource}","Condition":{condition}}}]}}"#
        )];
        let task = "arn:aws:ecs:us-east-1:111122223333:task/blue/1";
        let (mut keys, mut context) = (Keys::new(), Context::new());
        for (key, text) in known {
            keys.insert(key, *text);
            context = context.with_string(*key, *text);
        }
        let expected = if allowed { Verdict::Allow } else { Verdict::Neither };
        assert_eq!(ours(&texts, "ecs:StopTask", task, &keys), expected, "{why}");
        let their_verdict = theirs(&texts, "ecs:StopTask", task, context);
        assert_ne!(their_verdict, Ok(expected), "{why}: they have learnt it");
    }
}
