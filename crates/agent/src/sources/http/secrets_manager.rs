//! One version of a secret, by Secrets Manager's API.
//!
//! Which key of a JSON value is meant is no business of this call.

use berth_agent_protocol::acs::IAMRoleCredentials;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{SecretVersion, Server, SourceError, refused};

/// Without `Debug`: it holds the value.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValueResponse {
    secret_string: Option<String>,
}

pub(super) async fn get_secret_value(
    server: &Server,
    wanted: &SecretVersion,
    region: Option<&str>,
    of_role: Option<&IAMRoleCredentials>,
) -> Result<String, SourceError> {
    let (root, id) = (server.root(), &wanted.secret);
    let asked = format!("Secrets Manager GetSecretValue {id} at {root}");
    let unusable =
        |fault: &str| SourceError::Unusable { asked: asked.clone(), fault: fault.to_owned() };
    let mut input = Map::from_iter([("SecretId".to_owned(), Value::from(id.as_str()))]);
    for (name, given) in [("VersionStage", &wanted.stage), ("VersionId", &wanted.version)] {
        input.extend(given.as_deref().map(|given| (name.to_owned(), Value::from(given))));
    }
    let request = Request::post(format!("{root}/"))
        .header(CONTENT_TYPE, Protocol::AwsJson11.content_type())
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .body(Bytes::from(Value::Object(input).to_string()))
        .map_err(|cause| unusable(&cause.to_string()))?;
    let credentials = server.credentials(of_role, &asked).await?;
    let region = region.unwrap_or(&server.region);
    let signer = Signer::new(&credentials, region, "secretsmanager");
    let answer = server.send(request, &asked, signer).await?;
    if answer.status() != http::StatusCode::OK {
        let error = Protocol::AwsJson11.decode_error(&answer);
        return Err(refused(&answer, &asked, error.code, error.message));
    }
    // The parser's own words could quote the value.
    let answer = serde_json::from_slice::<GetSecretValueResponse>(answer.body())
        .map_err(|_| unusable("the answer is not the JSON of this operation"))?;
    answer.secret_string.ok_or_else(|| unusable("the secret is not text (it has no SecretString)"))
}
