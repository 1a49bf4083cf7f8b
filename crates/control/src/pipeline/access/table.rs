//! The table that a service hands in: a row for everything that it serves.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::Operation;
use http::Uri;

use super::{Action, Beforehand, Realm, Wants};
use crate::pipeline::Call;

/// What each operation, socket and path of a service wants.
///
/// ```ignore
/// AccessTable::new("ecs")
///     .operation::<ops::ListClusters>(|_, _| {})
///     .operation::<ops::StopTask>(|ask, input| ask.task(&input.cluster, &input.task))
///     .path("/acs/ws", "Poll", |ask, uri| ask.instance_of(uri))
/// ```
pub struct AccessTable<S> {
    prefix: &'static str,
    /// By the operation's name: its row, an [`OperationRow`] of the operation.
    operations: BTreeMap<&'static str, Box<dyn Any>>,
    paths: BTreeMap<&'static str, (&'static str, PathResolver<S>)>,
    twice: Vec<&'static str>,
}

/// Whoever fills in a row: the service, the call, and what the call wants as far as it is known.
///
/// A service gives it the words of its own rows by a trait: `ask.cluster(…)`, `ask.task(…)`.
pub struct Asking<'a, S> {
    pub service: &'a S,
    pub call: &'a Call,
    pub wants: Wants,
    pub(super) beforehand: Option<&'a Beforehand<'a>>,
}

impl<'a, S> Asking<'a, S> {
    /// What a service is asked on behalf of another one: an action of its own that comes with a call to that one.
    pub fn of(service: &'a S, call: &'a Call, prefix: &str, name: &str) -> Self {
        let wants = Wants::new(Action::of(prefix, name));
        Asking { service, call, wants, beforehand: None }
    }

    /// Whether it is known that the caller may do the call's own action to everything in there. Then nothing more has to be
    /// asked about it, and none of it has to be found.
    pub fn may_all(&mut self, realm: &Arc<Realm>) -> bool {
        let may = self.beforehand.is_some_and(|known| known(&self.wants.action, realm));
        if may {
            self.wants.nothing();
        }
        may
    }
}

type Resolver<S, I> = fn(&mut Asking<'_, S>, &I);
type PathResolver<S> = Resolver<S, Uri>;

type PathWants = dyn Fn(&Call, &Uri) -> Wants + Send + Sync;

/// The row of one operation.
pub(in crate::pipeline) struct OperationRow<S, I> {
    action: Action,
    resolve: Resolver<S, I>,
}

/// The row of a socket or a path of ours, for the service that serves it.
#[derive(Clone)]
pub(in crate::pipeline) struct PathRow {
    pub action: &'static str,
    pub wants: Arc<PathWants>,
}

impl<S: Send + Sync + 'static> AccessTable<S> {
    /// A table of actions that begin with this prefix, which is not always what clients sign for.
    pub fn new(prefix: &'static str) -> Self {
        AccessTable {
            prefix,
            operations: BTreeMap::new(),
            paths: BTreeMap::new(),
            twice: Vec::new(),
        }
    }

    /// The row of an operation, whose action has its name.
    pub fn operation<O: Operation>(mut self, resolve: Resolver<S, O::Input>) -> Self {
        let row = OperationRow { action: Action::of(self.prefix, O::NAME), resolve };
        if self.operations.insert(O::NAME, Box::new(row)).is_some() {
            self.twice.push(O::NAME);
        }
        self
    }

    /// The row of a socket or of a path of ours, with the name of its action.
    pub fn path(
        mut self,
        path: &'static str,
        action: &'static str,
        resolve: PathResolver<S>,
    ) -> Self {
        if self.paths.insert(path, (action, resolve)).is_some() {
            self.twice.push(path);
        }
        self
    }

    /// All rows of another table of the same prefix: a long one may be written in parts.
    pub fn and(mut self, other: AccessTable<S>) -> Self {
        let known =
            |name: &&&str| self.operations.contains_key(*name) || self.paths.contains_key(*name);
        let names = other.operations.keys().chain(other.paths.keys());
        self.twice.extend(names.filter(known));
        self.twice.extend(other.twice);
        self.operations.extend(other.operations);
        self.paths.extend(other.paths);
        self
    }

    pub(in crate::pipeline) fn take_operation<O: Operation>(
        &mut self,
    ) -> Option<OperationRow<S, O::Input>> {
        let row = self.operations.remove(O::NAME)?;
        Some(*row.downcast().expect("a row is kept by the name of its own operation"))
    }

    pub(in crate::pipeline) fn take_path(
        &mut self,
        service: &Arc<S>,
        path: &'static str,
    ) -> Option<PathRow> {
        let (action, resolve) = self.paths.remove(path)?;
        let (service, named) = (service.clone(), Action::of(self.prefix, action));
        let wants = move |call: &Call, uri: &Uri| {
            let wants = Wants::new(named.clone());
            let mut asking = Asking { service: &*service, call, wants, beforehand: None };
            resolve(&mut asking, uri);
            asking.wants
        };
        Some(PathRow { action, wants: Arc::new(wants) })
    }

    /// What there are two rows for: a mistake.
    pub(in crate::pipeline) fn twice(self) -> Vec<&'static str> {
        self.twice
    }
}

impl<S, I> OperationRow<S, I> {
    pub fn wants(
        &self,
        service: &S,
        call: &Call,
        input: &I,
        beforehand: Option<&Beforehand<'_>>,
    ) -> Wants {
        let wants = Wants::new(self.action.clone());
        let mut asking = Asking { service, call, wants, beforehand };
        (self.resolve)(&mut asking, input);
        asking.wants
    }
}
