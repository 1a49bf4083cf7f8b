//! Why a target did not answer, and whether somebody else can be asked.

use std::io;

use http::Request;

use super::Upload;

/// Why there is no response.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// The request, if it can be sent again: nothing of it was sent, or it does no harm twice.
    pub(crate) request: Option<Box<Request<Upload>>>,
}

#[derive(Debug)]
pub(crate) enum FailureKind {
    /// Nobody is there.
    Unreachable(io::Error),
    /// Nobody answered in time to an attempt to connect.
    ConnectTimeout,
    /// Somebody is there who does not speak TLS as we do.
    Tls(io::Error),
    /// The connection broke off, or what came was no HTTP.
    Broken(io::Error),
}
