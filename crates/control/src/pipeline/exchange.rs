//! One request and its answer on one wire, once it is known who asks for what.

use std::borrow::Cow;

use berth_aws_api::{Fault, OperationSchema, ServiceError, ServiceSchema, Structure};
use berth_aws_protocol::{CommonError, ErrorReply, Protocol};
use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::authorise::{Question, WorkOut};
use super::failure::INTERNAL;
use super::observe::Parameters;
use super::websocket::SocketRefusal;
use super::{Authorizer, Call, Denied, Failure, RequestId};

/// A request for an operation, and how to answer it.
pub(super) struct Exchange<'a> {
    pub operation: &'static OperationSchema,
    pub protocol: Protocol,
    pub request: &'a Request<Bytes>,
    pub request_id: RequestId,
    pub authorizer: &'a dyn Authorizer,
    /// Where the input is kept for the audit, if there is one.
    pub parameters: Option<&'a Parameters>,
}

/// A response, with what the log is told about it.
pub(super) struct Answer {
    pub response: Response<Bytes>,
    /// `None` for success.
    pub problem: Option<Problem>,
}

/// What went wrong with a request.
pub(super) struct Problem {
    pub code: Cow<'static, str>,
    pub fault: Fault,
    pub message: Option<String>,
    /// What the client is not told.
    pub cause: Option<anyhow::Error>,
}

impl Exchange<'_> {
    /// Reads the input.
    pub fn read(&self, input: &mut dyn Structure) -> Result<(), CommonError> {
        self.protocol.decode_request(self.operation, self.request, input)?;
        if let Some(parameters) = self.parameters {
            parameters.keep(input);
        }
        Ok(())
    }

    /// Asks whether the caller may.
    pub fn admit(&self, call: &Call, wants: &WorkOut<'_>) -> Result<(), CommonError> {
        let question = Question {
            service: self.operation.service,
            name: self.operation.name,
            headers: self.request.headers(),
            wants,
        };
        let denied = |denied: Denied| CommonError::AccessDenied(denied.0);
        self.authorizer.authorise(call, &question).map_err(denied)
    }

    pub fn succeeded(&self, output: &dyn Structure) -> Answer {
        let id = self.request_id.as_str();
        Answer {
            response: self.protocol.encode_response(self.operation, output, id),
            problem: None,
        }
    }

    pub fn refused(&self, error: CommonError) -> Answer {
        self.common(&error, None)
    }

    pub fn failed<E: ServiceError>(&self, failure: Failure<E>) -> Answer {
        match failure {
            Failure::Service { error, cause } => self.error(&ErrorReply::modelled(&error), cause),
            Failure::Common { error, cause } => self.common(&error, cause),
        }
    }

    /// An operation that panicked: our bug.
    pub fn broke(&self, panic: anyhow::Error) -> Answer {
        self.common(&CommonError::Internal(INTERNAL.to_owned()), Some(panic))
    }

    fn common(&self, error: &CommonError, cause: Option<anyhow::Error>) -> Answer {
        self.error(&error.head(self.protocol).into(), cause)
    }

    pub fn error(&self, error: &ErrorReply<'_>, cause: Option<anyhow::Error>) -> Answer {
        Answer::error(self.protocol, Some(self.operation.service), error, self.request_id, cause)
    }
}

impl Answer {
    /// An error on a wire; the service is unknown while it is not clear what was asked for.
    pub fn error(
        protocol: Protocol,
        service: Option<&'static ServiceSchema>,
        error: &ErrorReply<'_>,
        request_id: RequestId,
        cause: Option<anyhow::Error>,
    ) -> Self {
        let problem = Problem {
            code: Cow::Owned(error.code.clone().into_owned()),
            fault: error.fault,
            message: error.message.as_deref().map(str::to_owned),
            cause,
        };
        Answer {
            response: protocol.encode_error(service, error, request_id.as_str()),
            problem: Some(problem),
        }
    }

    /// A socket that is about to be opened. The server completes the response.
    pub fn switching() -> Self {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        Answer { response, problem: None }
    }

    pub fn refused_socket(refusal: &SocketRefusal, cause: Option<anyhow::Error>) -> Self {
        let ours = refusal.status.is_server_error();
        let problem = Problem {
            code: Cow::Owned(refusal.exception.clone()),
            fault: if ours { Fault::Server } else { Fault::Client },
            message: Some(refusal.message.clone()),
            cause,
        };
        Answer { response: refusal.render(), problem: Some(problem) }
    }
}
