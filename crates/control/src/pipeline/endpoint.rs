//! The order in which a request is worked on.

mod among;
mod sockets;

pub use sockets::OpenSocket;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use berth_aws_api::{OperationSchema, ServiceSchema};
use berth_aws_protocol::sigv4::Claim;
use berth_aws_protocol::{CommonError, Directory, Identified, Protocol, REQUEST_ID, Unidentified};
use berth_model::{AccountId, Region, Scope, Timestamp};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ALLOW, HOST};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use self::among::NotHere;
use super::access::{Beforehand, PathRow};
use super::authenticate::{Authenticated, Authenticator, Expected};
use super::exchange::{Answer, Exchange};
use super::failure::INTERNAL;
use super::following::{Following, FollowingOptions};
use super::observe::{Observation, Observer};
use super::registry::{Registry, RegistryError};
use super::signed_route::ServedRoute;
use super::stranger::Stranger;
use super::throttle::{RateLimits, Throttle};
use super::websocket::SocketRefusal;
use super::{Authorizer, Call, Denied, Peer, Question, RequestId, Route, Seen, Service};
use crate::audit::Audit;
use crate::env::Env;
use crate::metrics::Metrics;

/// What an endpoint is made of, beside what it serves.
pub struct EndpointOptions {
    pub env: Env,
    /// Every caller's account.
    pub account: AccountId,
    /// For requests that do not say a region.
    pub default_region: Region,
    pub authenticator: Arc<dyn Authenticator>,
    pub authorizer: Arc<dyn Authorizer>,
    pub metrics: Metrics,
}

/// Collects what an endpoint serves.
pub struct EndpointBuilder {
    options: EndpointOptions,
    services: Vec<Service>,
    routes: Vec<(Method, &'static str, Arc<dyn Route>)>,
    audit: Option<Audit>,
    rate_limits: RateLimits,
    following: Option<FollowingOptions>,
}

/// One address for every service and region. Cheap to clone.
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

struct Inner {
    env: Env,
    account: AccountId,
    default_region: Region,
    authenticator: Arc<dyn Authenticator>,
    authorizer: Arc<dyn Authorizer>,
    observer: Observer,
    throttle: Throttle,
    registry: Registry,
    directory: Directory,
    following: Option<Following>,
}

impl EndpointBuilder {
    pub fn new(options: EndpointOptions) -> Self {
        EndpointBuilder {
            options,
            services: Vec::new(),
            routes: Vec::new(),
            audit: None,
            rate_limits: RateLimits::Off,
            following: None,
        }
    }

    pub fn service(mut self, service: impl Into<Service>) -> Self {
        self.services.push(service.into());
        self
    }

    /// Plain HTTP that belongs to no service, such as `GET /health`.
    pub fn route(mut self, method: Method, path: &'static str, route: impl Route) -> Self {
        self.routes.push((method, path, Arc::new(route)));
        self
    }

    /// Every call is told there.
    pub fn audit(mut self, audit: Audit) -> Self {
        self.audit = Some(audit);
        self
    }

    /// How often anybody may call. Without a word, as often as they like.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = limits;
        self
    }

    /// Other servers have the same cell, one of which writes. Without a word, this one does.
    pub fn following(mut self, options: FollowingOptions) -> Self {
        self.following = Some(options);
        self
    }

    pub fn build(self) -> Result<Endpoint, RegistryError> {
        let EndpointOptions { env, account, default_region, authenticator, authorizer, metrics } =
            self.options;
        let throttle = Throttle::new(self.rate_limits, &metrics);
        let following = self.following.map(|options| Following::new(options, &metrics));
        let observer = Observer::new(metrics, self.audit);
        let mut registry = Registry::default();
        for service in self.services {
            registry.add(service, &observer)?;
        }
        for (method, path, route) in self.routes {
            registry.add_route(method, path, route)?;
        }
        let directory = Directory::new(registry.services());
        Ok(Endpoint(Arc::new(Inner {
            env,
            account,
            default_region,
            authenticator,
            authorizer,
            observer,
            throttle,
            registry,
            directory,
            following,
        })))
    }
}

