//! Whom a request is about that names no user: whoever sent it.

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure, PrincipalKind};

use crate::paging::invalid;

pub enum Who {
    User(String),
    /// The account itself.
    Root,
}

pub fn user(call: &Call, given: Option<String>) -> Result<Who, Failure<api::Error>> {
    if let Some(name) = given {
        return Ok(Who::User(name));
    }
    match &call.principal.kind {
        PrincipalKind::Administrator | PrincipalKind::Anonymous => Ok(Who::Root),
        PrincipalKind::User(user) => Ok(Who::User(user.name.clone())),
        // AWS: what whoever is no user is told.
        PrincipalKind::Session(_) | PrincipalKind::Agent { .. } => {
            Err(invalid("Must specify userName when calling with non-User credentials"))
        }
    }
}

/// For what only users have.
///
/// DEVIATES: the account's root user has no access keys but the one in the data directory, which IAM does not show.
pub fn user_name(call: &Call, given: Option<String>) -> Result<String, Failure<api::Error>> {
    match user(call, given)? {
        Who::User(name) => Ok(name),
        Who::Root => Err(invalid(
            "Must specify userName when calling with the account's own credentials: its access key is kept in the \
             server's data directory",
        )),
    }
}
