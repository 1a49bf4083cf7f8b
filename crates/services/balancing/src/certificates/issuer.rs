//! Issues certificates in the name of the control plane's own authority.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::acm as api;
use berth_control::pipeline::Failure;
use berth_control::tls::{Authority, Curve, IssuedCertificate, SERVER_OF_CELL};
use berth_model::Timestamp;

use super::names;

/// AWS: thirteen months.
pub const LIFE: Duration = Duration::from_secs(395 * 24 * 60 * 60);
/// AWS: how long before its end a certificate is renewed.
pub const RENEWED_BEFORE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// Cheap to clone. Without an authority it issues nothing.
#[derive(Clone, Default)]
pub struct Issuer {
    authority: Option<Arc<Authority>>,
    /// What the servers of the cell are called: whoever had a certificate for it could pass for one of them.
    reserved: Arc<[String]>,
}

impl Issuer {
    pub fn new(authority: Arc<Authority>, names_of_server: Vec<String>) -> Self {
        let mut reserved = names_of_server;
        reserved.push(SERVER_OF_CELL.to_owned());
        Self { authority: Some(authority), reserved: reserved.into() }
    }

    /// Names that are asked for, before anything is issued.
    pub fn check(&self, wanted: &[String]) -> Result<(), api::Error> {
        let is_taken = |name: &&String| self.reserved.iter().any(|own| names::covers(name, own));
        match wanted.iter().find(is_taken) {
            None => Ok(()),
            Some(name) => Err(api::Error::invalid_parameter(format!(
                "{name} is what servers of this cell are called; no certificate is issued for it"
            ))),
        }
    }

    /// The first name is the subject's.
    pub fn issue(
        &self,
        names: &[String],
        curve: Curve,
        now: Timestamp,
    ) -> Result<IssuedCertificate, Failure<api::Error>> {
        let authority = self.authority.as_ref().ok_or_else(|| {
            api::Error::invalid_parameter("This server has no certificate authority: import one")
        })?;
        authority.issue_for(names, curve, now, LIFE).map_err(Failure::internal)
    }
}