impl Endpoint {
    /// Answers one request. Never fails and never panics for what a client sends.
    pub async fn handle(&self, request: Request<Bytes>, peer: Peer) -> Response<Bytes> {
        match &self.0.following {
            Some(following) => self.handle_among(following, request, peer).await,
            None => self.handle_here(request, peer, self.new_request_id()).await,
        }
    }

    async fn handle_here(
        &self,
        request: Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
    ) -> Response<Bytes> {
        match self.try_here(request, peer, request_id, false).await {
            Ok(response) | Err(NotHere(response)) => response,
        }
    }

    /// `is_follower`: what writes is left alone.
    async fn try_here(
        &self,
        request: Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        is_follower: bool,
    ) -> Result<Response<Bytes>, NotHere> {
        if let Some(mut response) = self.plain(&request, peer).await {
            if !request.method().is_safe() {
                let (at, status) = (self.0.env.now(), response.status());
                if !status.is_client_error() || self.0.throttle.failed(peer, at) {
                    self.0.observer.tell_plain(request_id, &request, peer, at, status).await;
                }
            }
            response.headers_mut().insert(REQUEST_ID, request_id.header());
            return Ok(response);
        }
        let mut observation = self.begin(request_id, &request, peer).await;
        let answer = match self.0.registry.signed_route(request.uri().path()) {
            None => self.serve(request, peer, request_id, &mut observation).await,
            Some(route) => {
                observation.is_for_path(route.service.name, route.access.action);
                self.serve_route(route, request, peer, request_id, &mut observation).await
            }
        };
        if is_follower && answer.is_for_leader() {
            observation.pass_on();
            return Err(NotHere(answer.response));
        }
        let mut response = observation.finish(answer);
        response.headers_mut().insert(REQUEST_ID, request_id.header());
        Ok(response)
    }

    /// Refuses a request that could not be read whole, on the wire that its head speaks.
    pub async fn refuse(
        &self,
        head: &Request<Bytes>,
        peer: Peer,
        error: &CommonError,
    ) -> Response<Bytes> {
        let request_id = self.new_request_id();
        let mut observation = self.begin(request_id, head, peer).await;
        self.hear(&mut observation, peer);
        let answer = match self.identify(head) {
            Ok(Identified { operation, protocol }) => {
                let served = self.0.registry.operation(operation);
                observation.is_for(operation, served.map(|served| &served.instruments));
                unserved(protocol, Some(operation.service), error, request_id)
            }
            // The operation may be named in the body, which is not there. The wire is known all the same.
            Err(unknown) => unserved(unknown.protocol, unknown.service, error, request_id),
        };
        observation.finish(answer)
    }

