//! Policies: whatever is parsed is rendered and parsed again, and decides about a request.
//!
//! The first line is the request (action, resource, a value for every key), the rest is the policy.
#![no_main]

use berth_iam_policy::{
    Attached, Context, Document, Kind, Policies, Principal, Request, ResourceSide, Value, Values,
    decide, simulate,
};
use libfuzzer_sys::fuzz_target;

/// Every key has the same value, and those of tags several times.
struct Everywhere<'a>(&'a str);

impl Context for Everywhere<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:userid" => None,
            "aws:tagkeys" => Some(Values::Many(vec![Value::text(self.0), Value::text("blue")])),
            _ => Some(Values::One(Value::text(self.0))),
        }
    }
}

fuzz_target!(|text: &str| {
    let Some((request, policy)) = text.split_once('\n') else { return };
    let mut words = request.split(' ');
    let (action, resource, value) = (words.next(), words.next(), words.next());
    let account = "111122223333".parse().expect("it has twelve digits");
    let request = Request {
        principal: Principal::User {
            arn: "arn:aws:iam::111122223333:user/ann",
            id: "AIDAEXAMPLEEXAMPLE1",
            account,
        },
        action: action.unwrap_or_default(),
        resource,
        context: &Everywhere(value.unwrap_or_default()),
    };
    for kind in [Kind::Identity, Kind::Resource, Kind::Trust] {
        let Ok(document) = Document::parse(policy, kind) else { continue };
        let again = Document::parse(&document.to_string(), kind);
        assert_eq!(again.as_ref(), Ok(&document), "rendered as {document}");
        let attached = [Attached::new("policy", &document)];
        let policies = match kind {
            Kind::Identity => Policies { identity: &attached, ..Policies::default() },
            _ => Policies {
                resource: Some(ResourceSide {
                    owner: account,
                    policy: Some(attached[0]),
                    must_allow: true,
                }),
                ..Policies::default()
            },
        };
        let decision = decide(&policies, &request);
        assert_eq!(simulate(&policies, &request).decision, decision);
        assert_eq!(decision.is_allowed(), decision.denial(&request).is_none());
    }
});
