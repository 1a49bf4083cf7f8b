//! What an action is done to, as policies see it.

use std::fmt;
use std::sync::Arc;

use berth_model::Tags;

use super::text::Text;
use crate::tags;

/// An ARN, and what conditions may ask about the thing that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    arn: Text,
    /// Most have none.
    tags: Option<Arc<Tags>>,
    policy: Option<ResourcePolicy>,
}

/// The policy that somebody has put on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    pub text: Arc<str>,
    /// Whether nobody may do anything that it does not allow, as with a key of KMS. Otherwise it adds to what the
    /// caller's own policies allow.
    pub alone: bool,
}

impl Resource {
    /// No resource in particular.
    pub fn any() -> Self {
        Self::named("*")
    }

    /// Something that has no tags, or does not exist (yet).
    pub fn new(arn: impl fmt::Display) -> Self {
        Self::named(arn.to_string())
    }

    /// The same of an ARN that is written already.
    pub fn named(arn: impl Into<Text>) -> Self {
        Resource { arn: arn.into(), tags: None, policy: None }
    }

    #[must_use]
    pub fn tagged(self, tags: &Tags) -> Self {
        let tags = (!tags.is_empty()).then(|| Arc::new(tags.clone()));
        Resource { tags, ..self }
    }

    #[must_use]
    pub fn governed_by(self, policy: ResourcePolicy) -> Self {
        Resource { policy: Some(policy), ..self }
    }

    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The values of a tag that the resource has, as conditions see them.
    pub fn tag<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().flat_map(move |tags| tags::values(tags, key))
    }

    pub fn policy(&self) -> Option<&ResourcePolicy> {
        self.policy.as_ref()
    }
}
