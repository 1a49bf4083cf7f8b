//! What decides about one action, found once: of a caller's policies, the statements that name it.
//!
//! A caller asks for the same few actions again and again, and most statements of its policies are about others. Where no
//! resource has a say, these alone tell whether policies allow it: one thing, or all at once whose ARNs begin alike. Why
//! they do not, only [`decide`](crate::decide) tells.

use std::sync::Arc;

use crate::context::Context;
use crate::policies::{Asked, Attached, Policies, Request};
use crate::principal::Principal;
use crate::statement::{Effect, Statement};

/// Of one caller and one action.
#[derive(Debug)]
pub struct Shortlist {
    /// Of whatever policy: one that applies is the end.
    denying: Box<[Arc<Statement>]>,
    identity: Box<[Arc<Statement>]>,
    /// `None` where there is no such limit.
    boundary: Option<Box<[Arc<Statement>]>>,
    session: Option<Box<[Arc<Statement>]>>,
}

impl Shortlist {
    /// The policies of a resource are passed over.
    pub fn of(policies: &Policies<'_>, action: &str) -> Self {
        let (service, name) = Asked::parts(action);
        let with = |effect: Effect, policies: &[Attached<'_>]| -> Box<[Arc<Statement>]> {
            let about = policies.iter().flat_map(|policy| policy.document.about(service));
            let named = about.map(|(_, statement)| statement).filter(|statement| {
                statement.effect == effect && statement.names_action(service, name)
            });
            named.cloned().collect()
        };
        let (boundary, session) = (policies.boundary.as_slice(), policies.session);
        let all = [policies.identity, boundary, session.unwrap_or_default()];
        Shortlist {
            denying: all.iter().flat_map(|policies| with(Effect::Deny, policies)).collect(),
            identity: with(Effect::Allow, policies.identity),
            boundary: policies.boundary.map(|_| with(Effect::Allow, boundary)),
            session: session.map(|session| with(Effect::Allow, session)),
        }
    }

    /// Whether they allow this, of the action that they were found for, on something of the principal's own account
    /// that has no policy.
    pub fn allows(&self, request: &Request<'_>) -> bool {
        // The action is known.
        let asked = Asked::about(("", ""), request, self.boundary.is_some());
        let any = |statements: &[Arc<Statement>]| {
            statements.iter().any(|statement| statement.applies_to_action(&asked).is_some())
        };
        let is_root = matches!(request.principal, Principal::Root { .. });
        !any(&self.denying)
            && (is_root || any(&self.identity))
            && self.boundary.as_deref().is_none_or(any)
            && self.session.as_deref().is_none_or(any)
    }

    /// Whether they allow the action on everything whose ARN begins so, of which no more is known than these keys.
    /// `false` where it depends on more.
    pub fn allows_all(&self, beginning: &str, known: &dyn Context) -> bool {
        let any = |statements: &[Arc<Statement>]| {
            statements.iter().any(|statement| statement.applies_to_all(beginning, known))
        };
        self.denying.iter().all(|statement| statement.spares_all(beginning, known))
            && any(&self.identity)
            && self.boundary.as_deref().is_none_or(any)
            && self.session.as_deref().is_none_or(any)
    }
}

#[cfg(test)]
mod tests {
    use super::Shortlist;
    use crate::context::Keys;
    use crate::{Attached, Document, Kind, Policies};

    /// Whether a caller with this policy may stop every task of the cluster `default`.
    fn may_stop_all(statements: &str) -> bool {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = Document::parse(&text, Kind::Identity).unwrap();
        let policies =
            Policies { identity: &[Attached::new("policy", &document)], ..Policies::default() };
        let cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/default";
        let known = Keys::new().with("ecs:cluster", cluster);
        Shortlist::of(&policies, "ecs:StopTask")
            .allows_all("arn:aws:ecs:us-east-1:123456789012:task/default/", &known)
    }

    fn statement(effect: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"{effect}","Action":"ecs:*","Resource":"{resource}","Condition":{{{condition}}}}}"#
        )
    }

    #[test]
    fn what_depends_on_no_more_than_is_known_holds_for_all() {
        let in_default = r#""ArnLike":{"ecs:cluster":"arn:aws:ecs:*:*:cluster/default"}"#;
        let elsewhere = r#""ArnLike":{"ecs:cluster":"arn:aws:ecs:*:*:cluster/other"}"#;
        let by_tag = r#""StringEquals":{"aws:ResourceTag/team":"blue"}"#;
        let by_name = r#""StringEquals":{"ecs:cluster":"${aws:username}"}"#;
        let table = [
            ("*", "", true),
            ("arn:aws:ecs:us-east-1:123456789012:task/default/*", "", true),
            ("arn:aws:ecs:us-east-1:123456789012:task/default/a*", "", false),
            ("arn:aws:ecs:us-east-1:123456789012:task/default/a", "", false),
            ("arn:aws:ecs:us-east-1:123456789012:task/def*", "", true),
            ("arn:aws:ecs:*:*:task/default/*", "", true),
            ("arn:aws:ecs:*:*:task/*/a*", "", false),
            ("arn:aws:ecs:*:*:task/other/*", "", false),
            ("arn:aws:ecs:*:*:task/default/?", "", false),
            ("arn:aws:ecs:*:*:task/${aws:username}/*", "", false),
            ("*", in_default, true),
            ("*", elsewhere, false),
            ("*", by_tag, false),
            ("*", by_name, false),
        ];
        for (resource, condition, all) in table {
            let allow = statement("Allow", resource, condition);
            assert_eq!(may_stop_all(&allow), all, "{allow}");
        }
    }

    #[test]
    fn a_denial_that_may_be_about_one_of_them_leaves_it_open() {
        let elsewhere = r#""ArnLike":{"ecs:cluster":"arn:aws:ecs:*:*:cluster/other"}"#;
        let by_tag = r#""StringEquals":{"aws:ResourceTag/team":"blue"}"#;
        let table = [
            ("*", "", false),
            ("arn:aws:ecs:us-east-1:123456789012:task/default/a", "", false),
            ("arn:aws:ecs:us-east-1:123456789012:task/def*", "", false),
            ("arn:aws:ecs:us-east-1:123456789012:task/other/*", "", true),
            ("arn:aws:ecs:us-east-1:123456789012:task/*/a", "", false),
            ("arn:aws:ecs:eu-*:*:task/*", "", true),
            ("*", elsewhere, true),
            ("*", by_tag, false),
        ];
        for (resource, condition, spares) in table {
            let deny = statement("Deny", resource, condition);
            let both = [statement("Allow", "*", ""), deny].join(",");
            assert_eq!(may_stop_all(&both), spares, "{both}");
        }
    }
}
