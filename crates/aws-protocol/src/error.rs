//! Errors on their way to a client: the parts that every wire shows, and those that no model declares.

use std::borrow::Cow;

use berth_aws_api::{Fault, ServiceError, Structure};

use crate::Protocol;

/// What every wire shows of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorHead {
    /// In the spelling of the wire it is meant for.
    pub code: Cow<'static, str>,
    pub status: u16,
    pub fault: Fault,
    pub message: String,
}

/// An error to be sent: a modelled one with its members, or a head alone.
#[derive(Clone, Debug)]
pub struct ErrorReply<'a> {
    pub code: Cow<'a, str>,
    /// The code on Query wires and in `x-amzn-query-error`.
    pub query_code: Cow<'a, str>,
    pub status: u16,
    pub fault: Fault,
    pub message: Option<Cow<'a, str>>,
    /// The members of the error's shape.
    pub body: Option<&'a dyn Structure>,
}

/// An error as a client received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedError {
    pub status: u16,
    /// Without namespace or address: `ClusterNotFoundException`.
    pub code: String,
    pub message: Option<String>,
    pub request_id: Option<String>,
}

/// Errors that every service answers and no model declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommonError {
    /// The request cannot be read.
    #[error("{0}")]
    Unreadable(String),
    #[error("{0}")]
    AccessDenied(String),
    #[error("{0}")]
    Throttling(String),
    /// Our fault, and worth a retry.
    #[error("{0}")]
    Unavailable(String),
    /// Our fault. The text is public; causes stay in the log.
    #[error("{0}")]
    Internal(String),
    /// The operation exists and is not implemented here.
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    TooLarge(String),
    /// The request did not arrive whole in time.
    #[error("{0}")]
    TimedOut(String),
    /// No operation of this name, or none at this path.
    #[error("{0}")]
    UnknownOperation(String),
    /// Nothing in the request names an operation.
    #[error("{0}")]
    MissingOperation(String),
    /// Parameters that break the model's constraints, where the service has no error of its own for that.
    #[error("{message}")]
    Invalid { code: &'static str, message: String },
}

impl CommonError {
    /// Code and status, which differ by wire.
    ///
    /// AWS: "Common errors" of each service's API reference; EC2 has its own list.
    pub fn head(&self, protocol: Protocol) -> ErrorHead {
        use Fault::{Client, Server};
        let (json, query, ec2, fault) = match self {
            Self::Unreadable(_) => (
                ("SerializationException", 400),
                ("MalformedInput", 400),
                ("MalformedQueryString", 400),
                Client,
            ),
            Self::AccessDenied(_) => (
                ("AccessDeniedException", 400),
                ("AccessDenied", 403),
                ("UnauthorizedOperation", 403),
                Client,
            ),
            Self::Throttling(_) => (
                ("ThrottlingException", 400),
                ("Throttling", 400),
                ("RequestLimitExceeded", 503),
                Client,
            ),
            Self::Unavailable(_) => (
                ("ServiceUnavailableException", 503),
                ("ServiceUnavailable", 503),
                ("Unavailable", 503),
                Server,
            ),
            Self::Internal(_) => {
                (("InternalFailure", 500), ("InternalFailure", 500), ("InternalError", 500), Server)
            }
            Self::Unsupported(_) => (
                ("UnsupportedOperationException", 400),
                ("UnsupportedOperation", 400),
                ("UnsupportedOperation", 400),
                Client,
            ),
            Self::TooLarge(_) => (
                ("RequestEntityTooLargeException", 413),
                ("RequestEntityTooLarge", 413),
                ("RequestEntityTooLarge", 413),
                Client,
            ),
            Self::TimedOut(_) => (
                ("RequestTimeoutException", 408),
                ("RequestTimeout", 408),
                ("RequestTimeout", 408),
                Client,
            ),
            Self::UnknownOperation(_) => (
                ("UnknownOperationException", 404),
                ("InvalidAction", 400),
                ("InvalidAction", 400),
                Client,
            ),
            Self::MissingOperation(_) => (
                ("UnknownOperationException", 404),
                ("MissingAction", 400),
                ("MissingAction", 400),
                Client,
            ),
            Self::Invalid { code, .. } => ((*code, 400), (*code, 400), (*code, 400), Client),
        };
        let (code, status) = match protocol {
            // AWS: JSON services say 400 where REST and CBOR ones say 404 or 403.
            Protocol::AwsJson10 | Protocol::AwsJson11 if json.1 == 404 => (json.0, 400),
            Protocol::RestJson1 if matches!(self, Self::AccessDenied(_)) => (json.0, 403),
            Protocol::RestJson1 if matches!(self, Self::Throttling(_)) => (json.0, 429),
            Protocol::AwsJson10
            | Protocol::AwsJson11
            | Protocol::RestJson1
            | Protocol::RpcV2Cbor => json,
            Protocol::Query => query,
            Protocol::Ec2Query => ec2,
        };
        ErrorHead { code: code.into(), status, fault, message: self.to_string() }
    }
}

impl<'a> ErrorReply<'a> {
    pub fn modelled<E: ServiceError>(error: &'a E) -> Self {
        ErrorReply {
            code: error.code().into(),
            query_code: error.query_code().into(),
            status: error.status(),
            fault: error.fault(),
            message: error.message().map(Cow::Borrowed),
            body: Some(error.body()),
        }
    }
}

impl From<ErrorHead> for ErrorReply<'static> {
    fn from(head: ErrorHead) -> Self {
        ErrorReply {
            query_code: head.code.clone(),
            code: head.code,
            status: head.status,
            fault: head.fault,
            message: Some(Cow::Owned(head.message)),
            body: None,
        }
    }
}

impl ErrorReply<'_> {
    /// `Sender` or `Receiver`, as Query wires and `x-amzn-query-error` say it.
    pub(crate) fn sender(&self) -> &'static str {
        match self.fault {
            Fault::Client => "Sender",
            Fault::Server => "Receiver",
        }
    }

    pub(crate) fn http_status(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl ReceivedError {
    /// Takes the name out of `namespace#Name:http://…`.
    pub(crate) fn bare_code(code: &str) -> String {
        let code = code.rsplit('#').next().unwrap_or(code);
        code.split(':').next().unwrap_or(code).trim().to_owned()
    }
}
