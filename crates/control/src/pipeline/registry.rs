//! What an endpoint serves: operations by name, sockets and routes by path.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use berth_aws_api::{OperationSchema, ServiceSchema};
use http::Method;

use super::Route;
use super::access::PathRow;
use super::observe::{Instruments, Observer};
use super::operation::Handler;
use super::service::{Service, SocketHandler};
use super::signed_route::ServedRoute;
use super::throttle::{Category, Quota};
use crate::metrics::Metrics;

/// Everything that was registered, indexed for serving.
#[derive(Default)]
pub(super) struct Registry {
    services: Vec<&'static ServiceSchema>,
    operations: HashMap<(&'static str, &'static str), Served>,
    sockets: BTreeMap<&'static str, ServedSocket>,
    routes: BTreeMap<&'static str, (Method, Arc<dyn Route>)>,
    signed_routes: BTreeMap<&'static str, ServedRoute>,
    /// Categories of calls so far, of all services.
    categories: u16,
}

/// An operation that is served.
pub(super) struct Served {
    pub handler: Arc<dyn Handler>,
    pub instruments: Instruments,
    pub quota: Quota,
    pub at_leader: bool,
}

pub(super) struct ServedSocket {
    pub service: &'static ServiceSchema,
    pub path: &'static str,
    pub access: PathRow,
    pub quota: Quota,
    pub open: SocketHandler,
}

