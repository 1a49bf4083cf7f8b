//! `--auth open`: everyone is let in, and believed about the region.

use async_trait::async_trait;
use berth_aws_protocol::sigv4::Claim;
use berth_model::Timestamp;
use bytes::Bytes;
use http::Request;

use super::{Authenticated, AuthenticationError, Authenticator, Expected};
use crate::pipeline::{Principal, PrincipalKind};

/// Takes any request, signed rightly, wrongly or not at all. For throw-away servers.
///
/// Clients still say in their credential scope which region they mean, so regions stay apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenAuthenticator;

#[async_trait]
impl Authenticator for OpenAuthenticator {
    async fn authenticate(
        &self,
        request: &Request<Bytes>,
        _: Expected,
        _: Timestamp,
    ) -> Result<Authenticated, AuthenticationError> {
        let Ok(claim) = Claim::of(request) else { return Ok(Authenticated::ANONYMOUS) };
        Ok(Authenticated {
            principal: Principal {
                kind: PrincipalKind::Anonymous,
                access_key_id: Some(claim.credential.access_key_id.into()),
            },
            region: Some(super::region(&claim.credential.scope.region)?),
            body: None,
        })
    }
}
