//! One operation of a service that speaks the Query protocol, of which it matters only whether it was done.

use anyhow::anyhow;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::Uri;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Full, Limited};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::HttpControlPlane;
use crate::control_plane::CallError;

/// No answer to a change comes near this.
const MAX_ANSWER: usize = 256 << 10;

/// A service that speaks Query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryService {
    pub signing_name: &'static str,
    pub version: &'static str,
}

impl QueryService {
    pub const IAM: QueryService = QueryService { signing_name: "iam", version: "2010-05-08" };
}

impl HttpControlPlane {
    /// Changes something; what is answered beside that it was done is dropped.
    pub async fn call_query(
        &self,
        service: QueryService,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(), CallError> {
        let exchange = self.exchange_query(service, action, parameters);
        match self.in_time(action, exchange).await?.map_err(CallError::Unreachable)? {
            answer if answer.status().is_success() => Ok(()),
            answer => {
                let error = Protocol::Query.decode_error(&answer);
                let message = error.message.unwrap_or_default();
                Err(CallError::Refused { code: error.code, status: error.status, message })
            }
        }
    }

    async fn exchange_query(
        &self,
        service: QueryService,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> anyhow::Result<http::Response<Bytes>> {
        let mut body = format!("Action={action}&Version={}", service.version);
        for (name, value) in parameters {
            body += &format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        let body = Bytes::from(body);
        let request = async |server: Uri| {
            let mut request = http::Request::post(server)
                .header(CONTENT_TYPE, Protocol::Query.content_type())
                .body(body.clone())?;
            let credentials = self.credentials.credentials().await?;
            Signer::new(&credentials, &self.region, service.signing_name)
                .sign(&mut request, self.now())?;
            Ok(request.map(Full::new))
        };
        let (head, body) = self.sent(action, request).await?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        let body = body.map_err(|cause| anyhow!("the answer to {action} broke off: {cause}"))?;
        Ok(http::Response::from_parts(head, body.to_bytes()))
    }
}
