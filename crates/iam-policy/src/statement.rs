//! One statement of a policy.

use crate::actions::Actions;
use crate::condition::Condition;
use crate::context::{Context, Key};
use crate::policies::Asked;
use crate::principals::{Grant, Principals};
use crate::resources::Resources;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// A place in a document's text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// From the first character to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: Position,
    pub end: Position,
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// `None` where the policy is about whoever it is attached to.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Actions,
    /// `None` where the policy is about what it is attached to.
    pub(crate) resources: Option<Resources>,
    pub(crate) conditions: Box<[Condition]>,
    pub(crate) span: Span,
}

impl Statement {
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where it stands in the text that was parsed.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether it is about the request; if so, what it would grant to whom it names.
    pub(crate) fn applies(&self, asked: &Asked<'_>) -> Option<Grant> {
        self.names_action(asked.service, asked.name).then(|| self.applies_to_action(asked))?
    }

    pub(crate) fn names_action(&self, service: &str, name: &str) -> bool {
        self.actions.include(service, name)
    }

    /// The same for one that is known to name the action.
    pub(crate) fn applies_to_action(&self, asked: &Asked<'_>) -> Option<Grant> {
        let grant = self.grant(asked)?;
        self.conditions.iter().all(|condition| condition.holds(asked.context)).then_some(grant)
    }

    /// The same, but every condition is asked, even if one has failed: so that all their keys are heard.
    pub(crate) fn applies_and_asks_all(&self, asked: &Asked<'_>) -> bool {
        let failed = |condition: &&Condition| !condition.holds(asked.context);
        self.names_action(asked.service, asked.name)
            && self.grant(asked).is_some()
            && self.conditions.iter().filter(failed).count() == 0
    }

    /// What it would grant by its principals and resources, if all its conditions held.
    fn grant(&self, asked: &Asked<'_>) -> Option<Grant> {
        let grant = match &self.principals {
            None => Grant::Direct,
            Some(principals) => match principals.grant(asked.principal) {
                Some(grant) => grant,
                // AWS: a `NotPrincipal` that denies spares nobody who has a permissions boundary.
                None if principals.negated() && self.effect == Effect::Deny && asked.bounded => {
                    Grant::Direct
                }
                None => return None,
            },
        };
        let resource = self.resources.as_ref();
        resource
            .is_none_or(|resources| resources.include(asked.resource, asked.context))
            .then_some(grant)
    }

    /// Of one that is known to name the action, and belongs to whoever asks: whether it is about everything whose ARN
    /// begins so, by keys that are known.
    pub(crate) fn applies_to_all(&self, beginning: &str, known: &dyn Context) -> bool {
        let mut conditions = self.conditions.iter();
        self.principals.is_none()
            && self.resources.as_ref().is_none_or(|resources| resources.include_all(beginning))
            && conditions.all(|condition| condition.holds_by(known) == Some(true))
    }

    /// Of such a one: whether it is about none of that.
    pub(crate) fn spares_all(&self, beginning: &str, known: &dyn Context) -> bool {
        let mut conditions = self.conditions.iter();
        self.resources.as_ref().is_some_and(|resources| resources.include_none(beginning))
            || conditions.any(|condition| condition.holds_by(known) == Some(false))
    }

    /// The keys that it asks for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        let resources = self.resources.iter().flat_map(Resources::keys);
        resources.chain(self.conditions.iter().flat_map(Condition::keys))
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.sid == other.sid
            && self.effect == other.effect
            && self.principals == other.principals
            && self.actions == other.actions
            && self.resources == other.resources
            && self.conditions == other.conditions
    }
}

impl Eq for Statement {}