    /// The operations that are served.
    pub fn operations(&self) -> impl Iterator<Item = &'static OperationSchema> {
        self.0.registry.operations()
    }

    pub fn metrics(&self) -> &Metrics {
        self.0.observer.metrics()
    }

    /// Whether this server is the one that agents are connected to.
    fn leads(&self) -> bool {
        self.0.following.as_ref().is_none_or(Following::leads)
    }

    /// Whether an answer that was worked out just now is still true.
    fn may_tell(&self) -> bool {
        self.0.following.as_ref().is_none_or(Following::may_tell)
    }

    async fn begin(
        &self,
        request_id: RequestId,
        request: &Request<Bytes>,
        peer: Peer,
    ) -> Observation<'_> {
        self.0.observer.begin(request_id, request, peer, self.0.env.now()).await
    }

    async fn plain(&self, request: &Request<Bytes>, peer: Peer) -> Option<Response<Bytes>> {
        let path = request.uri().path();
        let Some((method, route)) = self.0.registry.route(path) else {
            let socket = self.0.registry.socket(path)?;
            return Some(upgrade_required(socket.path));
        };
        let head_of_get = request.method() == Method::HEAD && method == Method::GET;
        if request.method() == method || head_of_get {
            return Some(route.answer(request, peer).await);
        }
        Some(only(method))
    }

    async fn serve<'a>(
        &'a self,
        mut request: Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        observation: &mut Observation<'a>,
    ) -> Answer {
        let Identified { operation, protocol } = match self.identify(&request) {
            Ok(identified) => identified,
            Err(Unidentified { protocol, service, error }) => {
                self.hear(observation, peer);
                return unserved(protocol, service, &error, request_id);
            }
        };
        let served = self.0.registry.operation(operation);
        observation.is_for(operation, served.map(|served| &served.instruments));
        let now = self.0.env.now();
        let expected =
            Expected { signing_name: operation.service.signing_name, unsigned: operation.unsigned };
        let authenticated = match self.0.authenticator.authenticate(&request, expected, now).await {
            Ok(authenticated) => authenticated,
            Err(error) => {
                let stranger = self.stranger(error.into(), observation, peer);
                return unauthenticated(protocol, operation.service, stranger, request_id);
            }
        };
        let (call, body) = self.call(authenticated, &request, peer, request_id, now);
        observation.is_by(&call);
        if let Some(body) = body {
            *request.body_mut() = body;
        }
        let authorizer = &*self.0.authorizer;
        let parameters = observation.parameters();
        let exchange =
            Exchange { operation, protocol, request: &request, request_id, authorizer, parameters };
        let Some(served) = served else { return exchange.refused(unsupported(operation)) };
        if let Err(error) = self.0.throttle.admit(&served.quota, &call.principal, peer, now) {
            return exchange.refused(error);
        }
        match AssertUnwindSafe(served.handler.run(&exchange, call)).catch_unwind().await {
            Ok(_) if !self.may_tell() => exchange.refused(of_the_past()),
            Ok(answer) => answer,
            Err(panic) => {
                observation.panicked();
                exchange.broke(anyhow::anyhow!("{} panicked: {}", operation.name, text_of(&*panic)))
            }
        }
    }

    async fn serve_route(
        &self,
        served: &ServedRoute,
        mut request: Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        observation: &mut Observation<'_>,
    ) -> Answer {
        let (service, route) = (served.service, &served.route);
        if request.method() != route.method {
            return Answer { response: only(&route.method), problem: None };
        }
        let now = self.0.env.now();
        let expected = Expected { signing_name: service.signing_name, unsigned: false };
        let authenticated = match self.0.authenticator.authenticate(&request, expected, now).await {
            Ok(authenticated) => authenticated,
            Err(error) => {
                let stranger = self.stranger(error.into(), observation, peer);
                return unauthenticated(Protocol::AwsJson11, service, stranger, request_id);
            }
        };
        let (call, body) = self.call(authenticated, &request, peer, request_id, now);
        observation.is_by(&call);
        if let Some(body) = body {
            *request.body_mut() = body;
        }
        if let Err(error) = self.0.throttle.admit(&served.quota, &call.principal, peer, now) {
            return served.refused(&error, request_id, None);
        }
        if let Err(denied) = self.admit(service, &served.access, &call, &request) {
            return served.refused(&CommonError::AccessDenied(denied.0), request_id, None);
        }
        match AssertUnwindSafe((route.run)(call, request)).catch_unwind().await {
            Ok(_) if !self.may_tell() => served.refused(&of_the_past(), request_id, None),
            Ok(Ok(response)) => Answer { response, problem: None },
            Ok(Err(error)) => served.refused(&error, request_id, None),
            Err(panic) => {
                observation.panicked();
                let cause = anyhow::anyhow!("{} panicked: {}", route.path, text_of(&*panic));
                served.refused(&CommonError::Internal(INTERNAL.to_owned()), request_id, Some(cause))
            }
        }
    }

    /// Takes note of a request that proves nothing, unless there were too many from there.
    fn hear(&self, observation: &mut Observation<'_>, peer: Peer) -> bool {
        let heard = self.0.throttle.failed(peer, self.0.env.now());
        if !heard {
            observation.is_unheard();
        }
        heard
    }

    /// What is made of a request whose proof is not good.
    fn stranger(
        &self,
        stranger: Stranger,
        observation: &mut Observation<'_>,
        peer: Peer,
    ) -> Stranger {
        match stranger {
            Stranger::Refused(_) if !self.hear(observation, peer) => Stranger::TooMany,
            stranger => stranger,
        }
    }

    /// Whether the caller may use a socket or a path of ours.
    fn admit(
        &self,
        service: &'static ServiceSchema,
        access: &PathRow,
        call: &Call,
        request: &Request<Bytes>,
    ) -> Result<(), Denied> {
        let wants = |_: Option<&Beforehand<'_>>| (access.wants)(call, request.uri());
        let (name, headers) = (access.action, request.headers());
        self.0.authorizer.authorise(call, &Question { service, name, headers, wants: &wants })
    }

    /// A target header names the service by itself; everything else may need to know what was signed for.
    fn identify(&self, request: &Request<Bytes>) -> Result<Identified, Unidentified> {
        let named = request.headers().contains_key("x-amz-target");
        let scope = if named { None } else { Claim::scope_of(request) };
        self.0.directory.identify(request, scope.as_ref().map(|scope| scope.service.as_str()))
    }

    fn call(
        &self,
        authenticated: Authenticated,
        request: &Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        now: Timestamp,
    ) -> (Call, Option<Bytes>) {
        let Authenticated { principal, region, body } = authenticated;
        let region = region.unwrap_or_else(|| self.0.default_region.clone());
        let scope = Scope::new(self.0.account, region);
        let authority = authority(request);
        let Peer { address: source, secure } = peer;
        let seen = Seen::default();
        (Call { request_id, scope, principal, now, source, secure, authority, seen }, body)
    }

    fn new_request_id(&self) -> RequestId {
        RequestId::from_bytes(self.0.env.id())
    }
}

