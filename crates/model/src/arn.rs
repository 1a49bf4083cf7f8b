//! ARNs: how AWS addresses a thing.
//!
//! An ARN is text at the edge only: it is parsed on the way in, rendered on the way out, and never
//! stored. [`Arn`] is any of them; the typed ones in `arn/resources.rs` are ECS's, and know both of
//! its formats (the old one lacks the cluster). Whether the thing exists, and whether the scope is
//! the caller's, is not decided here.

mod parts;
mod resources;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::scope::{AccountId, Partition, Region, Scope};
use parts::Parts;

pub use resources::{
    CapacityProviderArn, ClusterArn, ContainerArn, ContainerInstanceArn, FamilyRevision,
    FamilyRevisionError, ServiceArn, ServiceDeploymentArn, ServiceRevisionArn, TaskArn,
    TaskDefinitionArn, TaskSetArn,
};

/// Any ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. Some services leave out region or account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    pub partition: Partition,
    pub service: String,
    pub region: Option<Region>,
    pub account: Option<AccountId>,
    pub resource: String,
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:{}:", self.partition, self.service)?;
        if let Some(region) = &self.region {
            write!(f, "{region}")?;
        }
        f.write_str(":")?;
        if let Some(account) = &self.account {
            write!(f, "{account}")?;
        }
        write!(f, ":{}", self.resource)
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let parts = Parts::split(text)?;
        let resource = parts.resource()?;
        Ok(Arn {
            partition: parts.partition()?,
            service: parts.service()?.to_owned(),
            region: parts.region()?,
            account: parts.account()?,
            resource: resource.to_owned(),
        })
    }
}

impl Arn {
    /// Whether a text means to be an ARN, well-formed or not. What does not is a name or an id.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with("arn:")
    }

    /// Where the thing lives, if the ARN says it all.
    pub fn scope(&self) -> Option<Scope> {
        Some(Scope {
            partition: self.partition,
            account: self.account?,
            region: self.region.clone()?,
        })
    }
}

/// A part of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArnPart {
    Prefix,
    Partition,
    Service,
    Region,
    Account,
    Resource,
}

impl fmt::Display for ArnPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArnPart::Prefix => "prefix",
            ArnPart::Partition => "partition",
            ArnPart::Service => "service",
            ArnPart::Region => "region",
            ArnPart::Account => "account",
            ArnPart::Resource => "resource",
        })
    }
}

/// Why a text is not the ARN that was asked for: which part, where, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: the {part} of the ARN, at character {position}: {problem}")]
pub struct ArnError {
    pub text: String,
    pub part: ArnPart,
    /// Counted in characters, from 1.
    pub position: usize,
    pub problem: String,
}
