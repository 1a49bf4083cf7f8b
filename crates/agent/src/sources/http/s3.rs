//! One object of Amazon S3, or of anything that speaks its API.

use berth_agent_protocol::acs::IAMRoleCredentials;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Server, SourceError, refused};

/// AWS: all but RFC 3986's unreserved characters and the slashes of a key.
const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// DEVIATES: a bucket is named in the path and never in the host: an address of one's own has no
/// subdomains.
pub(super) async fn get_object(
    server: &Server,
    bucket: &str,
    key: &str,
    of_role: Option<&IAMRoleCredentials>,
) -> Result<Bytes, SourceError> {
    let root = server.root();
    let asked = format!("S3 GetObject {bucket}/{key} at {root}");
    let [in_path, key] = [bucket, key].map(|part| utf8_percent_encode(part, RESERVED).to_string());
    let request = Request::get(format!("{root}/{in_path}/{key}"));
    let request = request.body(Bytes::new()).map_err(|cause| SourceError::Unusable {
        asked: asked.clone(),
        fault: cause.to_string(),
    })?;
    let credentials = server.credentials(of_role, &asked).await?;
    let signer = Signer::new(&credentials, &server.region, "s3");
    let answer = server.send(request, &asked, signer).await?;
    if answer.status() == http::StatusCode::OK {
        return Ok(answer.into_body());
    }
    // AWS: S3's errors are those of the Query protocol without anything around them.
    let error = Protocol::Query.decode_error(&answer);
    Err(refused(&answer, &asked, error.code, error.message))
}
