//! What an action is done to, as policies see it.

use std::borrow::Cow;
use std::fmt;

use berth_model::Tags;

/// An ARN, and what conditions may ask about the thing that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    arn: Cow<'static, str>,
    tags: Tags,
}

impl Resource {
    /// No resource in particular.
    pub fn any() -> Self {
        Resource { arn: Cow::Borrowed("*"), tags: Tags::new() }
    }

    /// Something that has no tags, or does not exist (yet).
    pub fn new(arn: impl fmt::Display) -> Self {
        Resource { arn: Cow::Owned(arn.to_string()), tags: Tags::new() }
    }

    #[must_use]
    pub fn tagged(self, tags: &Tags) -> Self {
        Resource { tags: tags.clone(), ..self }
    }

    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The value of a tag that the resource has. The case of its key does not matter.
    pub fn tag(&self, key: &str) -> Option<&str> {
        super::keys::tag(&self.tags, key)
    }
}
