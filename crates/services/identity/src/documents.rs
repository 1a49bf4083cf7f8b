//! Policies on their way in: what is refused before anything is kept, and in which words. And on their way out.

use berth_aws_api::iam as api;
use berth_iam_policy::Document;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::entity::exceeded;
use crate::tables::PolicyText;

/// AWS: characters of a managed policy, without white space.
pub const LONGEST_MANAGED: usize = 6144;
/// AWS: and of a trust policy, by default.
pub const LONGEST_TRUST: usize = 2048;

/// An inline policy. How long all of a holder's may be, the holder knows.
pub fn inline(text: Option<String>) -> Result<PolicyText, api::Error> {
    let policy = PolicyText::new(&text.unwrap_or_default());
    policy.as_permissions().map_err(|refused| malformed(refused.to_string()))?;
    Ok(policy)
}

pub fn managed(text: Option<String>) -> Result<PolicyText, api::Error> {
    let policy = inline(text)?;
    if let Ok(document) = policy.as_permissions() {
        document.check_managed().map_err(|refused| malformed(refused.to_string()))?;
    }
    match size(policy.as_str()) > LONGEST_MANAGED {
        true => Err(exceeded("PolicySize", LONGEST_MANAGED)),
        false => Ok(policy),
    }
}

pub fn trust(text: Option<String>) -> Result<PolicyText, api::Error> {
    let policy = PolicyText::new(&text.unwrap_or_default());
    policy.as_trust().map_err(|refused| malformed(refused.to_string()))?;
    match size(policy.as_str()) > LONGEST_TRUST {
        true => Err(exceeded("ACLSizePerRole", LONGEST_TRUST)),
        false => Ok(policy),
    }
}

/// As limits count.
pub fn size(text: &str) -> usize {
    Document::size(text)
}

pub fn malformed(message: impl Into<String>) -> api::Error {
    api::Error::malformed_policy_document(message)
}

/// RFC 3986's unreserved characters stand for themselves.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// AWS: policies are shown URL-encoded.
pub fn render(policy: &PolicyText) -> String {
    utf8_percent_encode(policy.as_str(), &RESERVED).to_string()
}
