//! Task protection: a task of a service asks, through its agent, to be left alone for a while.

use std::time::Duration;

use berth_agent_protocol::acs::RoleType;
use berth_aws_protocol::sigv4::Credentials;
use berth_model::Timestamp;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::throttle::Asker;
use super::{Asked, Metadata};
use crate::control_plane::CallError;

/// AWS: shorter than a container waits for its answer.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wish {
    protection_enabled: Option<bool>,
    expires_in_minutes: Option<i64>,
}

impl Metadata {
    pub(super) async fn protection(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let Some(place) = self.place(id) else {
            return self.limited(Asker::Address(asked.source), || {
                let message = "Failed to find a task for the request";
                error(StatusCode::NOT_FOUND, None, "ResourceNotFoundException", message)
            });
        };
        if !self.throttle.admit(Asker::Task(place.task.clone())) {
            return Answer::too_many();
        }
        let task = place.task.as_str();
        let cluster = &self.host.options.cluster;
        let (operation, input) = if asked.method == Method::GET {
            ("GetTaskProtection", json!({ "cluster": cluster, "tasks": [task] }))
        } else if asked.method == Method::PUT {
            match wish(asked.body, task) {
                Ok(wish) => {
                    let mut input = json!({
                        "cluster": cluster,
                        "tasks": [task],
                        "protectionEnabled": wish.protection_enabled,
                    });
                    if let Some(minutes) = wish.expires_in_minutes {
                        input["expiresInMinutes"] = json!(minutes);
                    }
                    ("UpdateTaskProtection", input)
                }
                Err(refusal) => return refusal,
            }
        } else {
            return Answer::wrong_method("GET, PUT");
        };
        match tokio::time::timeout(PATIENCE, self.ask(task, operation, input)).await {
            Ok(Ok(answer)) => told(task, &answer),
            Ok(Err(CallError::Refused { code, status, message })) => {
                let status = StatusCode::from_u16(status);
                error(status.unwrap_or(StatusCode::BAD_GATEWAY), Some(task), &code, &message)
            }
            Ok(Err(CallError::Unreachable(cause))) => {
                tracing::warn!(
                    task,
                    cause = format!("{cause:#}"),
                    "task protection cannot be asked for"
                );
                let message = "The control plane could not be reached.";
                error(StatusCode::INTERNAL_SERVER_ERROR, Some(task), "ServerException", message)
            }
            Err(_) => {
                let message = "Timed out calling ECS Task Protection API";
                error(StatusCode::GATEWAY_TIMEOUT, Some(task), "RequestCanceled", message)
            }
        }
    }

    /// DEVIATES: ECS refuses a task without a role. Here its agent speaks for it then: it asks for this task alone.
    async fn ask(&self, task: &str, operation: &str, input: Value) -> Result<Value, CallError> {
        let role = self.register.parts().roles.of_task(task, &RoleType::TaskApplication);
        match role {
            Some(role) => {
                let credentials = Credentials {
                    session_token: Some(role.session_token).filter(|token| !token.is_empty()),
                    ..Credentials::new(role.access_key_id, role.secret_access_key)
                };
                self.host.control_plane.call_as(&credentials, operation, input).await
            }
            None => self.host.control_plane.call(operation, input).await,
        }
    }
}

fn wish(body: &[u8], task: &str) -> Result<Wish, Answer> {
    const INVALID: &str = "InvalidParameterException";
    let wish = serde_json::from_slice::<Wish>(body).map_err(|_| {
        let message = "UpdateTaskProtection: failed to decode request";
        error(StatusCode::BAD_REQUEST, None, INVALID, message)
    })?;
    if wish.protection_enabled.is_none() {
        let message = "Invalid request: does not contain 'ProtectionEnabled' field";
        return Err(error(StatusCode::BAD_REQUEST, Some(task), INVALID, message));
    }
    Ok(wish)
}

fn error(status: StatusCode, task: Option<&str>, code: &str, message: &str) -> Answer {
    let mut told = json!({ "Code": code, "Message": message });
    if let Some(task) = task {
        told["Arn"] = json!(task);
    }
    Answer::with(status, &json!({ "error": told }))
}

/// AWS: the operation's answer about the one task, in the spelling of this endpoint.
fn told(task: &str, answer: &Value) -> Answer {
    let failure = &answer["failures"][0];
    if failure.is_object() {
        let failure = json!({
            "Arn": failure["arn"], "Reason": failure["reason"], "Detail": failure["detail"],
        });
        return Answer::ok(&json!({ "failure": failure }));
    }
    let protection = &answer["protectedTasks"][0];
    if !protection.is_object() {
        let message = "Unexpected error occurred";
        return error(StatusCode::INTERNAL_SERVER_ERROR, Some(task), "ServerException", message);
    }
    let expires_at = protection["expirationDate"].as_f64().and_then(Timestamp::from_secs_f64);
    let protection = json!({
        "ProtectionEnabled": protection["protectionEnabled"],
        "ExpirationDate": expires_at.map(|at| at.to_string()),
        "TaskArn": protection["taskArn"],
    });
    Answer::ok(&json!({ "protection": protection }))
}
