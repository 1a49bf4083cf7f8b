//! Trust policies, which keep users and roles of their account by id; and so do the policies that other services keep for
//! their resources (`control::ports::NamedPrincipals`).
//!
//! AWS: a user or a role that such a policy names must be there, and what is kept is its id: whoever is made anew under
//! the same name is not trusted. Shown is the ARN again, or the id of one that is gone.

use std::collections::BTreeMap;
use std::ops::Range;

use berth_aws_api::iam as api;
use berth_control::ports::{NamedPrincipals, NoSuchPrincipal};
use berth_control::tables::View;
use berth_model::Scope;
use serde_json::value::RawValue;

use crate::documents::malformed;
use crate::entity::Entity;
use crate::service::Identity;
use crate::tables::{Account, PolicyText, Role, UniqueId, User};

/// A sound trust policy as it is kept.
pub fn bound(
    view: &impl View,
    account: Account,
    policy: &PolicyText,
) -> Result<PolicyText, api::Error> {
    by_id(view, account, policy).map_err(|NoSuchPrincipal(principal)| {
        malformed(format!("Invalid principal in policy: \"AWS\":\"{principal}\""))
    })
}

impl NamedPrincipals for Identity {
    fn bound(&self, scope: &Scope, policy: &str) -> Result<String, NoSuchPrincipal> {
        let bound = by_id(&self.cell.snapshot(), Account::of(scope), &PolicyText::new(policy))?;
        Ok(bound.as_str().to_owned())
    }

    fn written(&self, scope: &Scope, policy: &str) -> String {
        let written = written(&self.cell.snapshot(), Account::of(scope), &PolicyText::new(policy));
        written.as_str().to_owned()
    }
}

/// A trust policy as it is shown.
pub fn written(view: &impl View, account: Account, policy: &PolicyText) -> PolicyText {
    let shown = replaced(policy, |principal| Ok::<_, api::Error>(arn_of(view, account, principal)));
    shown.unwrap_or_else(|_| policy.clone())
}

fn by_id(
    view: &impl View,
    account: Account,
    policy: &PolicyText,
) -> Result<PolicyText, NoSuchPrincipal> {
    replaced(policy, |principal| match id_of(view, account, principal) {
        Named::Somebody(id) => Ok(Some(id.to_string())),
        Named::Other => Ok(None),
        Named::Nobody => Err(NoSuchPrincipal(principal.to_owned())),
    })
}

enum Named {
    Somebody(UniqueId),
    /// A user or a role of the account that there is not.
    Nobody,
    /// Anybody else: accounts, sessions, people of other accounts.
    Other,
}

fn id_of(view: &impl View, account: Account, principal: &str) -> Named {
    let Some(resource) = principal.strip_prefix(&account.arn("")) else { return Named::Other };
    match resource.split_once('/') {
        Some(("user", name)) => id_of_entity::<User>(view, account, name, principal),
        Some(("role", name)) => id_of_entity::<Role>(view, account, name, principal),
        _ => Named::Other,
    }
}

fn id_of_entity<E: Entity>(
    view: &impl View,
    account: Account,
    full_name: &str,
    arn: &str,
) -> Named {
    let name = full_name.rsplit('/').next().unwrap_or_default();
    let table = view.table::<E>();
    let found = E::by_name(table.indexes()).find(account, name).and_then(|key| table.get(key));
    match found.filter(|entity| entity.arn() == arn) {
        Some(entity) => Named::Somebody(entity.about().id.clone()),
        None => Named::Nobody,
    }
}

fn arn_of(view: &impl View, account: Account, principal: &str) -> Option<String> {
    let key = (account, UniqueId::from(principal));
    let user = || view.get::<User>(&key).map(Entity::arn);
    user().or_else(|| view.get::<Role>(&key).map(Entity::arn))
}

/// The same text with other principals under `AWS`, where there is another one.
fn replaced<E>(
    policy: &PolicyText,
    mut other: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<PolicyText, E> {
    let text = policy.as_str();
    let mut out = String::new();
    let mut copied = 0;
    for range in principals(text) {
        let Ok(principal) = serde_json::from_str::<String>(&text[range.clone()]) else { continue };
        if let Some(other) = other(&principal)? {
            out.push_str(&text[copied..range.start]);
            out.push_str(&serde_json::Value::from(other).to_string());
            copied = range.end;
        }
    }
    if copied == 0 {
        return Ok(policy.clone());
    }
    out.push_str(&text[copied..]);
    Ok(PolicyText::new(&out))
}

/// Where in the text the principals under `AWS` stand, with their quotes.
fn principals(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for statement in member(text, "Statement").map(one_or_many).unwrap_or_default() {
        for element in ["Principal", "NotPrincipal"] {
            let named = member(statement, element).and_then(|principal| member(principal, "AWS"));
            for principal in named.map(one_or_many).unwrap_or_default() {
                // It is a slice of the text.
                let start = principal.as_ptr().addr() - text.as_ptr().addr();
                found.push(start..start + principal.len());
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let members: BTreeMap<String, &'a RawValue> = serde_json::from_str(object).ok()?;
    members.get(name).map(|raw| raw.get())
}

fn one_or_many(raw: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(raw) {
        Ok(many) => many.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![raw],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn principals_are_found_wherever_they_stand() {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "NotPrincipal": {"Service": "s", "AWS": ["b", "c\u0064"]},
             "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"AWS": "a"}}},
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;
        let shout = |principal: &str| Ok::<_, ()>(Some(principal.to_uppercase()));
        let replaced = replaced(&PolicyText::new(text), shout).unwrap();
        let expected = text
            .replace(r#"{"AWS": "a"}, "Action""#, r#"{"AWS": "A"}, "Action""#)
            .replace(r#""b", "c\u0064""#, r#""B", "CD""#);
        assert_eq!(replaced.as_str(), expected);
    }

    #[test]
    fn one_statement_needs_no_list() {
        let text = r#"{"Statement": {"Principal": {"AWS": "a"}}}"#;
        let ranges = principals(text);
        assert_eq!(ranges.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), [r#""a""#]);
        assert!(principals("no JSON").is_empty());
    }

    proptest! {
        /// Only what is under `AWS` changes, however the policy is spaced, and back again is as it was.
        #[test]
        fn replacing_twice_gives_the_text_back(
            names in proptest::collection::vec("[a-z\"\\\\é]{0,4}", 1..4),
            space in "[ \n]{0,2}",
            one in any::<bool>(),
        ) {
            let written = |names: &[String]| {
                let names: Vec<_> = names.iter().map(|name| serde_json::to_string(name).unwrap()).collect();
                let many = format!("[{space}{}]", names.join(&format!("{space},{space}")));
                let named = if one { names[0].clone() } else { many };
                format!(
                    "{{{space}\"Statement\":{space}[{{\"Principal\":{{\"AWS\":{space}{named}{space}}},\"Sid\":{}}}]}}",
                    names[0]
                )
            };
            let longer = |name: &str| Ok::<_, ()>(Some(format!("{name}\"!")));
            let shorter = |name: &str| Ok::<_, ()>(name.strip_suffix("\"!").map(str::to_owned));
            let text = PolicyText::new(&written(&names));
            let there = replaced(&text, longer).unwrap();
            prop_assert_ne!(&there, &text);
            prop_assert_eq!(replaced(&there, shorter).unwrap(), text);
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\" aAWSPrincipalStatement]{0,40}") {
            let _ = principals(&text);
        }
    }
}
