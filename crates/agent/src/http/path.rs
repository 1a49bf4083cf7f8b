//! Paths of ours that are no operations, signed like them.

use anyhow::{Context, anyhow};
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::{Method, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::Value;

use super::{HttpControlPlane, JsonService};
use crate::control_plane::CallError;

/// A configuration of ten thousand targets is a megabyte or two.
const MAX_EXCHANGED: usize = 256 << 20;

impl HttpControlPlane {
    /// The JSON at a path, which may have a query.
    pub async fn get(&self, service: JsonService, path: &str) -> Result<Value, CallError> {
        self.ask(Method::GET, service, path).await
    }

    /// What a `POST` without a body is answered with.
    pub async fn tell(&self, service: JsonService, path: &str) -> Result<Value, CallError> {
        self.ask(Method::POST, service, path).await
    }

    /// What a path answers, whatever its status: to a `GET`, or to a `POST` of this.
    pub async fn exchange(
        &self,
        service: JsonService,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Response<Bytes>, CallError> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let body = body.unwrap_or_default();
        let exchange = async {
            let request =
                |server| self.path_request(server, method.clone(), service, path, body.clone());
            let answer = self.sent(path, request).await.map_err(CallError::Unreachable)?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, MAX_EXCHANGED).collect().await.map_err(|cause| {
                CallError::Unreachable(anyhow!("the answer to {path} broke off: {cause}"))
            })?;
            if matches!(parts.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                self.credentials.doubt();
            }
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        self.in_time(path, exchange).await?
    }

    async fn ask(
        &self,
        method: Method,
        service: JsonService,
        path: &str,
    ) -> Result<Value, CallError> {
        let exchange = async {
            let request =
                |server| self.path_request(server, method.clone(), service, path, Bytes::new());
            let answer = self.sent(path, request).await.map_err(CallError::Unreachable)?;
            self.answered(answer, &*self.credentials, path).await
        };
        self.in_time(path, exchange).await?
    }

    async fn path_request(
        &self,
        server: Uri,
        method: Method,
        service: JsonService,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<http::Request<Full<Bytes>>> {
        let mut parts = server.into_parts();
        parts.path_and_query =
            Some(path.parse().with_context(|| format!("`{path}` is not a path"))?);
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (method, Uri::from_parts(parts)?);
        let credentials = self.credentials.credentials().await?;
        Signer::new(&credentials, &self.region, service.signing_name)
            .sign(&mut request, self.now())?;
        Ok(request.map(Full::new))
    }
}
