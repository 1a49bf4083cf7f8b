//! A request to open a web socket: decided here, or carried to the leader.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use berth_aws_protocol::REQUEST_ID;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};

use super::{Endpoint, text_of};
use crate::pipeline::access::Beforehand;
use crate::pipeline::authenticate::Expected;
use crate::pipeline::exchange::Answer;
use crate::pipeline::following::{Tunnel, Tunnelled, Turn, Work};
use crate::pipeline::observe::Observation;
use crate::pipeline::registry::ServedSocket;
use crate::pipeline::websocket::{Opening, Session, SocketRefusal};
use crate::pipeline::{Call, Denied, Held, Peer, Question, RequestId};

/// A web socket that may be opened.
pub enum OpenSocket {
    Here(Box<Session>),
    /// The leader has opened it, and is at the other end.
    AtLeader(Box<dyn Tunnel>),
}

impl Endpoint {
    /// Whether web sockets are opened at this path.
    pub fn has_socket(&self, path: &str) -> bool {
        self.0.registry.socket(path).is_some()
    }

    /// Decides about a web socket. The answer to a refused one is ready to be sent.
    pub async fn open_socket(
        &self,
        request: &Request<Bytes>,
        peer: Peer,
    ) -> Result<Session, Response<Bytes>> {
        self.open_socket_for(request, peer, self.new_request_id()).await
    }

    async fn open_socket_for(
        &self,
        request: &Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
    ) -> Result<Session, Response<Bytes>> {
        let mut observation = self.begin(request_id, request, peer).await;
        let decision = match self.0.registry.socket(request.uri().path()) {
            None => Err((no_socket(request.uri().path()), None)),
            Some(socket) if !self.leads() => {
                observation.is_for_path(socket.service.name, socket.path);
                Err((SocketRefusal::not_leading(), None))
            }
            Some(socket) => {
                observation.is_for_path(socket.service.name, socket.path);
                self.decide(socket, request, peer, request_id, &mut observation).await
            }
        };
        let (answer, session) = match decision {
            Ok(session) => (Answer::switching(), Ok(session)),
            Err((refusal, cause)) => {
                let answer = Answer::refused_socket(&refusal, cause);
                (answer, Err(()))
            }
        };
        let mut response = observation.finish(answer);
        response.headers_mut().insert(REQUEST_ID, request_id.header());
        session.map_err(|()| response)
    }

    /// Opens a web socket here or at the leader, whoever of the servers was asked.
    ///
    /// Berth's agents are told where the leader is. Amazon's go for hours where it once was.
    pub async fn open_socket_among(
        &self,
        mut request: Request<Bytes>,
        peer: Peer,
    ) -> Result<OpenSocket, Response<Bytes>> {
        let here = |session| OpenSocket::Here(Box::new(session));
        let Some(following) = &self.0.following else {
            return self.open_socket(&request, peer).await.map(here);
        };
        let now = self.0.env.now();
        let received = following.receive(&mut request, now);
        let is_forwarded = received.is_some();
        let client = received.unwrap_or_else(|| (peer, self.new_request_id()));
        let (peer, request_id) = client;
        let leader = match following.turn(Work::Write, is_forwarded, following.deadline()).await {
            Turn::Leader(leader) => leader,
            // Whoever does not lead says so.
            Turn::Here { .. } | Turn::NotOurs | Turn::Nobody(_) => {
                return self.open_socket_for(&request, peer, request_id).await.map(here);
            }
        };
        match following.tunnel(&leader, request.clone(), client, now).await {
            Ok(Tunnelled::Open(tunnel)) => Ok(OpenSocket::AtLeader(tunnel)),
            Ok(Tunnelled::Refused(response)) => Err(response),
            Err(error) => {
                tracing::debug!(%error, leader, "a web socket does not get to the leader");
                self.open_socket_for(&request, peer, request_id).await.map(here)
            }
        }
    }

    async fn decide(
        &self,
        socket: &ServedSocket,
        request: &Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        observation: &mut Observation<'_>,
    ) -> Result<Session, (SocketRefusal, Option<anyhow::Error>)> {
        let now = self.0.env.now();
        let expected = Expected { signing_name: socket.service.signing_name, unsigned: false };
        let authenticated = self.0.authenticator.authenticate(request, expected, now).await;
        let authenticated = authenticated
            .map_err(|error| self.stranger(error.into(), observation, peer).socket_refusal())?;
        let revocation = self.0.authenticator.revocation(&authenticated.principal);
        let (call, _) = self.call(authenticated, request, peer, request_id, now);
        observation.is_by(&call);
        self.0
            .throttle
            .admit(&socket.quota, &call.principal, peer, now)
            .map_err(|error| (SocketRefusal::throttled(&error), None))?;
        self.admit(socket.service, &socket.access, &call, request)
            .map_err(|denied| (SocketRefusal::denied(denied), None))?;
        let opening = Opening { uri: request.uri().clone(), headers: request.headers().clone() };
        let held = revocation.is_none().then(|| self.held(socket, &call, &opening));
        match AssertUnwindSafe((socket.open)(call, opening)).catch_unwind().await {
            Ok(Ok(session)) => match held.and_then(|held| self.0.authorizer.keep(held)) {
                Some(kept) => Ok(session.held(kept)),
                None => Ok(session.until(revocation)),
            },
            Ok(Err(refusal)) => Err((refusal, None)),
            Err(panic) => {
                observation.panicked();
                let cause =
                    anyhow::anyhow!("opening {} panicked: {}", socket.path, text_of(&*panic));
                Err((SocketRefusal::internal(), Some(cause)))
            }
        }
    }

    /// An open socket, with the question that is to be asked again as long as it is open.
    fn held(&self, socket: &ServedSocket, call: &Call, opening: &Opening) -> Held {
        // Whoever keeps it belongs to the endpoint.
        let endpoint = Arc::downgrade(&self.0);
        let (service, access) = (socket.service, socket.access.clone());
        let Opening { uri, headers } = opening.clone();
        let judge = move |call: &Call| {
            let Some(endpoint) = endpoint.upgrade() else {
                return Err(Denied("The server is stopping.".to_owned()));
            };
            let wants = |_: Option<&Beforehand<'_>>| (access.wants)(call, &uri);
            let question =
                Question { service, name: access.action, headers: &headers, wants: &wants };
            endpoint.authorizer.authorise(call, &question)
        };
        Held { call: call.clone(), judge: Box::new(judge) }
    }
}

fn no_socket(path: &str) -> SocketRefusal {
    let message = format!("No web socket is served at {path}.");
    SocketRefusal::new(StatusCode::NOT_FOUND, "BadRequestException", message)
}
