//! What etcd's refusals mean.

use std::error::Error;

use tonic::{Code, Status};

use crate::StoreError;

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// No member answered. Whether the request was carried out is open.
    Unreachable(String),
    /// Members answered that they can do nothing at present. Whether it was carried out is open.
    NoQuorum(String),
    /// The token is not good, any more or yet.
    Token,
    Denied(String),
    /// The quota is used up.
    Full,
    /// The revision that was asked for is gone.
    Compacted,
    NoSuchLease,
    Damaged(String),
    /// Anything that another try would not change.
    Refused(String),
}

impl Failure {
    pub(super) fn of(status: &Status) -> Self {
        let text = status.message();
        let says = |part: &str| text.contains(part);
        match status.code() {
            Code::Unauthenticated => Failure::Token,
            Code::PermissionDenied => Failure::Denied(text.to_owned()),
            Code::InvalidArgument if says("revision of auth store is old") => Failure::Token,
            Code::InvalidArgument
                if says("authentication failed") || says("user name is empty") =>
            {
                Failure::Denied(text.to_owned())
            }
            Code::ResourceExhausted if says("space exceeded") => Failure::Full,
            Code::ResourceExhausted if says("too many requests") => {
                Failure::NoQuorum(text.to_owned())
            }
            Code::OutOfRange if says("compacted") => Failure::Compacted,
            Code::NotFound if says("lease not found") => Failure::NoSuchLease,
            Code::DataLoss => Failure::Damaged(text.to_owned()),
            // What etcd itself says begins so; anything else is of the connection.
            _ if says("corrupt") => Failure::Damaged(text.to_owned()),
            Code::Unavailable | Code::DeadlineExceeded if text.starts_with("etcdserver: ") => {
                Failure::NoQuorum(text.to_owned())
            }
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Unknown
            | Code::Cancelled
            | Code::Aborted
            | Code::Internal => Failure::Unreachable(chain(status)),
            _ => Failure::Refused(format!("{:?}: {text}", status.code())),
        }
    }

    /// Whether another member, or the same one later, may answer otherwise.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Failure::Unreachable(_) | Failure::NoQuorum(_))
    }

    pub(super) fn of_store(self, store: &str) -> StoreError {
        let store = store.to_owned();
        match self {
            Failure::Unreachable(detail) => StoreError::Unreachable { store, detail },
            Failure::NoQuorum(detail) => StoreError::NoQuorum { store, detail },
            Failure::Token => {
                let detail = "it takes none of the tokens that it gives".to_owned();
                StoreError::Denied { store, detail }
            }
            Failure::Denied(detail) => StoreError::Denied { store, detail },
            Failure::Full => StoreError::Full { store },
            Failure::Damaged(detail) => StoreError::Corrupt { place: store, detail },
            Failure::Compacted => {
                let detail = "what is being read is compacted away faster than it is read";
                StoreError::Stopped(format!("{store}: {detail}"))
            }
            Failure::NoSuchLease => StoreError::Stopped(format!("{store}: the lease is gone")),
            Failure::Refused(detail) => StoreError::Stopped(format!("{store}: {detail}")),
        }
    }
}

/// The transport says what went wrong in the causes only.
fn chain(status: &Status) -> String {
    let mut text = status.message().to_owned();
    let mut cause = status.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etcds_words_have_a_meaning() {
        let of = |code, text: &str| Failure::of(&Status::new(code, text));
        for text in ["no leader", "request timed out", "leader changed", "server stopped"] {
            let failure = of(Code::Unavailable, &format!("etcdserver: {text}"));
            assert!(matches!(failure, Failure::NoQuorum(_)) && failure.may_pass());
        }
        let full = of(Code::ResourceExhausted, "etcdserver: mvcc: database space exceeded");
        assert!(matches!(full, Failure::Full) && !full.may_pass());
        let old = "etcdserver: mvcc: required revision has been compacted";
        assert!(matches!(of(Code::OutOfRange, old), Failure::Compacted));
        let wrong = "etcdserver: authentication failed, invalid user ID or password";
        assert!(matches!(of(Code::InvalidArgument, wrong), Failure::Denied(_)));
        let token = "etcdserver: invalid auth token";
        assert!(matches!(of(Code::Unauthenticated, token), Failure::Token));
        assert!(matches!(of(Code::Unknown, "transport error"), Failure::Unreachable(_)));
        let large = of(Code::InvalidArgument, "etcdserver: request is too large");
        assert!(matches!(large, Failure::Refused(_)) && !large.may_pass());
    }
}
