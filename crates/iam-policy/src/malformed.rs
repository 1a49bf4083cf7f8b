//! Why a text is not a policy, in the words of IAM's `MalformedPolicyDocument`.

use std::borrow::Cow;
use std::fmt;

/// A policy that was refused.
///
/// It begins with AWS's sentence, which clients know; what follows says where, and which value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Malformed {
    rule: Cow<'static, str>,
    detail: String,
}

impl Malformed {
    pub(crate) fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self { rule: rule.into(), detail: String::new() }
    }

    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self { rule: Cow::Borrowed("Syntax errors in policy."), detail: detail.into() }
    }

    /// AWS: a value of the right type that its old parser does not understand.
    pub(crate) fn legacy(detail: impl Into<String>) -> Self {
        Self { rule: Cow::Borrowed("The policy failed legacy parsing"), detail: detail.into() }
    }

    pub(crate) fn invalid_principal(kind: &str, text: &str) -> Self {
        let kind = if kind == "AWS" { kind.to_owned() } else { kind.to_uppercase() };
        Self::new(format!("Invalid principal in policy: \"{kind}\":\"{text}\""))
    }

    /// Says where, unless something more exact has been said already.
    pub(crate) fn within(mut self, statement: usize) -> Self {
        if self.detail.is_empty() {
            self.detail = format!("statement {}", statement + 1);
        } else {
            self.detail = format!("statement {}: {}", statement + 1, self.detail);
        }
        self
    }

    pub(crate) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// AWS's sentence alone.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.detail)
    }
}
