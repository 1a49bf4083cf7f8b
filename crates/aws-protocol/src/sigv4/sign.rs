//! Signs requests: what the agent and tests send.

use std::fmt;
use std::time::Duration;

use berth_model::Timestamp;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, InvalidHeaderValue};
use http::{HeaderMap, Uri};
use percent_encoding::utf8_percent_encode;

use super::canonical::{self, RESERVED, SIGNATURE_PARAMETER, sha256_hex};
use super::{ALGORITHM, CredentialScope, SigningKey, instant};

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// An access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// Signs for one region and service.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    region: &'a str,
    service: &'a str,
}

/// A request that cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("the address `{0}` names no host")]
    NoHost(Uri),
    #[error("the credentials hold characters that no header can")]
    Header(#[from] InvalidHeaderValue),
    #[error("the signed address is not a valid one")]
    Uri(#[from] http::uri::InvalidUri),
}

impl Credentials {
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Credentials {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }
}

/// Never shows the secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl<'a> Signer<'a> {
    pub fn new(credentials: &'a Credentials, region: &'a str, service: &'a str) -> Self {
        Signer { credentials, region, service }
    }

    /// Adds `Host` (if absent), `X-Amz-Date`, `X-Amz-Security-Token` (if there is one),
    /// `X-Amz-Content-Sha256` (for S3) and `Authorization`. Every header that the request has by then is signed.
    pub fn sign(
        &self,
        request: &mut http::Request<Bytes>,
        now: Timestamp,
    ) -> Result<(), SignError> {
        let date = instant::basic(now);
        request.headers_mut().remove(AUTHORIZATION);
        if !request.headers().contains_key(HOST) {
            let host = host_value(request.uri())?;
            request.headers_mut().insert(HOST, host);
        }
        request.headers_mut().insert(X_AMZ_DATE, HeaderValue::from_str(&date)?);
        if let Some(token) = &self.credentials.session_token {
            request.headers_mut().insert(X_AMZ_SECURITY_TOKEN, secret_value(token)?);
        }
        let payload_hash = sha256_hex(request.body());
        if self.service == canonical::S3 {
            // AWS: S3 alone wants to be told the hash that was signed.
            let value = HeaderValue::from_str(&payload_hash)?;
            request.headers_mut().insert(X_AMZ_CONTENT_SHA256, value);
        }
        let mut names: Vec<String> =
            request.headers().keys().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        let scope = self.scope(&date);
        let signature = self.signature(request, &names, &payload_hash, &date, &scope);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            self.credentials.access_key_id,
            names.join(";"),
        );
        request.headers_mut().insert(AUTHORIZATION, secret_value(&authorization)?);
        Ok(())
    }

    /// Header lines that open a web socket: signed over host, date and query, with an empty body.
    pub fn websocket(&self, uri: &Uri, now: Timestamp) -> Result<HeaderMap, SignError> {
        self.signed_get(uri, Bytes::new(), now)
    }

    /// What a telemetry frame begins with: signed header lines and an empty one. The payload
    /// follows; it counts as the body of a `GET` of the session's address.
    pub fn frame_head(
        &self,
        uri: &Uri,
        payload: &Bytes,
        now: Timestamp,
    ) -> Result<String, SignError> {
        let headers = self.signed_get(uri, payload.clone(), now)?;
        let mut head = String::new();
        // AWS: the agent writes canonical names, in alphabetical order.
        for (name, shown) in [
            (AUTHORIZATION, "Authorization"),
            (HOST, "Host"),
            (X_AMZ_DATE, "X-Amz-Date"),
            (X_AMZ_SECURITY_TOKEN, "X-Amz-Security-Token"),
        ] {
            if let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) {
                head.push_str(&format!("{shown}: {value}\r\n"));
            }
        }
        head.push_str("\r\n");
        Ok(head)
    }

    /// The address with a signature in its query, good for `expires_in`. For a `GET` without a body.
    pub fn presign(
        &self,
        uri: &Uri,
        expires_in: Duration,
        now: Timestamp,
    ) -> Result<Uri, SignError> {
        let date = instant::basic(now);
        let scope = self.scope(&date);
        let credential = format!("{}/{scope}", self.credentials.access_key_id);
        let expires = expires_in.as_secs().to_string();
        let mut parameters = vec![
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &date),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", "host"),
        ];
        if let Some(token) = &self.credentials.session_token {
            parameters.push(("X-Amz-Security-Token", token));
        }
        let mut address = uri.to_string();
        for (name, value) in parameters {
            add_parameter(&mut address, name, value);
        }
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = address.parse()?;
        request.headers_mut().insert(HOST, host_value(uri)?);
        let signature =
            self.signature(&request, &["host".to_owned()], &sha256_hex(b""), &date, &scope);
        add_parameter(&mut address, SIGNATURE_PARAMETER, &signature);
        Ok(address.parse()?)
    }

    fn signed_get(&self, uri: &Uri, body: Bytes, now: Timestamp) -> Result<HeaderMap, SignError> {
        let mut request = http::Request::new(body);
        *request.uri_mut() = uri.clone();
        self.sign(&mut request, now)?;
        Ok(std::mem::take(request.headers_mut()))
    }

    fn scope(&self, date: &str) -> CredentialScope {
        CredentialScope {
            date: instant::day(date).to_owned(),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
        }
    }

    fn signature(
        &self,
        request: &http::Request<Bytes>,
        signed_headers: &[String],
        payload_hash: &str,
        date: &str,
        scope: &CredentialScope,
    ) -> String {
        let canonical = canonical::request(request, &scope.service, signed_headers, payload_hash);
        let key = SigningKey::derive(&self.credentials.secret_access_key, scope);
        hex::encode(key.sign(&canonical::string_to_sign(date, scope, &canonical)))
    }
}

/// Default ports are left out, as HTTP clients do.
fn host_value(uri: &Uri) -> Result<HeaderValue, SignError> {
    let authority = uri.authority().ok_or_else(|| SignError::NoHost(uri.clone()))?;
    let is_default = matches!(
        (uri.scheme_str(), uri.port_u16()),
        (Some("http" | "ws"), Some(80)) | (Some("https" | "wss"), Some(443))
    );
    let host = if is_default { authority.host() } else { authority.as_str() };
    Ok(HeaderValue::from_str(host)?)
}

fn secret_value(text: &str) -> Result<HeaderValue, SignError> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn add_parameter(address: &mut String, name: &str, value: &str) {
    address.push(if address.contains('?') { '&' } else { '?' });
    address.push_str(name);
    address.push('=');
    address.extend(utf8_percent_encode(value, RESERVED));
}
