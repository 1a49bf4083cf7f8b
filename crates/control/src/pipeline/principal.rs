//! Who a request comes from.

use std::fmt;
use std::sync::Arc;

use berth_model::{AccountId, Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

/// Who sent a request, and by which access key that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub kind: PrincipalKind,
    /// `None` only for requests without any signature.
    pub access_key_id: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The holder of the account's own key.
    Administrator,
    /// An agent, by the credentials that were issued to its host.
    Agent { host: Arc<str> },
    /// A user, by an access key or a token of its own.
    User(Arc<UserPrincipal>),
    /// Somebody in a role, or whom a user vouches for, by temporary credentials.
    Session(Arc<SessionPrincipal>),
    /// Nobody proved anything: `--auth open`, or an operation that AWS serves unsigned.
    Anonymous,
}

/// One of IAM's users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPrincipal {
    /// `AIDA…`: what it keeps whatever it is called.
    pub id: String,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `None` for its lasting access keys.
    pub token_issued_at: Option<Timestamp>,
}

/// A session, as its token tells. The numbers are in tokens that are about: never used again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionPrincipal {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub lender: Lender,
    #[n(2)]
    pub issued_at: Timestamp,
    /// Session policies, as texts. What none of them allows, nor any of `policy_arns`, the session may not do.
    #[n(3)]
    pub policies: Vec<String>,
    #[n(4)]
    pub policy_arns: Vec<String>,
    #[n(5)]
    pub tags: Tags,
    /// The keys of those tags that sessions begun from this one have as well.
    #[n(6)]
    pub transitive_tags: Vec<String>,
    #[n(7)]
    pub source_identity: Option<String>,
    /// The ARN of the identity provider that vouched for who is in it.
    #[n(8)]
    pub provider: Option<String>,
}

/// Whose permissions a session has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Lender {
    #[n(0)]
    Role {
        #[n(0)]
        id: String,
        #[n(1)]
        name: String,
        #[n(2)]
        path: String,
    },
    /// The user that vouches for a federated one.
    #[n(1)]
    FederatedBy {
        #[n(0)]
        id: String,
        #[n(1)]
        name: String,
        #[n(2)]
        path: String,
    },
    /// The account itself vouches for a federated user.
    #[n(2)]
    Root,
}

impl UserPrincipal {
    pub fn arn(&self, scope: &Scope) -> String {
        let UserPrincipal { name, path, .. } = self;
        format!("arn:{}:iam::{}:user{path}{name}", scope.partition, scope.account)
    }
}

impl SessionPrincipal {
    pub fn arn(&self, scope: &Scope) -> String {
        let Scope { partition, account, .. } = scope;
        let session = &self.name;
        match &self.lender {
            Lender::Role { name, .. } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}")
            }
            Lender::FederatedBy { .. } | Lender::Root => {
                format!("arn:{partition}:sts::{account}:federated-user/{session}")
            }
        }
    }

    /// The ARN of who lends the permissions: what policies call whoever is in the session.
    pub fn lender_arn(&self, scope: &Scope) -> String {
        let Scope { partition, account, .. } = scope;
        match &self.lender {
            Lender::Role { name, path, .. } => {
                format!("arn:{partition}:iam::{account}:role{path}{name}")
            }
            Lender::FederatedBy { name, path, .. } => {
                format!("arn:{partition}:iam::{account}:user{path}{name}")
            }
            Lender::Root => format!("arn:{partition}:iam::{account}:root"),
        }
    }

    /// AWS: `ID:NAME`.
    pub fn user_id(&self, account: AccountId) -> String {
        match &self.lender {
            Lender::Role { id, .. } => format!("{id}:{}", self.name),
            Lender::FederatedBy { .. } | Lender::Root => format!("{account}:{}", self.name),
        }
    }
}

impl Principal {
    /// Nobody in particular.
    pub const ANONYMOUS: Principal =
        Principal { kind: PrincipalKind::Anonymous, access_key_id: None };

    pub fn is_agent(&self) -> bool {
        matches!(self.kind, PrincipalKind::Agent { .. })
    }
}

/// For logs: the kind and, if there is one, the access key's id, which is no secret.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            PrincipalKind::Administrator => f.write_str("administrator")?,
            PrincipalKind::Agent { host } => write!(f, "agent:{host}")?,
            PrincipalKind::User(user) => write!(f, "user:{}", user.name)?,
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { name, .. } => write!(f, "role:{name}:{}", session.name)?,
                Lender::FederatedBy { .. } | Lender::Root => {
                    write!(f, "federated:{}", session.name)?;
                }
            },
            PrincipalKind::Anonymous => f.write_str("anonymous")?,
        }
        match &self.access_key_id {
            Some(id) => write!(f, "/{id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_told_with_its_key() {
        let agent = Principal {
            kind: PrincipalKind::Agent { host: "host-1".into() },
            access_key_id: Some("AKIDAGENT".into()),
        };
        assert_eq!(agent.to_string(), "agent:host-1/AKIDAGENT");
        assert!(agent.is_agent());
        assert_eq!(Principal::ANONYMOUS.to_string(), "anonymous");
    }
}
