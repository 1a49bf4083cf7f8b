//! The errors that any operation of any service may answer, in AWS's codes.
//!
//! AWS: which code and status an error has depends on the wire. JSON and CBOR services answer 400 to most
//! of what Query services call 403, and Query's codes come without the word `Exception`.

/// An error that no model declares, since every service has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommonError {
    /// Our bug, or that of something we rely on. Says nothing about what happened inside.
    #[error("The request processing has failed because of an unknown error, exception or failure.")]
    InternalFailure,
    /// Passing trouble: the same request may succeed a little later.
    #[error("{0}")]
    ServiceUnavailable(String),
    #[error("{0}")]
    Throttling(String),
    /// Authenticated, and not allowed to.
    #[error("{0}")]
    AccessDenied(String),
    /// The body cannot be read as the operation's input; says where and why.
    #[error("{0}")]
    Serialization(String),
    /// The input breaks the model's constraints, in a service whose model has no error for that.
    #[error("{message}")]
    Validation { code: &'static str, message: String },
    /// The model has the operation and Berth does not serve it.
    #[error("Berth does not support the operation {operation} of {service} yet.")]
    UnsupportedOperation { service: &'static str, operation: &'static str },
    #[error("The request body is larger than the {limit} bytes that are accepted.")]
    RequestEntityTooLarge { limit: usize },
    #[error("The request body did not arrive in time.")]
    RequestTimeout,
}
