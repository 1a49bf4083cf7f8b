//! Paths of ours that are no operations, signed like them.

use anyhow::Context;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::{Method, Uri};
use http_body_util::Full;
use serde_json::Value;

use super::{HttpControlPlane, JsonService};
use crate::control_plane::CallError;

impl HttpControlPlane {
    /// The JSON at a path, which may have a query.
    pub async fn get(&self, service: JsonService, path: &str) -> Result<Value, CallError> {
        self.ask(Method::GET, service, path).await
    }

    /// What a `POST` without a body is answered with.
    pub async fn tell(&self, service: JsonService, path: &str) -> Result<Value, CallError> {
        self.ask(Method::POST, service, path).await
    }

    async fn ask(
        &self,
        method: Method,
        service: JsonService,
        path: &str,
    ) -> Result<Value, CallError> {
        let exchange = async {
            let request = |server| self.path_request(server, method.clone(), service, path);
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
    ) -> anyhow::Result<http::Request<Full<Bytes>>> {
        let mut parts = server.into_parts();
        parts.path_and_query =
            Some(path.parse().with_context(|| format!("`{path}` is not a path"))?);
        let mut request = http::Request::new(Bytes::new());
        (*request.method_mut(), *request.uri_mut()) = (method, Uri::from_parts(parts)?);
        let credentials = self.credentials.credentials().await?;
        Signer::new(&credentials, &self.region, service.signing_name)
            .sign(&mut request, self.now())?;
        Ok(request.map(Full::new))
    }
}
