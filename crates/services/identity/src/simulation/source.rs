//! Whose policies a simulation is about: a user, a group or a role, by its ARN.

use berth_aws_api::iam as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;

use crate::entity::{self, Entity};
use crate::managed::Managed;
use crate::policies_of::{Held, Origin, PoliciesOf, Unreadable, Who, of_holder, policies_of};
use crate::simulation::Named;
use crate::tables::{Account, EntityKey, Group, Role, User};

pub enum Source {
    User(EntityKey),
    Group(EntityKey),
    Role(EntityKey),
}

impl Source {
    pub fn find(view: &impl View, account: Account, arn: &str) -> Result<Self, api::Error> {
        let resource = arn.strip_prefix(&account.arn(""));
        match resource.and_then(|resource| resource.split_once('/')) {
            Some(("user", name)) => Ok(Source::User(key::<User>(view, account, name, arn)?)),
            Some(("group", name)) => Ok(Source::Group(key::<Group>(view, account, name, arn)?)),
            Some(("role", name)) => Ok(Source::Role(key::<Role>(view, account, name, arn)?)),
            _ => Err(api::Error::invalid_input(format!("Invalid Entity Arn: {arn}"))),
        }
    }

    pub fn is_user(&self) -> bool {
        matches!(self, Source::User(_))
    }

    pub fn id(&self) -> String {
        let (Source::User(key) | Source::Group(key) | Source::Role(key)) = self;
        key.1.to_string()
    }

    /// Its policies, those of its groups included, and its boundary.
    pub fn policies(
        &self,
        view: &impl View,
    ) -> Result<(Vec<Named>, Vec<Named>), Failure<api::Error>> {
        let held = match self {
            Source::User(key) => policies_of(view, Who::User(key)),
            Source::Role(key) => policies_of(view, Who::Role(key)),
            Source::Group(key) => view.get::<Group>(key).map(|group| of_holder(view, group)),
        };
        let PoliciesOf { identity, boundary } =
            held.expect("it was found in the same snapshot a moment ago");
        let named = |held: &Held<'_>| named(held).map_err(Failure::internal);
        let identity = identity.iter().map(named).collect::<Result<_, _>>()?;
        let boundary = boundary.iter().map(named).collect::<Result<_, _>>()?;
        Ok((identity, boundary))
    }
}

fn named(held: &Held<'_>) -> Result<Named, Unreadable> {
    let attached = held.attached()?;
    let kind = match &held.origin {
        Origin::Inline { kind: "user", .. } => api::PolicySourceType::User,
        Origin::Inline { kind: "group", .. } => api::PolicySourceType::Group,
        Origin::Inline { .. } => api::PolicySourceType::Role,
        Origin::Managed { policy: Managed::Aws(_), .. } => api::PolicySourceType::AwsManaged,
        Origin::Managed { policy: Managed::Customer(_), .. } => api::PolicySourceType::UserManaged,
        Origin::Lost(_) => api::PolicySourceType::None,
    };
    Ok(Named { id: held.id().to_owned(), kind, document: attached.document.clone() })
}

fn key<E: Entity>(
    view: &impl View,
    account: Account,
    full_name: &str,
    arn: &str,
) -> Result<EntityKey, api::Error> {
    let name = full_name.rsplit('/').next().unwrap_or_default();
    let found = entity::find::<E>(view, account, name)?;
    match found.arn() == arn {
        true => Ok(found.key()),
        false => Err(api::Error::no_such_entity((E::KIND.no_such)(name))),
    }
}
