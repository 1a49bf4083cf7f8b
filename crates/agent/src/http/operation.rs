//! One operation of any service, by its shapes and in whichever protocol its model says.

use anyhow::{Context, anyhow};
use berth_aws_api::{Operation, OperationSchema, Structure};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::{Response, Uri};
use http_body_util::{BodyExt, Full, Limited};

use super::HttpControlPlane;
use super::call::MAX_ANSWER;
use crate::control_plane::CallError;

impl HttpControlPlane {
    /// Asks for what `O` does and reads what it answers.
    pub async fn operate<O: Operation>(&self, input: &O::Input) -> Result<O::Output, CallError> {
        let schema = O::schema();
        let first = schema.service.protocols.first();
        let protocol = first.map_or(Protocol::AwsJson11, |name| Protocol::from(*name));
        let answer = self.in_time(O::NAME, self.exchange_shapes(schema, protocol, input));
        let answer = answer.await?.map_err(CallError::Unreachable)?;
        if !answer.status().is_success() {
            let error = protocol.decode_error(&answer);
            let message = error.message.unwrap_or_default();
            return Err(CallError::Refused { code: error.code, status: error.status, message });
        }
        let mut output = O::Output::default();
        let read = protocol.decode_response(schema, &answer, &mut output);
        read.with_context(|| format!("the answer to {} cannot be read", O::NAME))
            .map_err(CallError::Unreachable)?;
        Ok(output)
    }

    async fn exchange_shapes(
        &self,
        schema: &OperationSchema,
        protocol: Protocol,
        input: &dyn Structure,
    ) -> anyhow::Result<Response<Bytes>> {
        let request = async |server: Uri| {
            let mut request = protocol.encode_request(schema, input, &server)?;
            let credentials = self.credentials.credentials().await?;
            Signer::new(&credentials, &self.region, schema.service.signing_name)
                .sign(&mut request, self.now())?;
            Ok(request.map(Full::new))
        };
        let (head, body) = self.sent(schema.name, request).await?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        let body =
            body.map_err(|cause| anyhow!("the answer to {} broke off: {cause}", schema.name))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
