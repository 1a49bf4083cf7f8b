//! Who asks.

use std::fmt;

use berth_model::AccountId;

/// The principal of a request, with all that a policy may call it.
///
/// `id` is the unique id that IAM gives once and never again (`AIDA…`, `AROA…`). IAM keeps it in place of
/// the ARN in trust policies, so that whoever is made anew under an old name is not the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// The owner of an account: `arn:aws:iam::ACCOUNT:root`.
    Root {
        arn: &'a str,
        account: AccountId,
    },
    User {
        arn: &'a str,
        id: &'a str,
        account: AccountId,
    },
    /// Somebody in a role: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` of the role `role_arn`.
    Session {
        arn: &'a str,
        role_arn: &'a str,
        role_id: &'a str,
        account: AccountId,
    },
    /// `arn:aws:sts::ACCOUNT:federated-user/NAME`, whose permissions come from a user.
    FederatedUser {
        arn: &'a str,
        user_arn: &'a str,
        user_id: &'a str,
        account: AccountId,
    },
    /// A service on its own behalf, such as `ecs-tasks.amazonaws.com`.
    Service {
        name: &'a str,
    },
    /// Somebody known to an identity provider and not yet in a role: the provider's ARN or name.
    Federated {
        provider: &'a str,
    },
    Anonymous,
}

impl Principal<'_> {
    /// The account that vouches for it; services, providers and strangers have none.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Principal::Root { account, .. }
            | Principal::User { account, .. }
            | Principal::Session { account, .. }
            | Principal::FederatedUser { account, .. } => Some(*account),
            Principal::Service { .. } | Principal::Federated { .. } | Principal::Anonymous => None,
        }
    }
}

/// As AWS names it in messages.
impl fmt::Display for Principal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Principal::Root { arn, .. }
            | Principal::User { arn, .. }
            | Principal::Session { arn, .. }
            | Principal::FederatedUser { arn, .. } => arn,
            Principal::Service { name } => name,
            Principal::Federated { provider } => provider,
            Principal::Anonymous => "anonymous",
        })
    }
}
