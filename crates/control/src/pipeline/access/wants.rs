//! The answer of a row: everything that has to be allowed for one call to go on.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use berth_model::Tags;
use smallvec::SmallVec;

use super::{Action, KeyValue, Keys, Resource};

/// One question to policies: may this be done to that?
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub action: Action,
    pub resource: Resource,
    pub keys: Arc<Keys>,
}

/// Collects what a call wants: its own action on every resource it names, and what comes with it.
#[derive(Debug)]
pub struct Wants {
    pub(super) action: Action,
    /// Some have keys that hold for them alone.
    resources: SmallVec<[(Resource, Option<Box<Keys>>); 1]>,
    keys: Keys,
    further: Vec<Wanted>,
    free: bool,
}

impl Wants {
    pub(super) fn new(action: Action) -> Self {
        Wants {
            action,
            resources: SmallVec::new(),
            keys: Keys::new(),
            further: Vec::new(),
            free: false,
        }
    }

    /// The action is not called as the operation is.
    pub fn action(&mut self, action: &'static str) {
        self.action = Action::from(action);
    }

    /// The call's own action on this. Without any, it is an action on no resource in particular.
    pub fn on(&mut self, resource: Resource) {
        self.resources.push((resource, None));
    }

    /// The same with condition keys that are about this resource and no other, beside those of the whole call.
    pub fn on_with(&mut self, resource: Resource, keys: Keys) {
        self.resources.push((resource, Some(Box::new(keys))));
    }

    /// A condition key of the call's own action.
    pub fn key(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<KeyValue>) {
        self.keys.insert(name, value);
    }

    /// The same for what may be left out: a key that is not there is something else than an empty one.
    pub fn key_if(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<KeyValue>>,
    ) {
        if let Some(value) = value {
            self.keys.insert(name, value);
        }
    }

    /// All keys of the call's own action.
    pub fn keys(&mut self, keys: Keys) {
        self.keys = keys;
    }

    /// Tags that the request brings.
    pub fn request_tags(&mut self, tags: Tags) {
        self.keys.request_tags(tags);
    }

    /// Tags that the request takes away.
    pub fn untagged(&mut self, keys: &[String]) {
        self.keys.untagged(keys.to_vec());
    }

    /// Another action that must be allowed too.
    pub fn also(&mut self, action: &'static str, resource: Resource, keys: Keys) {
        let action = Action::from(action);
        self.further.push(Wanted { action, resource, keys: Arc::new(keys) });
    }

    /// What another service wants of whoever has it do something.
    pub fn and(&mut self, others: impl IntoIterator<Item = Wanted>) {
        self.further.extend(others);
    }

    /// A role is handed to a service, which will act in it.
    pub fn pass_role(&mut self, role_arn: impl std::fmt::Display, to: &'static str) {
        let keys = Keys::new().with("iam:PassedToService", to);
        self.also("iam:PassRole", Resource::new(role_arn), keys);
    }

    /// AWS: a few calls need no permission, and no policy can take them away.
    pub fn nothing(&mut self) {
        self.free = true;
    }

    /// Asks every question, the call's own first, until one is answered with no.
    pub fn ask<E>(
        &self,
        mut ask: impl FnMut(&Action, &Resource, &Keys) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.free {
            if self.resources.is_empty() {
                ask(&self.action, &Resource::any(), &self.keys)?;
            }
            for (resource, own) in &self.resources {
                match own {
                    None => ask(&self.action, resource, &self.keys)?,
                    Some(own) => ask(&self.action, resource, &Keys::clone(own).and(&self.keys))?,
                }
            }
        }
        self.further
            .iter()
            .try_for_each(|wanted| ask(&wanted.action, &wanted.resource, &wanted.keys))
    }

    /// Every question, for whoever asks later.
    pub fn questions(&self) -> Vec<Wanted> {
        let mut questions = Vec::new();
        let Ok(()) = self.ask(|action, resource, keys| {
            let (action, resource) = (action.clone(), resource.clone());
            questions.push(Wanted { action, resource, keys: Arc::new(keys.clone()) });
            Ok::<(), Infallible>(())
        });
        questions
    }
}
