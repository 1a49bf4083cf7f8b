//! The kinds of entities: how AWS writes their ids, their ARNs and its errors about them, and its default quotas.

use super::{Entity, Kind};
use crate::tables::{About, ByName, Group, InstanceProfile, Policy, Role, User};

macro_rules! entity {
    ($record:ty: $kind:expr) => {
        impl Entity for $record {
            const KIND: Kind = $kind;

            fn about(&self) -> &About {
                &self.about
            }

            fn about_mut(&mut self) -> &mut About {
                &mut self.about
            }

            fn by_name(indexes: &Self::Indexes) -> &ByName {
                &indexes.by_name
            }
        }
    };
}

entity!(User: Kind {
    id_prefix: "AIDA",
    in_arn: "user",
    quota: ("UsersPerAccount", 5000),
    no_such: |name| format!("The user with name {name} cannot be found."),
    exists: |name| format!("User with name {name} already exists."),
});

entity!(Group: Kind {
    id_prefix: "AGPA",
    in_arn: "group",
    quota: ("GroupsPerAccount", 300),
    no_such: |name| format!("The group with name {name} cannot be found."),
    exists: |name| format!("Group with name {name} already exists."),
});

entity!(Role: Kind {
    id_prefix: "AROA",
    in_arn: "role",
    quota: ("RolesPerAccount", 1000),
    no_such: |name| format!("The role with name {name} cannot be found."),
    exists: |name| format!("Role with name {name} already exists."),
});

entity!(Policy: Kind {
    id_prefix: "ANPA",
    in_arn: "policy",
    quota: ("PoliciesPerAccount", 1500),
    no_such: |name| format!("The policy with name {name} cannot be found."),
    exists: |name| {
        format!("A policy called {name} already exists. Duplicate names are not allowed.")
    },
});

entity!(InstanceProfile: Kind {
    id_prefix: "AIPA",
    in_arn: "instance-profile",
    quota: ("InstanceProfilesPerAccount", 1000),
    no_such: |name| format!("Instance Profile {name} cannot be found."),
    exists: |name| format!("Instance Profile {name} already exists."),
});