/// Signatures cover it, so that a caller who is known has really written it.
fn authority(request: &Request<Bytes>) -> Option<Authority> {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let named = header.or_else(|| request.uri().authority().cloned());
    // A host, and nothing that only looks like one.
    named.filter(|authority: &Authority| !authority.as_str().contains('@'))
}

/// The answer to every other method.
fn only(method: &Method) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let allowed =
        HeaderValue::from_str(method.as_str()).expect("a method is a token, as headers allow");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// What a panic said, as far as it said anything.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

fn unserved(
    protocol: Protocol,
    service: Option<&'static ServiceSchema>,
    error: &CommonError,
    request_id: RequestId,
) -> Answer {
    Answer::error(protocol, service, &error.head(protocol).into(), request_id, None)
}

fn unauthenticated(
    protocol: Protocol,
    service: &'static ServiceSchema,
    stranger: Stranger,
    request_id: RequestId,
) -> Answer {
    let (head, cause) = stranger.head(protocol);
    Answer::error(protocol, Some(service), &head.into(), request_id, cause)
}

/// Another server may lead by now, and have written what is not in this answer.
fn of_the_past() -> CommonError {
    CommonError::Unavailable(
        "This server cannot prove that it leads still. Try again in a moment.".to_owned(),
    )
}

/// DEVIATES: AWS serves all of its model; Berth says by name what it does not serve yet.
fn unsupported(operation: &OperationSchema) -> CommonError {
    let (ServiceSchema { name: service, .. }, operation) = (operation.service, operation.name);
    CommonError::Unsupported(format!(
        "Berth does not support {service}:{operation} yet; docs/compatibility.md lists what it does."
    ))
}

fn upgrade_required(path: &str) -> Response<Bytes> {
    let message = format!("{path} is a web socket: connect with GET and Upgrade: websocket.");
    SocketRefusal::new(StatusCode::UPGRADE_REQUIRED, "BadRequestException", message).render()
}
