//! Paths of our own that are no operations of AWS's, for whoever may call operations.
//!
//! They are signed, authenticated, authorised and observed as operations are; what their requests and answers look
//! like is theirs alone. Errors have the form of AWS JSON 1.1.

use std::pin::Pin;
use std::sync::Arc;

use berth_aws_api::ServiceSchema;
use berth_aws_protocol::{CommonError, Protocol};
use bytes::Bytes;
use http::{Method, Request, Response};
use tokio_util::sync::CancellationToken;

use super::access::PathRow;
use super::exchange::Answer;
use super::throttle::Quota;
use super::{Call, RequestId};

/// A signed route, as its service hands it in.
pub(super) struct SignedRoute {
    pub method: Method,
    pub path: &'static str,
    pub run: SignedHandler,
}

pub(super) type SignedHandler = Arc<dyn Fn(Call, Request<Bytes>) -> Answering + Send + Sync>;
pub(super) type Answering = Pin<Box<dyn Future<Output = SignedAnswer> + Send>>;
type SignedAnswer = Result<Response<Bytes>, CommonError>;

/// A signed route that is served.
pub(super) struct ServedRoute {
    pub service: &'static ServiceSchema,
    /// What policies call it, and logs.
    pub access: PathRow,
    pub quota: Quota,
    pub at_leader: bool,
    pub route: SignedRoute,
}

impl ServedRoute {
    pub fn refused(
        &self,
        error: &CommonError,
        request_id: RequestId,
        cause: Option<anyhow::Error>,
    ) -> Answer {
        let protocol = Protocol::AwsJson11;
        Answer::error(protocol, Some(self.service), &error.head(protocol).into(), request_id, cause)
    }
}

/// Found in the extensions of requests that a server took: that the server is to stop. Whoever lets a client wait
/// answers it then, or the server would wait for them both.
#[derive(Clone, Debug)]
pub struct Stopping(pub(crate) CancellationToken);

impl Stopping {
    /// Without a server, that never happens.
    pub fn of(request: &Request<Bytes>) -> CancellationToken {
        request
            .extensions()
            .get::<Stopping>()
            .map(|stopping| stopping.0.clone())
            .unwrap_or_default()
    }
}
