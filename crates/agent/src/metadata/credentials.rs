//! The credentials of a task's role, for whoever knows the id that they are asked for with.

use berth_agent_protocol::acs::IAMRoleCredentials;
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::answer::Answer;
use super::throttle::Asker;
use super::{Asked, Metadata};
use crate::roles::Held;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    role_arn: String,
    access_key_id: String,
    secret_access_key: String,
    token: String,
    expiration: String,
}

impl From<IAMRoleCredentials> for Document {
    fn from(given: IAMRoleCredentials) -> Self {
        Self {
            role_arn: given.role_arn,
            access_key_id: given.access_key_id,
            secret_access_key: given.secret_access_key,
            token: given.session_token,
            expiration: given.expiration,
        }
    }
}

impl Metadata {
    pub(super) fn credentials(&self, asked: &Asked<'_>, version: u8, id: Option<&str>) -> Answer {
        let held = id.map_or(Held::Unknown, |id| self.register.parts().roles.find(id));
        let asker = match &held {
            Held::Credentials { task, .. } | Held::Awaited { task } => Asker::Task(task.clone()),
            Held::Unknown => Asker::Address(asked.source),
        };
        if !self.throttle.admit(asker) {
            return Answer::too_many();
        }
        if asked.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        let error = |status: StatusCode, code: &str, what: &str| {
            let message = format!("CredentialsV{version}Request: {what}");
            let document =
                json!({ "code": code, "message": message, "HTTPErrorCode": status.as_u16() });
            Answer::with(status, &document)
        };
        match (id, held) {
            (None, _) => {
                let what = "No Credential ID in the request";
                error(StatusCode::BAD_REQUEST, "NoIdInRequest", what)
            }
            (Some(_), Held::Credentials { task, credentials }) => {
                tracing::debug!(task, role = credentials.role_arn, "credentials are handed out");
                Answer::ok(&Document::from(credentials))
            }
            (Some(_), Held::Awaited { .. }) => {
                let what = "Credentials uninitialized for ID";
                error(StatusCode::SERVICE_UNAVAILABLE, "CredentialsUninitialized", what)
            }
            (Some(_), Held::Unknown) => {
                error(StatusCode::BAD_REQUEST, "InvalidIdInRequest", "Credentials not found")
            }
        }
    }
}
