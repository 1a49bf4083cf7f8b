//! One principal as a policy names it.

use std::fmt;

use berth_model::AccountId;

use super::Grant;
use crate::malformed::Malformed;
use crate::principal::Principal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Everybody,
    /// As the account id or as the ARN of its root, which mean the same.
    Account {
        account: AccountId,
        written: Box<str>,
    },
    /// A user, a role or a session.
    Arn(Box<str>),
    /// What IAM keeps in place of a user's or a role's ARN.
    Id(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
}

impl Entry {
    pub(super) fn parse(kind: &str, text: &str) -> Result<Self, Malformed> {
        let invalid = || Malformed::invalid_principal(kind, text);
        match kind {
            "AWS" => aws(text).ok_or_else(invalid),
            "Service" if is_service(text) => Ok(Entry::Service(text.into())),
            "Federated" if !text.is_empty() && !text.contains(['*', '?']) => {
                Ok(Entry::Federated(text.into()))
            }
            "Service" | "Federated" => Err(invalid()),
            "CanonicalUser" => Err(invalid().with("canonical users belong to Amazon S3")),
            _ => Err(Malformed::syntax(format!("`{kind}` is not a kind of principal"))),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Entry::Everybody | Entry::Account { .. } | Entry::Arn(_) | Entry::Id(_) => "AWS",
            Entry::Service(_) => "Service",
            Entry::Federated(_) => "Federated",
        }
    }

    pub(super) fn grant(&self, principal: &Principal<'_>) -> Option<Grant> {
        let (whole, limited) = match self {
            Entry::Everybody => (true, false),
            Entry::Account { account, .. } => {
                return (principal.account() == Some(*account)).then_some(Grant::Delegated);
            }
            Entry::Arn(named) => match principal {
                Principal::User { arn, .. } => (arn == &&**named, false),
                Principal::Session { arn, role_arn, .. } => {
                    (arn == &&**named, role_arn == &&**named)
                }
                Principal::FederatedUser { arn, user_arn, .. } => {
                    (arn == &&**named, user_arn == &&**named)
                }
                _ => (false, false),
            },
            Entry::Id(named) => match principal {
                Principal::User { id, .. } => (id == &&**named, false),
                Principal::Session { role_id, .. } => (false, role_id == &&**named),
                Principal::FederatedUser { user_id, .. } => (false, user_id == &&**named),
                _ => (false, false),
            },
            Entry::Service(named) => {
                (matches!(principal, Principal::Service { name } if *name == &**named), false)
            }
            Entry::Federated(named) => (
                matches!(principal, Principal::Federated { provider } if *provider == &**named),
                false,
            ),
        };
        match (whole, limited) {
            (true, _) => Some(Grant::Direct),
            (false, true) => Some(Grant::Limited),
            (false, false) => None,
        }
    }

    /// Whether a negated element that has this entry leaves the principal alone.
    ///
    /// AWS: user guide, "NotPrincipal". Whoever is to be spared is named together with its account, which alone spares
    /// its root user and none of its people.
    pub(super) fn spares(&self, principal: &Principal<'_>) -> bool {
        match (self, principal) {
            (Entry::Account { account: named, .. }, Principal::Root { account, .. }) => {
                named == account
            }
            (Entry::Account { .. }, _) => false,
            _ => self.grant(principal).is_some(),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Entry::Everybody => "*",
            Entry::Account { written: text, .. }
            | Entry::Arn(text)
            | Entry::Id(text)
            | Entry::Service(text)
            | Entry::Federated(text) => text,
        })
    }
}

/// AWS: names are whole here; a wildcard within one is not understood.
fn aws(text: &str) -> Option<Entry> {
    if text == "*" {
        return Some(Entry::Everybody);
    }
    if let Ok(account) = text.parse() {
        return Some(Entry::Account { account, written: text.into() });
    }
    if is_id(text) {
        return Some(Entry::Id(text.into()));
    }
    let mut parts = text.splitn(6, ':');
    let (arn, partition) = (parts.next()?, parts.next()?);
    let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
    let (resource, account) = (parts.next()?, account.parse().ok()?);
    if arn != "arn" || !partition.starts_with("aws") || !region.is_empty() {
        return None;
    }
    if resource.contains(['*', '?']) {
        return None;
    }
    let (sort, name) = resource.split_once('/').unwrap_or((resource, ""));
    match (service, sort) {
        ("iam", "root") if name.is_empty() => {
            Some(Entry::Account { account, written: text.into() })
        }
        ("iam", "user" | "role") | ("sts", "federated-user") if !name.is_empty() => {
            Some(Entry::Arn(text.into()))
        }
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            (!role.is_empty() && !session.is_empty()).then(|| Entry::Arn(text.into()))
        }
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    let body = text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA"));
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    body.is_some_and(|body| body.len() >= 12 && body.bytes().all(allowed))
}

fn is_service(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.contains('.') && text.bytes().all(allowed)
}
