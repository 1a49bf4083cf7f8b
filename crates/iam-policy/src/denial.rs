//! Why a request was denied, in AWS's words.
//!
//! AWS: user guide, "Troubleshoot access denied error messages".

use std::fmt;

use crate::decision::Source;
use crate::policies::Request;
use crate::principal::Principal;

/// The message of an `AccessDenied`. It names the sort of policy, and no policy: the caller may not know those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denial<'a> {
    pub principal: Principal<'a>,
    pub action: &'a str,
    pub resource: Option<&'a str>,
    pub source: Source,
    /// Whether a statement denies it, or none allows it.
    pub explicit: bool,
}

impl<'a> Denial<'a> {
    pub(crate) fn new(request: &Request<'a>, source: Source, explicit: bool) -> Self {
        Self {
            principal: request.principal,
            action: request.action,
            resource: request.resource,
            source,
            explicit,
        }
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action;
        write!(f, "User: {} is not authorized to perform: {action}", self.principal)?;
        if let Some(resource) = self.resource {
            write!(f, " on resource: {resource}")?;
        }
        if self.explicit {
            let policy = match self.source {
                Source::Identity => "an identity-based policy",
                Source::Boundary => "a permissions boundary",
                Source::Session => "a session policy",
                Source::Resource => "a resource-based policy",
                Source::Trust => "the role trust policy",
            };
            return write!(f, " with an explicit deny in {policy}");
        }
        let policy = match self.source {
            Source::Identity => "identity-based policy",
            Source::Boundary => "permissions boundary",
            Source::Session => "session policy",
            Source::Resource => "resource-based policy",
            Source::Trust => "role trust policy",
        };
        write!(f, " because no {policy} allows the {action} action")
    }
}

#[cfg(test)]
mod tests {
    use super::{Denial, Source};
    use crate::principal::Principal;

    #[test]
    fn the_words_are_those_of_aws() {
        let user = Principal::User {
            arn: "arn:aws:iam::123456789012:user/JohnDoe",
            id: "AIDAEXAMPLEEXAMPLE1",
            account: "123456789012".parse().unwrap(),
        };
        let table = [
            (Source::Identity, "identity-based policy", "an identity-based policy"),
            (Source::Boundary, "permissions boundary", "a permissions boundary"),
            (Source::Session, "session policy", "a session policy"),
            (Source::Resource, "resource-based policy", "a resource-based policy"),
            (Source::Trust, "role trust policy", "the role trust policy"),
        ];
        for (source, missing, denying) in table {
            let action = "codecommit:ListRepositories";
            let denial =
                Denial { principal: user, action, resource: None, source, explicit: false };
            assert_eq!(
                denial.to_string(),
                format!(
                    "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: \
                     codecommit:ListRepositories because no {missing} allows the \
                     codecommit:ListRepositories action"
                )
            );
            let resource = Some("arn:aws:codecommit:us-east-1:123456789012:web");
            let denial = Denial { resource, explicit: true, ..denial };
            assert_eq!(
                denial.to_string(),
                format!(
                    "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: \
                     codecommit:ListRepositories on resource: \
                     arn:aws:codecommit:us-east-1:123456789012:web with an explicit deny in {denying}"
                )
            );
        }
    }
}
