//! How a service hands its operations, sockets and routes to the pipeline.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use berth_aws_api::{Operation, OperationSchema, ServiceSchema};
use bytes::Bytes;
use http::{Method, Request, Response};

use super::access::{AccessTable, PathRow};
use super::exchange::Answer;
use super::operation::{Handler, Typed};
use super::signed_route::{SignedHandler, SignedRoute};
use super::throttle::Category;
use super::websocket::{Opening, Session, SocketRefusal};
use super::{Call, CommonError, Failure, Route};

/// Registers what one service serves.
///
/// ```ignore
/// ServiceBuilder::new(Arc::new(ecs), access::table())
///     .rates(rates::ECS)
///     .operation::<api::ops::RunTask, _, _>(operations::run_task::run_task)
///     .websocket("/acs/ws", session::acs::open)
/// ```
pub struct ServiceBuilder<S> {
    service: Arc<S>,
    access: AccessTable<S>,
    registered: Service,
}

/// What one service serves, whatever its type.
#[derive(Default)]
pub struct Service {
    pub(super) handlers: Vec<Arc<dyn Handler>>,
    pub(super) sockets: BTreeMap<&'static str, (Option<PathRow>, SocketHandler)>,
    pub(super) routes: Vec<(Method, &'static str, Arc<dyn Route>)>,
    pub(super) signed_routes: Vec<(Option<PathRow>, SignedRoute)>,
    pub(super) rates: &'static [Category],
    pub(super) at_leader: &'static [&'static str],
    /// What the access table has two rows for.
    pub(super) rows_twice: Vec<&'static str>,
}

pub(super) type SocketHandler = Arc<dyn Fn(Call, Opening) -> Deciding + Send + Sync>;
type Deciding = Pin<Box<dyn Future<Output = Result<Session, SocketRefusal>> + Send>>;
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

impl<S: Send + Sync + 'static> ServiceBuilder<S> {
    /// The table has a row for each of what is registered then.
    pub fn new(service: Arc<S>, access: AccessTable<S>) -> Self {
        ServiceBuilder { service, access, registered: Service::default() }
    }

    /// How often each of what is registered may be called: all of it is in one of these categories.
    pub fn rates(mut self, rates: &'static [Category]) -> Self {
        self.registered.rates = rates;
        self
    }

    /// Operations and paths that only read and are the leader's all the same, since they tell what is in one server's memory
    /// or where it is.
    pub fn at_leader(mut self, names: &'static [&'static str]) -> Self {
        self.registered.at_leader = names;
        self
    }

    /// Serves an operation with a function from its input to its output.
    pub fn operation<O, F, R>(mut self, run: F) -> Self
    where
        O: Operation,
        F: Fn(Arc<S>, Call, O::Input) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Failure<O::Error>>> + Send + 'static,
    {
        let row = self.access.take_operation::<O>();
        let handler = Typed::<O, S, F>::new(Arc::clone(&self.service), row, run);
        self.registered.handlers.push(Arc::new(handler));
        self
    }

    /// Serves web sockets at a path. `open` decides whether one is opened; requests are authenticated and authorised
    /// as those of the service's operations are.
    pub fn websocket<F, R>(mut self, path: &'static str, open: F) -> Self
    where
        F: Fn(Arc<S>, Call, Opening) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Session, SocketRefusal>> + Send + 'static,
    {
        let service = Arc::clone(&self.service);
        let handler: SocketHandler =
            Arc::new(move |call, opening| Box::pin(open(Arc::clone(&service), call, opening)));
        let row = self.access.take_path(&self.service, path);
        self.registered.sockets.insert(path, (row, handler));
        self
    }

    /// Serves plain HTTP at a path; at one that ends with a slash, everything that is in that folder.
    pub fn route(mut self, method: Method, path: &'static str, route: impl Route) -> Self {
        self.registered.routes.push((method, path, Arc::new(route)));
        self
    }

    /// Serves a path of our own to those who may: requests are authenticated and authorised as those of the service's
    /// operations are. The access table has the name of its action.
    pub fn signed_route<F, R>(mut self, method: Method, path: &'static str, run: F) -> Self
    where
        F: Fn(Arc<S>, Call, Request<Bytes>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Response<Bytes>, CommonError>> + Send + 'static,
    {
        let service = Arc::clone(&self.service);
        let run: SignedHandler =
            Arc::new(move |call, request| Box::pin(run(Arc::clone(&service), call, request)));
        let row = self.access.take_path(&self.service, path);
        self.registered.signed_routes.push((row, SignedRoute { method, path, run }));
        self
    }
}

impl<S: Send + Sync + 'static> From<ServiceBuilder<S>> for Service {
    fn from(builder: ServiceBuilder<S>) -> Self {
        Service { rows_twice: builder.access.twice(), ..builder.registered }
    }
}

impl Service {
    /// The operations that are served, as they were registered.
    pub fn operations(&self) -> impl Iterator<Item = &'static OperationSchema> {
        self.handlers.iter().map(|handler| handler.schema())
    }

    /// The service's model; `None` for a service without operations.
    pub(super) fn schema(&self) -> Option<&'static ServiceSchema> {
        self.operations().next().map(|operation| operation.service)
    }
}
