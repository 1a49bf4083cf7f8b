//! Managed policies: those of the account, and those of AWS's library that everybody may attach.

mod library;

use berth_aws_api::iam as api;
use berth_control::tables::View;
use berth_model::Timestamp;

pub use library::LibraryPolicy;

use crate::entity::Entity;
use crate::holder::Holder;
use crate::tables::{Account, Group, Policy, PolicyRef, PolicyText, Role, User};

#[derive(Clone, Copy)]
pub enum Managed<'v> {
    Customer(&'v Policy),
    Aws(&'static LibraryPolicy),
}

/// The policies of AWS's library, by name.
pub fn library<'v>() -> impl Iterator<Item = Managed<'v>> {
    library::all().map(Managed::Aws)
}

/// The policy of this ARN, if the account sees one.
pub fn find<'v>(view: &'v impl View, account: Account, arn: &str) -> Option<Managed<'v>> {
    let (_, name) = arn.rsplit_once('/')?;
    let table = view.table::<Policy>();
    let customer = || Policy::by_name(table.indexes()).find(account, name);
    let found = match library::find(name) {
        Some(policy) if Managed::Aws(policy).arn(account) == arn => Managed::Aws(policy),
        _ => Managed::Customer(table.get(customer()?)?),
    };
    (found.arn(account) == arn).then_some(found)
}

/// AWS: an ARN that cannot be a policy's is told apart from one of none.
pub fn expect<'v>(
    view: &'v impl View,
    account: Account,
    arn: &str,
) -> Result<Managed<'v>, api::Error> {
    check_arn(account, arn)?;
    find(view, account, arn)
        .ok_or_else(|| api::Error::no_such_entity(format!("Policy {arn} was not found.")))
}

/// A policy that the account may change.
pub fn expect_customer<'v>(
    view: &'v impl View,
    account: Account,
    arn: &str,
) -> Result<&'v Policy, api::Error> {
    match expect(view, account, arn)? {
        Managed::Customer(policy) => Ok(policy),
        Managed::Aws(_) => Err(api::Error::invalid_input(format!(
            "Policy {arn} is managed by AWS and cannot be changed."
        ))),
    }
}

/// AWS: of the caller's partition, without a region, and a policy's.
pub fn check_arn(account: Account, arn: &str) -> Result<(), api::Error> {
    let of_iam = arn.strip_prefix(&format!("arn:{}:iam::", account.partition));
    let resource = of_iam.and_then(|rest| rest.split_once(':')).map(|(_, resource)| resource);
    match resource.is_some_and(|resource| resource.starts_with("policy/")) {
        true => Ok(()),
        false => Err(api::Error::invalid_input(format!("ARN {arn} is not valid."))),
    }
}

/// What a row refers to; `None` for what a newer build knew and this one does not.
pub fn by_ref<'v>(
    view: &'v impl View,
    account: Account,
    policy: &PolicyRef,
) -> Option<Managed<'v>> {
    match policy {
        PolicyRef::Customer(id) => view.get(&(account, id.clone())).map(Managed::Customer),
        PolicyRef::Aws(name) => library::find(name).map(Managed::Aws),
    }
}

/// The number of the version that is meant, if there is one.
pub fn version_number(policy: Managed<'_>, arn: &str, id: &str) -> Result<u32, api::Error> {
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let found = policy.versions().into_iter().find(|(found, _, _)| Some(*found) == number);
    found.map(|(number, _, _)| number).ok_or_else(|| {
        let message = format!("Policy {arn} version {id} does not exist or is not attachable.");
        api::Error::no_such_entity(message)
    })
}

impl Managed<'_> {
    pub fn policy_ref(&self) -> PolicyRef {
        match self {
            Managed::Customer(policy) => policy.policy_ref(),
            Managed::Aws(policy) => PolicyRef::Aws(policy.name.to_owned()),
        }
    }

    /// As this account sees it: AWS's own are in every partition.
    pub fn arn(&self, account: Account) -> String {
        match self {
            Managed::Customer(policy) => policy.arn(),
            Managed::Aws(policy) => {
                format!("arn:{}:iam::aws:policy{}{}", account.partition, policy.path, policy.name)
            }
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Managed::Customer(policy) => &policy.about.name,
            Managed::Aws(policy) => policy.name,
        }
    }

    pub fn path(&self) -> &str {
        match self {
            Managed::Customer(policy) => &policy.about.path,
            Managed::Aws(policy) => &policy.path,
        }
    }

    /// What it says now.
    pub fn in_force(&self) -> &PolicyText {
        match self {
            Managed::Customer(policy) => &policy.in_force().document,
            Managed::Aws(policy) => &policy.document,
        }
    }

    /// All versions that there are: number, text, when it was made.
    pub fn versions(&self) -> Vec<(u32, &PolicyText, Timestamp)> {
        match self {
            Managed::Customer(policy) => policy
                .versions
                .iter()
                .map(|version| (version.number, &version.document, version.created_at))
                .collect(),
            Managed::Aws(policy) => vec![(policy.version, &policy.document, policy.updated_at)],
        }
    }

    pub fn default_version(&self) -> u32 {
        match self {
            Managed::Customer(policy) => policy.default_version,
            Managed::Aws(policy) => policy.version,
        }
    }

    /// AWS: the policies of a service-linked role are for that role.
    pub fn is_for_everybody(&self) -> bool {
        !matches!(self, Managed::Aws(policy) if policy.path == SERVICE_LINKED)
    }

    /// By how many users, groups and roles of the account it is held.
    pub fn attachments(&self, view: &impl View, account: Account) -> u64 {
        let policy = (account, self.policy_ref());
        held_by::<User>(view, &policy)
            + held_by::<Group>(view, &policy)
            + held_by::<Role>(view, &policy)
    }

    /// For how many users and roles it is the boundary.
    pub fn boundaries(&self, view: &impl View, account: Account) -> u64 {
        let policy = (account, self.policy_ref());
        bounds::<User>(view, &policy) + bounds::<Role>(view, &policy)
    }
}

/// AWS: the path of what only service-linked roles hold.
const SERVICE_LINKED: &str = "/aws-service-role/";

fn held_by<H: Holder>(view: &impl View, policy: &(Account, PolicyRef)) -> u64 {
    H::by_policy(view.table::<H>().indexes()).attachments(policy)
}

fn bounds<H: Holder>(view: &impl View, policy: &(Account, PolicyRef)) -> u64 {
    H::by_policy(view.table::<H>().indexes()).boundaries(policy)
}
