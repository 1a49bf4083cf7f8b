//! A request at one of several servers: done here, or by the leader.

use berth_aws_protocol::{CommonError, Identified, REQUEST_ID, Unidentified};
use bytes::Bytes;
use http::{Request, Response};

use super::{Endpoint, unserved};
use crate::cell::CellError;
use crate::pipeline::exchange::Answer;
use crate::pipeline::following::{self, Following, Passed, Turn, Work};
use crate::pipeline::{Peer, RequestId};

impl Endpoint {
    pub(super) async fn handle_among(
        &self,
        following: &Following,
        mut request: Request<Bytes>,
        peer: Peer,
    ) -> Response<Bytes> {
        let now = self.0.env.now();
        let received = following.receive(&mut request, now);
        let is_forwarded = received.is_some();
        let client = received.unwrap_or_else(|| (peer, self.new_request_id()));
        let (peer, request_id) = client;
        let Some(mut work) = self.work(&request) else {
            return self.handle_here(request, peer, request_id).await;
        };
        let deadline = following.deadline();
        loop {
            let leader = match following.turn(work, is_forwarded, deadline).await {
                Turn::Here { leads: true } => {
                    return self.handle_here(request, peer, request_id).await;
                }
                Turn::Here { leads: false } => {
                    match self.try_here(request.clone(), peer, request_id, true).await {
                        Ok(response) => return response,
                        // It was more than it looked like.
                        Err(NotHere(_)) => work = Work::Write,
                    }
                    continue;
                }
                Turn::Leader(leader) => leader,
                Turn::NotOurs => return following::not_done(),
                Turn::Nobody(reason) => {
                    return self.unavailable(&request, peer, request_id, NO_LEADER, reason).await;
                }
            };
            match following.pass_on(&leader, request.clone(), client, now).await {
                Passed::Answered(response) => {
                    tracing::debug!(%request_id, leader, "answered by the leader");
                    return response;
                }
                Passed::NotDone => {}
                Passed::Unknown(cause) => {
                    return self.unavailable(&request, peer, request_id, OPEN, cause).await;
                }
            }
        }
    }

    /// `None` for what has nothing to do with the cell.
    fn work(&self, request: &Request<Bytes>) -> Option<Work> {
        let registry = &self.0.registry;
        let path = request.uri().path();
        let reads = |reads: bool| Some(if reads { Work::Read } else { Work::Write });
        if registry.route(path).is_some() {
            // Of the rest, the leader knows.
            return if request.method().is_safe() { None } else { Some(Work::Write) };
        }
        if let Some(route) = registry.signed_route(path) {
            return reads(request.method().is_safe() && !route.at_leader);
        }
        match self.identify(request) {
            Ok(Identified { operation, .. }) => {
                let served = registry.operation(operation);
                let at_leader = served.is_some_and(|served| served.at_leader);
                reads(crate::audit::is_read(operation.name) && !at_leader)
            }
            // It is refused, by whoever has it.
            Err(Unidentified { .. }) => Some(Work::Read),
        }
    }

    /// An error that clients take for passing trouble.
    async fn unavailable(
        &self,
        request: &Request<Bytes>,
        peer: Peer,
        request_id: RequestId,
        message: &str,
        cause: impl Into<anyhow::Error>,
    ) -> Response<Bytes> {
        let mut observation = self.begin(request_id, request, peer).await;
        let error = CommonError::Unavailable(message.to_owned());
        let mut answer = match self.identify(request) {
            Ok(Identified { operation, protocol }) => {
                let served = self.0.registry.operation(operation);
                observation.is_for(operation, served.map(|served| &served.instruments));
                unserved(protocol, Some(operation.service), &error, request_id)
            }
            Err(unknown) => unserved(unknown.protocol, unknown.service, &error, request_id),
        };
        if let Some(problem) = &mut answer.problem {
            problem.cause = Some(cause.into());
        }
        let mut response = observation.finish(answer);
        response.headers_mut().insert(REQUEST_ID, request_id.header());
        response
    }
}

/// A follower was asked to write, and did nothing. With what it would have answered, if there were no leader.
pub(super) struct NotHere(pub Response<Bytes>);

impl Answer {
    /// Whether nothing was done, since only a leader could.
    pub(super) fn is_for_leader(&self) -> bool {
        let cause = self.problem.as_ref().and_then(|problem| problem.cause.as_ref());
        let is_following = |cause: &(dyn std::error::Error + 'static)| {
            matches!(cause.downcast_ref(), Some(CellError::Following))
        };
        cause.is_some_and(|cause| cause.chain().any(is_following))
    }
}

const NO_LEADER: &str = "No server of this cell leads at the moment. Try again in a moment.";
const OPEN: &str =
    "The server that leads was lost while it worked on this request: it may have been done or not.";
