//! The real sources: S3's, Secrets Manager's and Systems Manager's APIs over signed HTTP, at addresses that the host is told.
//!
//! A redirect is an answer like any other refusal:
//! whoever is asked next would see what was asked for, and the signature is not for them.

mod parameter_store;
mod s3;
mod secrets_manager;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_agent_protocol::acs::IAMRoleCredentials;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};

use super::{SecretVersion, SourceError, Sources};
use crate::clock::{Clock, SystemClock};
use crate::credentials::CredentialProvider;
use crate::http::{Endpoint, HttpClient, Servers};

/// How long one answer may take, to its last byte.
///
/// AWS: what the agent gives a download.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most that one answer may hold. What is fetched goes into a container's environment or
/// configuration, which is far below it.
const MAX_ANSWER: usize = 4 << 20;

/// Who is asked, and in whose name unless a task's role says otherwise.
#[derive(Clone)]
pub struct SourceEndpoint {
    pub endpoint: Endpoint,
    pub region: String,
    pub credentials: Arc<dyn CredentialProvider>,
    /// It believes the credentials of tasks' roles, as the control plane does. Who does not is always asked in the
    /// host's name.
    pub knows_roles: bool,
}

/// Objects and secrets at addresses. Begins with neither.
#[derive(Default)]
pub struct HttpSources {
    objects: Option<Server>,
    secrets: Option<Server>,
}

struct Server {
    servers: Servers,
    client: HttpClient,
    region: String,
    credentials: Arc<dyn CredentialProvider>,
    knows_roles: bool,
}

impl HttpSources {
    pub fn new() -> Self {
        Self::default()
    }

    /// Objects come from here; buckets are named in the path.
    pub fn with_objects(self, endpoint: SourceEndpoint) -> anyhow::Result<Self> {
        Ok(Self { objects: Some(Server::new(endpoint)?), ..self })
    }

    /// Secrets and parameters come from here.
    pub fn with_secrets(self, endpoint: SourceEndpoint) -> anyhow::Result<Self> {
        Ok(Self { secrets: Some(Server::new(endpoint)?), ..self })
    }
}

impl Server {
    /// Signs, sends, and takes the whole answer. `asked` is what an error begins with.
    async fn send(
        &self,
        mut request: Request<Bytes>,
        asked: &str,
        signer: Signer<'_>,
    ) -> Result<Response<Bytes>, SourceError> {
        let unreachable = |cause: anyhow::Error| SourceError::Unreachable {
            asked: asked.to_owned(),
            cause: format!("{cause:#}"),
        };
        signer.sign(&mut request, SystemClock.now()).map_err(|cause| SourceError::Unusable {
            asked: asked.to_owned(),
            fault: cause.to_string(),
        })?;
        let server = self.servers.current();
        let exchange = async {
            let answer = self.client.request(request.map(Full::new)).await;
            let (head, body) = answer.map_err(|cause| unreachable(cause.into()))?.into_parts();
            match Limited::new(body, MAX_ANSWER).collect().await {
                Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
                Err(cause) if cause.is::<http_body_util::LengthLimitError>() => {
                    Err(SourceError::Unusable {
                        asked: asked.to_owned(),
                        fault: format!("the answer is larger than {} MiB", MAX_ANSWER >> 20),
                    })
                }
                Err(cause) => Err(unreachable(anyhow::anyhow!("the answer broke off: {cause}"))),
            }
        };
        let answer = match tokio::time::timeout(TIMEOUT, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable(anyhow::anyhow!("no answer within {TIMEOUT:?}"))),
        };
        // Whoever asks again asks another one.
        if let Err(SourceError::Unreachable { .. }) = &answer {
            self.servers.leave(&server);
        }
        answer
    }
}

#[async_trait]
impl Sources for HttpSources {
    async fn object(
        &self,
        bucket: &str,
        key: &str,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<Bytes, SourceError> {
        let server = self.objects.as_ref().ok_or_else(|| no_objects(bucket, key))?;
        s3::get_object(server, bucket, key, credentials).await
    }

    async fn secret(
        &self,
        version: &SecretVersion,
        region: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<String, SourceError> {
        let server = self.secrets.as_ref().ok_or_else(|| no_secrets(&version.secret))?;
        secrets_manager::get_secret_value(server, version, region, credentials).await
    }

    async fn parameters(
        &self,
        names: &[String],
        region: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        let server = self.secrets.as_ref().ok_or_else(|| no_secrets(&names.join(", ")))?;
        parameter_store::get_parameters(server, names, region, credentials).await
    }

    fn has_objects(&self) -> bool {
        self.objects.is_some()
    }

    fn has_secrets(&self) -> bool {
        self.secrets.is_some()
    }
}

impl Server {
    fn new(endpoint: SourceEndpoint) -> anyhow::Result<Self> {
        let SourceEndpoint { endpoint, region, credentials, knows_roles } = endpoint;
        let parsed = endpoint.parse()?;
        let client = parsed.client();
        Ok(Self { servers: parsed.servers, client, region, credentials, knows_roles })
    }

    /// Where the next question goes, without a slash at its end.
    fn root(&self) -> String {
        self.servers.current().root()
    }

    /// The role's, or the host's own, which are not always there. `asked` is what an error begins with.
    async fn credentials(
        &self,
        of_role: Option<&IAMRoleCredentials>,
        asked: &str,
    ) -> Result<Credentials, SourceError> {
        let of_role = of_role.filter(|_| self.knows_roles);
        if of_role.is_some_and(|role| role.access_key_id.is_empty()) {
            // After a restart of the agent. Never in the host's own name: that is another's permission.
            return Err(SourceError::Unreachable {
                asked: asked.to_owned(),
                cause: "the credentials of the task's execution role have not come yet".to_owned(),
            });
        }
        if let Some(role) = of_role {
            return Ok(Credentials {
                access_key_id: role.access_key_id.clone(),
                secret_access_key: role.secret_access_key.clone(),
                session_token: Some(role.session_token.clone()).filter(|token| !token.is_empty()),
            });
        }
        let unreachable =
            |cause: String| SourceError::Unreachable { asked: asked.to_owned(), cause };
        match tokio::time::timeout(TIMEOUT, self.credentials.credentials()).await {
            Ok(own) => own.map_err(|cause| unreachable(format!("{cause:#}"))),
            Err(_) => Err(unreachable("this host has no credentials".to_owned())),
        }
    }
}

pub(super) fn no_objects(bucket: &str, key: &str) -> SourceError {
    SourceError::NotConfigured {
        asked: format!("S3 GetObject {bucket}/{key}"),
        setting: "--s3-endpoint URL",
    }
}

pub(super) fn no_secrets(id: &str) -> SourceError {
    SourceError::NotConfigured {
        asked: format!("Secrets Manager GetSecretValue {id}"),
        setting: "--secrets-endpoint URL",
    }
}

/// The error that an answer is which is no success; code and message are the server's.
fn refused(
    answer: &Response<Bytes>,
    asked: &str,
    code: String,
    message: Option<String>,
) -> SourceError {
    let location = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    let message = match (message, location) {
        (Some(message), _) => message,
        (None, Some(location)) => format!("redirects to {location}, which is not followed"),
        (None, None) => "no reason was given".to_owned(),
    };
    SourceError::Refused {
        asked: asked.to_owned(),
        status: answer.status().as_u16(),
        code,
        message,
    }
}
