//! One operation in AWS JSON 1.1.

use anyhow::{Context, anyhow};
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::{HttpControlPlane, JsonService};
use crate::control_plane::CallError;
use crate::credentials::CredentialProvider;

/// AWS: a key that is not known, or not any more.
const NOT_BELIEVED: [&str; 3] =
    ["UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException"];

/// No answer to an agent comes near this.
pub(super) const MAX_ANSWER: usize = 4 << 20;

impl HttpControlPlane {
    pub(super) async fn post(
        &self,
        signer: &dyn CredentialProvider,
        service: JsonService,
        operation: &str,
        input: &Value,
    ) -> Result<Value, CallError> {
        let request = |server| self.request(server, signer, service, operation, input);
        let answer = self.sent(operation, request).await.map_err(CallError::Unreachable)?;
        self.answered(answer, signer, operation).await
    }

    /// Reads an answer; `what` was asked for is for messages.
    pub(super) async fn answered(
        &self,
        answer: Response<Incoming>,
        signer: &dyn CredentialProvider,
        what: &str,
    ) -> Result<Value, CallError> {
        let status = answer.status();
        let kind = answer
            .headers()
            .get("x-amzn-errortype")
            .and_then(|kind| kind.to_str().ok())
            .map(str::to_owned);
        let body = Limited::new(answer.into_body(), MAX_ANSWER)
            .collect()
            .await
            .map_err(|cause| {
                CallError::Unreachable(anyhow!("the answer to {what} broke off: {cause}"))
            })?
            .to_bytes();
        let parsed = serde_json::from_slice::<Value>(&body);
        if status.is_success() {
            return parsed
                .with_context(|| format!("the answer to {what} is not JSON"))
                .map_err(CallError::Unreachable);
        }
        let refusal = refusal(status.as_u16(), kind, parsed.unwrap_or_default());
        if refusal.code().is_some_and(|code| NOT_BELIEVED.contains(&code)) {
            signer.doubt();
        }
        Err(refusal)
    }

    async fn request(
        &self,
        server: Uri,
        signer: &dyn CredentialProvider,
        service: JsonService,
        operation: &str,
        input: &Value,
    ) -> anyhow::Result<http::Request<Full<Bytes>>> {
        let mut request = http::Request::post(server)
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", format!("{}.{operation}", service.target))
            .body(Bytes::from(input.to_string()))?;
        let credentials = signer.credentials().await?;
        Signer::new(&credentials, &self.region, service.signing_name)
            .sign(&mut request, self.now())?;
        Ok(request.map(Full::new))
    }
}

/// AWS: an error's name is in a header or in `__type`, perhaps with a namespace before `#` or a
/// link after `:`; its text is in `message` or `Message`.
fn refusal(status: u16, kind: Option<String>, body: Value) -> CallError {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = kind.or_else(|| text("__type")).unwrap_or_else(|| format!("HTTP{status}"));
    let code = kind.rsplit('#').next().unwrap_or(&kind);
    let code = code.split(':').next().unwrap_or(code).to_owned();
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    CallError::Refused { code, status, message }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_errors_name_is_found_wherever_it_hides() {
        for (kind, body) in [
            (Some("ClientException"), json!({"message": "no"})),
            (None, json!({"__type": "ClientException", "message": "no"})),
            (None, json!({"__type": "com.amazonaws.ecs#ClientException", "Message": "no"})),
            (Some("ClientException:http://x/"), json!({"message": "no"})),
        ] {
            let error = refusal(400, kind.map(str::to_owned), body);
            assert_eq!(error.to_string(), "ClientException: no");
            assert_eq!(error.code(), Some("ClientException"));
        }
        assert_eq!(refusal(502, None, Value::Null).code(), Some("HTTP502"));
    }
}
