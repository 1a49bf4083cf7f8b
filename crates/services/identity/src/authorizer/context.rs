//! What conditions may ask about a call: the keys that all services have, then those of its own.
//!
//! AWS: user guide, "AWS global condition context keys". There is no MFA here, so the keys about it are never there.

use std::net::IpAddr;

use berth_control::cell::Snapshot;
use berth_control::pipeline::access::{KeyValue, Keys, Resource};
use berth_control::pipeline::{Call, Lender, PrincipalKind};
use berth_control::tags;
use berth_iam_policy::{Context, Value, Values};
use berth_model::{Tags, Timestamp};
use http::HeaderMap;
use http::header::USER_AGENT;

use crate::roles;
use crate::tables::{Account, Role, UniqueId, User};

/// A call and one question about it, as conditions see them.
pub struct CallContext<'a> {
    pub view: &'a Snapshot,
    pub call: &'a Call,
    pub headers: Option<&'a HeaderMap>,
    pub resource: &'a Resource,
    pub keys: &'a Keys,
}

impl Context for CallContext<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let own = || OwnKeys(self.keys).values(key);
        match key.split_once(':')? {
            ("aws", name) => self.global(name).or_else(own),
            (_, name) => match name.strip_prefix("resourcetag/") {
                Some(tag) => self.resource_tag(tag),
                None => own(),
            },
        }
    }
}

/// The keys of a call's own service alone.
pub struct OwnKeys<'a>(pub &'a Keys);

impl<'k> OwnKeys<'k> {
    fn values(&self, key: &str) -> Option<Values<'k>> {
        match self.0.get(key)? {
            KeyValue::One(one) => text(one),
            KeyValue::Many(many) => {
                Some(Values::Many(many.iter().map(|one| Value::from(one.as_str())).collect()))
            }
        }
    }
}

impl Context for OwnKeys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        OwnKeys::values(self, key)
    }
}

impl CallContext<'_> {
    fn global(&self, name: &str) -> Option<Values<'_>> {
        let Call { now, source, secure, scope, .. } = self.call;
        let kind = &self.call.principal.kind;
        match name {
            // Nobody proved to be anybody: least of all the account.
            "principalarn" | "principalaccount" | "principaltype" | "userid"
                if self.is_stranger() =>
            {
                None
            }
            "currenttime" => Some(instant(*now)),
            "epochtime" => Some(Values::One(Value::Integer(now.as_millis() / 1000))),
            "sourceip" => Some(address(*source)),
            "requestedregion" => text(scope.region.as_str()),
            "securetransport" => Some(Values::One(Value::Bool(*secure))),
            "viaawsservice" | "principalisawsservice" => Some(Values::One(Value::Bool(false))),
            "useragent" => text(self.headers?.get(USER_AGENT)?.to_str().ok()?),
            "principalarn" => owned(self.call.policy_arn()),
            "principalaccount" | "resourceaccount" => owned(scope.account.to_string()),
            "principaltype" => text(match kind {
                PrincipalKind::Administrator | PrincipalKind::Anonymous => "Account",
                PrincipalKind::User(_) => "User",
                PrincipalKind::Session(session) => match session.lender {
                    Lender::Role { .. } => "AssumedRole",
                    Lender::FederatedBy { .. } | Lender::Root => "FederatedUser",
                },
                PrincipalKind::Agent { .. } => "AssumedRole",
            }),
            "userid" => owned(self.call.user_id()),
            "username" => match kind {
                PrincipalKind::User(user) => text(&user.name),
                _ => None,
            },
            "tokenissuetime" => match kind {
                PrincipalKind::User(user) => Some(instant(user.token_issued_at?)),
                PrincipalKind::Session(session) => Some(instant(session.issued_at)),
                _ => None,
            },
            "sourceidentity" => match kind {
                PrincipalKind::Session(session) => text(session.source_identity.as_deref()?),
                _ => None,
            },
            "federatedprovider" => match kind {
                PrincipalKind::Session(session) => text(session.provider.as_deref()?),
                _ => None,
            },
            "tagkeys" => {
                let keys: Vec<_> = self.keys.tag_keys().map(Value::from).collect();
                (!keys.is_empty()).then_some(Values::Many(keys))
            }
            _ => {
                let (name, tag) = name.split_once('/')?;
                match name {
                    "principaltag" => self.principal_tag(tag),
                    "requesttag" => several(self.keys.request_tag(tag)),
                    "resourcetag" => self.resource_tag(tag),
                    _ => None,
                }
            }
        }
    }

    fn is_stranger(&self) -> bool {
        self.call.principal.kind == PrincipalKind::Anonymous
    }

    /// Tags of a session weigh more than those of its role.
    fn principal_tag(&self, key: &str) -> Option<Values<'_>> {
        let account = Account::of(&self.call.scope);
        let id = |id: &str| (account, UniqueId::from(id));
        match &self.call.principal.kind {
            PrincipalKind::User(user) => {
                tag(&self.view.table::<User>().get(&id(&user.id))?.about.tags, key)
            }
            PrincipalKind::Session(session) => {
                tag(&session.tags, key).or_else(|| match &session.lender {
                    Lender::Role { id: role, .. } => {
                        tag(&self.view.table::<Role>().get(&id(role))?.about.tags, key)
                    }
                    Lender::FederatedBy { id: user, .. } => {
                        tag(&self.view.table::<User>().get(&id(user))?.about.tags, key)
                    }
                    Lender::Root => None,
                })
            }
            _ => None,
        }
    }

    /// A role that another service names comes without its tags: who has them is here.
    fn resource_tag(&self, key: &str) -> Option<Values<'_>> {
        several(self.resource.tag(key)).or_else(|| {
            let account = Account::of(&self.call.scope);
            tag(&roles::by_arn(self.view, account, self.resource.arn())?.about.tags, key)
        })
    }
}

fn tag<'a>(tags: &'a Tags, key: &str) -> Option<Values<'a>> {
    several(tags::values(tags, key))
}

/// As many values as there are; none is no key.
fn several<'a>(mut values: impl Iterator<Item = &'a str>) -> Option<Values<'a>> {
    let first = values.next()?;
    Some(match values.next() {
        None => Values::One(Value::from(first)),
        Some(second) => {
            Values::Many([first, second].into_iter().chain(values).map(Value::from).collect())
        }
    })
}

fn text(text: &str) -> Option<Values<'_>> {
    Some(Values::One(Value::from(text)))
}

fn owned(text: String) -> Option<Values<'static>> {
    Some(Values::One(Value::text(text)))
}

fn instant(instant: Timestamp) -> Values<'static> {
    Values::One(Value::Instant(instant))
}

/// An IPv4 peer of a socket that takes both is still one.
fn address(address: IpAddr) -> Values<'static> {
    Values::One(Value::Address(address.to_canonical()))
}
