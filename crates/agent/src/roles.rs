//! The credentials of the tasks' roles: in memory only, and only as long as the task lives.
//!
//! They come with a payload or by themselves, from a control plane that renews them in time. After a
//! restart the agent knows which it had, from the labels of containers, and waits for them to be sent again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use berth_agent_protocol::acs::{IAMRoleCredentials, RoleType, Task};

#[derive(Default)]
pub(crate) struct Roles {
    /// By the id that a container asks with.
    held: Mutex<BTreeMap<String, Role>>,
}

struct Role {
    task: String,
    kind: RoleType,
    /// `None`: this agent's predecessor had them.
    credentials: Option<IAMRoleCredentials>,
}

/// What there is for an id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Credentials {
        task: String,
        credentials: IAMRoleCredentials,
    },
    /// They were here, and are on their way again.
    Awaited {
        task: String,
    },
    Unknown,
}

impl Roles {
    /// Takes what came with a task. What is known only by its id is awaited.
    pub(crate) fn take(&self, task: &Task) {
        for (kind, given) in [
            (RoleType::TaskApplication, &task.role_credentials),
            (RoleType::TaskExecution, &task.execution_role_credentials),
        ] {
            if let Some(given) = given {
                self.put(&task.arn, kind, given.clone());
            }
        }
    }

    pub(crate) fn put(&self, task: &str, kind: RoleType, credentials: IAMRoleCredentials) {
        let mut held = self.held();
        // A role has one set of credentials; another id means that the old one counts no more.
        held.retain(|id, role| {
            role.task != task || role.kind != kind || *id == credentials.credentials_id
        });
        let id = credentials.credentials_id.clone();
        let credentials = Some(credentials).filter(|given| !given.access_key_id.is_empty());
        let role = held.entry(id).or_insert_with(|| Role {
            task: task.to_owned(),
            kind,
            credentials: None,
        });
        if credentials.is_some() {
            role.credentials = credentials;
        }
    }

    /// What a container gets that asks with this id. The execution role's are the agent's own affair.
    pub(crate) fn find(&self, id: &str) -> Held {
        let held = self.held();
        let Some(role) = held.get(id).filter(|role| role.kind == RoleType::TaskApplication) else {
            return Held::Unknown;
        };
        let task = role.task.clone();
        match role.credentials.clone() {
            Some(credentials) => Held::Credentials { task, credentials },
            None => Held::Awaited { task },
        }
    }

    /// The task's credentials of this kind, if they are here.
    pub(crate) fn of_task(&self, task: &str, kind: &RoleType) -> Option<IAMRoleCredentials> {
        let held = self.held();
        let role = held.values().find(|role| role.task == task && role.kind == *kind)?;
        role.credentials.clone()
    }

    /// The task has ended.
    pub(crate) fn forget(&self, task: &str) {
        self.held().retain(|_, role| role.task != task);
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Role>> {
        // Every change leaves a map that is as good as before: a panic elsewhere does no harm.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(id: &str, key: &str) -> IAMRoleCredentials {
        IAMRoleCredentials {
            credentials_id: id.to_owned(),
            access_key_id: key.to_owned(),
            ..IAMRoleCredentials::default()
        }
    }

    fn key(roles: &Roles, id: &str) -> Option<String> {
        match roles.find(id) {
            Held::Credentials { credentials, .. } => Some(credentials.access_key_id),
            Held::Awaited { .. } | Held::Unknown => None,
        }
    }

    #[test]
    fn containers_get_the_task_roles_and_no_others() {
        let roles = Roles::default();
        let task = Task {
            arn: "t".to_owned(),
            role_credentials: Some(credentials("app", "A1")),
            execution_role_credentials: Some(credentials("exec", "E1")),
            ..Task::default()
        };
        roles.take(&task);
        assert_eq!(key(&roles, "app").as_deref(), Some("A1"));
        assert_eq!(roles.find("exec"), Held::Unknown);
        assert_eq!(roles.of_task("t", &RoleType::TaskExecution).unwrap().access_key_id, "E1");
        roles.put("t", RoleType::TaskApplication, credentials("app", "A2"));
        assert_eq!(key(&roles, "app").as_deref(), Some("A2"));
        roles.forget("t");
        assert_eq!(roles.find("app"), Held::Unknown);
    }

    #[test]
    fn what_is_known_by_its_id_is_awaited() {
        let roles = Roles::default();
        roles.put("t", RoleType::TaskApplication, credentials("app", ""));
        assert_eq!(roles.find("app"), Held::Awaited { task: "t".to_owned() });
        roles.put("t", RoleType::TaskApplication, credentials("app", "A1"));
        roles.put("t", RoleType::TaskApplication, credentials("app", ""));
        assert_eq!(key(&roles, "app").as_deref(), Some("A1"), "what is here stays");
    }
}
