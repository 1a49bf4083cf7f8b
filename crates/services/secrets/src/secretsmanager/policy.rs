//! Policies of secrets: what they may say, and whether they let everybody in. What calls want is handed on with them
//! (`access/secretsmanager.rs`), to whoever decides.

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::Call;
use serde_json::Value;

use super::refusals::invalid;
use crate::service::Secrets;
use crate::tables::PolicyText;

/// AWS: the one policy that a secret's owner writes.
pub const DEFAULT: &str = "default";

/// A policy as it is kept: those whom it names must be there, and are kept by their ids.
pub fn bound(
    secrets: &Secrets,
    call: &Call,
    policy: &PolicyText,
) -> Result<PolicyText, api::Error> {
    let bound = secrets.principals.bound(&call.scope, policy.as_str());
    let bound = bound.map_err(|nobody| {
        api::Error::malformed_policy_document(format!(
            "This resource policy contains an unsupported principal: {nobody}."
        ))
    });
    Ok(PolicyText::new(&bound?))
}

pub fn parse(text: Option<String>) -> Result<PolicyText, api::Error> {
    let policy = PolicyText::new(&text.unwrap_or_default());
    policy.document().map_err(|malformed| {
        api::Error::malformed_policy_document(format!(
            "This resource policy contains a syntax error: {malformed}"
        ))
    })?;
    Ok(policy)
}

/// AWS: a secret has the one policy that is its owner's; others are services' own.
pub fn check_name(name: Option<&str>) -> Result<(), api::Error> {
    match name.is_none_or(|name| name == DEFAULT) {
        true => Ok(()),
        false => Err(invalid("You can modify only the policy named default.")),
    }
}

/// Conditions that keep out whoever is not meant, if they say whom they mean.
///
/// AWS: what its analysis of policies takes for narrow enough.
const NARROWING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
];

/// Whether it lets in everybody: an allowing statement about every principal that no condition narrows.
///
/// DEVIATES: whether a secret's policy is public (`BlockPublicPolicy`), AWS proves by reasoning over all requests; here
/// its principals and the keys of its conditions are looked at.
pub fn is_public(policy: &PolicyText) -> bool {
    let Ok(Value::Object(document)) = serde_json::from_str(policy.as_str()) else { return false };
    let is_public = |statement: &Value| {
        statement["Effect"] == "Allow"
            && (names_everybody(&statement["Principal"]) || !statement["NotPrincipal"].is_null())
            && !is_narrowed(&statement["Condition"])
    };
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(is_public),
        Some(statement) => is_public(statement),
        None => false,
    }
}

fn names_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Array(several) => several.iter().any(names_everybody),
        Value::Object(kinds) => kinds.get("AWS").is_some_and(names_everybody),
        _ => false,
    }
}

fn is_narrowed(conditions: &Value) -> bool {
    let Value::Object(operators) = conditions else { return false };
    let narrows = |(key, value): (&String, &Value)| {
        NARROWING.contains(&key.to_ascii_lowercase().as_str()) && !says_anything(value)
    };
    operators.iter().any(|(operator, keys)| {
        let is_positive =
            !operator.contains("Not") && !operator.ends_with("IfExists") && operator != "Null";
        is_positive && keys.as_object().is_some_and(|keys| keys.iter().any(narrows))
    })
}

fn says_anything(value: &Value) -> bool {
    match value {
        Value::String(text) => matches!(text.as_str(), "*" | "0.0.0.0/0" | "::/0"),
        Value::Array(several) => several.iter().any(says_anything),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(statement: &str) -> bool {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let policy = PolicyText::new(&text);
        assert!(policy.document().is_ok(), "{:?}", policy.document());
        is_public(&policy)
    }

    fn allowing(principal: &str, condition: &str) -> bool {
        public(&format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"{condition}}}"#
        ))
    }

    #[test]
    fn whoever_names_everybody_is_public_unless_a_condition_says_who() {
        assert!(allowing(r#""*""#, ""));
        assert!(allowing(r#"{"AWS":["*"]}"#, ""));
        assert!(allowing(
            r#"{"AWS":"*"}"#,
            r#","Condition":{"StringNotEquals":{"aws:SourceAccount":"1"}}"#
        ));
        assert!(allowing(r#""*""#, r#","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
        assert!(allowing(r#""*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#));
        assert!(!allowing(
            r#""*""#,
            r#","Condition":{"StringEquals":{"AWS:PrincipalOrgID":"o-1"}}"#
        ));
        assert!(!allowing(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, ""));
        assert!(!public(
            r#"{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"}"#
        ));
    }
}
