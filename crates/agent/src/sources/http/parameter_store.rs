//! Values of Parameter Store, by Systems Manager's API: up to ten in one call, opened.

use std::collections::BTreeMap;

use berth_agent_protocol::acs::IAMRoleCredentials;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::{Server, SourceError, refused};

/// Without `Debug`: it holds the values.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParametersResult {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parameter {
    name: String,
    #[serde(rename = "ARN")]
    arn: String,
    /// `:3` or `:label`, where the name had one.
    selector: Option<String>,
    value: String,
}

impl Parameter {
    /// Whether it is what was asked for with this name.
    fn answers(&self, asked: &str) -> bool {
        let selector = self.selector.as_deref().unwrap_or_default();
        let names = [&self.name, &self.arn].into_iter().filter(|name| !name.is_empty());
        names.filter_map(|name| asked.strip_prefix(name.as_str())).any(|rest| rest == selector)
    }
}

pub(super) async fn get_parameters(
    server: &Server,
    names: &[String],
    region: Option<&str>,
    of_role: Option<&IAMRoleCredentials>,
) -> Result<BTreeMap<String, String>, SourceError> {
    let root = server.root();
    let asked = format!("Systems Manager GetParameters {} at {root}", names.join(", "));
    let unusable =
        |fault: &str| SourceError::Unusable { asked: asked.clone(), fault: fault.to_owned() };
    let input = serde_json::json!({ "Names": names, "WithDecryption": true });
    let request = Request::post(format!("{root}/"))
        .header(CONTENT_TYPE, Protocol::AwsJson11.content_type())
        .header("x-amz-target", "AmazonSSM.GetParameters")
        .body(Bytes::from(input.to_string()))
        .map_err(|cause| unusable(&cause.to_string()))?;
    let credentials = server.credentials(of_role, &asked).await?;
    let signer = Signer::new(&credentials, region.unwrap_or(&server.region), "ssm");
    let answer = server.send(request, &asked, signer).await?;
    if answer.status() != http::StatusCode::OK {
        let error = Protocol::AwsJson11.decode_error(&answer);
        return Err(refused(&answer, &asked, error.code, error.message));
    }
    // The parser's own words could quote a value.
    let answer = serde_json::from_slice::<GetParametersResult>(answer.body())
        .map_err(|_| unusable("the answer is not the JSON of this operation"))?;
    let value = |name: &String| {
        let found = answer.parameters.iter().find(|parameter| parameter.answers(name))?;
        Some((name.clone(), found.value.clone()))
    };
    Ok(names.iter().filter_map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_answers_to_its_name_its_arn_and_either_with_its_selector() {
        let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/db/host";
        let of = |selector: Option<&str>| Parameter {
            name: "/db/host".into(),
            arn: arn.into(),
            selector: selector.map(Into::into),
            value: "v".into(),
        };
        let with_selector = format!("{arn}:3");
        for (asked, expected) in [
            ("/db/host:3", true),
            (with_selector.as_str(), true),
            ("/db/host", false),
            ("/db/host:4", false),
            ("/db/host2", false),
            ("", false),
        ] {
            assert_eq!(of(Some(":3")).answers(asked), expected, "{asked}");
        }
        assert!(of(None).answers("/db/host") && of(None).answers(arn));
        assert!(!of(None).answers("/db/hosts"));
    }
}