/// Why services cannot be served together. Always a mistake in the wiring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    #[error("the operation {operation} of {service} is registered twice")]
    OperationTwice { service: &'static str, operation: &'static str },
    #[error("operations of {0} and {1} are registered as one service")]
    Mixed(&'static str, &'static str),
    #[error("the path {0} is registered twice")]
    PathTwice(&'static str),
    #[error(
        "the path {0} is signed for a service, and belongs to one without operations, so nobody can sign for it"
    )]
    PathWithoutService(&'static str),
    #[error(
        "the access table of {service} has no row for {name}, so nobody can tell who may call it"
    )]
    NoRow { service: &'static str, name: &'static str },
    #[error("an access table has {0} twice")]
    RowTwice(&'static str),
    #[error("no category of {service} has {name}, so nobody can tell how often it may be called")]
    NoRate { service: &'static str, name: &'static str },
    #[error("{0} is in two categories of calls")]
    RateTwice(&'static str),
    #[error("{0} is said to be the leader's, and is not served")]
    NotServed(&'static str),
}

/// The categories of one service.
struct Quotas {
    service: &'static str,
    by_action: BTreeMap<&'static str, Quota>,
}

impl Quotas {
    fn of(&self, name: &'static str) -> Result<Quota, RegistryError> {
        let service = self.service;
        self.by_action.get(name).cloned().ok_or(RegistryError::NoRate { service, name })
    }
}

impl Registry {
    pub fn add(&mut self, service: Service, observer: &Observer) -> Result<(), RegistryError> {
        let schema = service.schema();
        if let Some(name) = service.rows_twice.first() {
            return Err(RegistryError::RowTwice(name));
        }
        let name = schema.map_or("", |schema| schema.name);
        let quotas = self.quotas(name, service.rates, observer.metrics())?;
        let at_leader = |name: &str| service.at_leader.contains(&name);
        let served = service.handlers.iter().map(|handler| handler.schema().name);
        let served: Vec<_> =
            served.chain(service.signed_routes.iter().map(|(_, route)| route.path)).collect();
        if let Some(name) = service.at_leader.iter().find(|name| !served.contains(name)) {
            return Err(RegistryError::NotServed(name));
        }
        for handler in service.handlers {
            let at_leader = at_leader(handler.schema().name);
            self.add_operation(handler, schema, at_leader, &quotas, observer)?;
        }
        for (path, (row, open)) in service.sockets {
            let service = schema.ok_or(RegistryError::PathWithoutService(path))?;
            let access = row.ok_or(RegistryError::NoRow { service: service.name, name: path })?;
            let quota = quotas.of(access.action)?;
            self.claim(path)?;
            self.sockets.insert(path, ServedSocket { service, path, access, quota, open });
        }
        for (method, path, route) in service.routes {
            self.add_route(method, path, route)?;
        }
        for (row, route) in service.signed_routes {
            let schema = schema.ok_or(RegistryError::PathWithoutService(route.path))?;
            let no_row = RegistryError::NoRow { service: schema.name, name: route.path };
            let access = row.ok_or(no_row)?;
            let quota = quotas.of(access.action)?;
            self.claim(route.path)?;
            let at_leader = at_leader(route.path);
            let served = ServedRoute { service: schema, access, quota, at_leader, route };
            self.signed_routes.insert(served.route.path, served);
        }
        // Two crates may share a service's operations.
        if let Some(schema) =
            schema.filter(|schema| self.services().all(|known| known.name != schema.name))
        {
            self.services.push(schema);
        }
        Ok(())
    }

    pub fn add_route(
        &mut self,
        method: Method,
        path: &'static str,
        route: Arc<dyn Route>,
    ) -> Result<(), RegistryError> {
        self.claim(path)?;
        self.routes.insert(path, (method, route));
        Ok(())
    }

    pub fn services(&self) -> impl Iterator<Item = &'static ServiceSchema> {
        self.services.iter().copied()
    }

    /// `None`: the model has it, and nobody serves it.
    pub fn operation(&self, operation: &OperationSchema) -> Option<&Served> {
        self.operations.get(&(operation.service.name, operation.name))
    }

    pub fn operations(&self) -> impl Iterator<Item = &'static OperationSchema> {
        self.operations.values().map(|served| served.handler.schema())
    }

    pub fn socket(&self, path: &str) -> Option<&ServedSocket> {
        self.sockets.get(path)
    }

    pub fn route(&self, path: &str) -> Option<&(Method, Arc<dyn Route>)> {
        let folder = || self.routes.get(&path[..=path.rfind('/')?]);
        self.routes.get(path).or_else(folder)
    }

    pub fn signed_route(&self, path: &str) -> Option<&ServedRoute> {
        self.signed_routes.get(path)
    }

    fn add_operation(
        &mut self,
        handler: Arc<dyn Handler>,
        schema: Option<&'static ServiceSchema>,
        at_leader: bool,
        quotas: &Quotas,
        observer: &Observer,
    ) -> Result<(), RegistryError> {
        let operation = handler.schema();
        let service = operation.service.name;
        if let Some(schema) = schema.filter(|schema| schema.name != service) {
            return Err(RegistryError::Mixed(schema.name, service));
        }
        let (name, has_row) = (operation.name, handler.has_row());
        let (instruments, quota) = (observer.instruments(operation), quotas.of(name)?);
        let served = Served { handler, instruments, quota, at_leader };
        match self.operations.insert((service, name), served) {
            Some(_) => Err(RegistryError::OperationTwice { service, operation: name }),
            None if !has_row => Err(RegistryError::NoRow { service, name }),
            None => Ok(()),
        }
    }

    fn quotas(
        &mut self,
        service: &'static str,
        categories: &[Category],
        metrics: &Metrics,
    ) -> Result<Quotas, RegistryError> {
        let mut by_action = BTreeMap::new();
        for category in categories {
            let quota = Quota::new(self.categories, service, category, metrics);
            self.categories += 1;
            for action in category.actions {
                if by_action.insert(*action, quota.clone()).is_some() {
                    return Err(RegistryError::RateTwice(action));
                }
            }
        }
        Ok(Quotas { service, by_action })
    }

    fn claim(&self, path: &'static str) -> Result<(), RegistryError> {
        match self.sockets.contains_key(path)
            || self.routes.contains_key(path)
            || self.signed_routes.contains_key(path)
        {
            true => Err(RegistryError::PathTwice(path)),
            false => Ok(()),
        }
    }
}
