//! Key policies on their way in.

use berth_aws_api::kms as api;
use berth_control::pipeline::Call;
use berth_iam_policy::{Attached, Nothing, Policies, Principal, Request, ResourceSide, decide};

use crate::service::Secrets;
use crate::tables::PolicyText;

/// AWS: the one policy of a key.
pub const NAME: &str = "default";
/// AWS: in bytes.
const LONGEST: usize = 32 * 1024;

/// A sound policy, which the caller can put right again unless it waives that; as it is kept, with the ids of those whom it
/// names.
pub fn checked(
    secrets: &Secrets,
    call: &Call,
    text: &str,
    bypass: bool,
) -> Result<PolicyText, api::Error> {
    if text.len() > LONGEST {
        return Err(api::Error::limit_exceeded(format!(
            "A key policy can have {LONGEST} bytes at most."
        )));
    }
    let policy = PolicyText::new(text);
    if let Err(malformed) = policy.document() {
        return Err(api::Error::malformed_policy_document(malformed.to_string()));
    }
    if !bypass && !keeps_the_door_open(call, &policy) {
        return Err(api::Error::malformed_policy_document(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    let bound = secrets.principals.bound(&call.scope, text).map_err(|nobody| {
        api::Error::malformed_policy_document(format!(
            "Policy contains a statement with one or more invalid principals: {nobody}."
        ))
    });
    Ok(PolicyText::new(&bound?))
}

/// Whether the account, by its own policies, or the caller may still change the policy.
fn keeps_the_door_open(call: &Call, policy: &PolicyText) -> bool {
    let Ok(document) = policy.document() else { return false };
    let account = call.scope.account;
    let root = format!("arn:{}:iam::{account}:root", call.scope.partition);
    let resource = ResourceSide {
        owner: account,
        policy: Some(Attached::new("key policy", document)),
        must_allow: true,
    };
    let policies = Policies { resource: Some(resource), ..Policies::default() };
    let request = Request {
        principal: Principal::Root { arn: &root, account },
        action: "kms:PutKeyPolicy",
        resource: None,
        context: &Nothing,
    };
    decide(&policies, &request).is_allowed()
}

/// AWS: there is one policy, of one name.
pub fn check_name(name: &Option<String>) -> Result<(), api::Error> {
    match name.as_deref() {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(api::Error::not_found("No such policy exists")),
    }
}
