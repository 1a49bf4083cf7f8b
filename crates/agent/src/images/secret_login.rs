//! `repositoryCredentials`: the login that a task definition keeps in a secret.

use berth_agent_protocol::acs::{ASMAuthData, IAMRoleCredentials};
use berth_runtime::{ErrorKind, ImageName, RegistryAuth, RuntimeError, Verb};
use serde::Deserialize;

use crate::host::Host;

/// Which secret, and in whose name it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretLogin {
    pub(crate) secret: ASMAuthData,
    pub(crate) credentials: Option<IAMRoleCredentials>,
}

/// AWS: what such a secret holds.
#[derive(Deserialize)]
struct UserAndPassword {
    #[serde(default, alias = "Username")]
    username: String,
    #[serde(default, alias = "Password")]
    password: String,
}

impl SecretLogin {
    /// Equal for two that open the same doors.
    pub(crate) fn identity(&self) -> String {
        let role = self.credentials.as_ref().map_or("", |credentials| &credentials.role_arn);
        format!("{} {} {role}", self.secret.credentials_parameter, self.secret.region)
    }

    /// Asked for at each attempt: the password may have been put right meanwhile.
    pub(super) async fn fetch(
        &self,
        host: &Host,
        image: &str,
    ) -> Result<RegistryAuth, RuntimeError> {
        let id = self.secret.credentials_parameter.as_str();
        let region = (!self.secret.region.is_empty()).then_some(self.secret.region.as_str());
        let (sources, credentials) = (&host.options.sources, self.credentials.as_ref());
        let secret = sources.secret(&id.into(), region, credentials).await;
        let text = secret.map_err(|error| {
            let kind = if error.is_transient() { ErrorKind::Failed } else { ErrorKind::Denied };
            refuse(kind, format!("asm fetching secret from the service for {id}: {error}"))
        })?;
        let (username, password) =
            parse(&text).map_err(|fault| refuse(ErrorKind::Invalid, fault.to_owned()))?;
        let server = Some(ImageName::parse(image).registry().to_owned());
        Ok(RegistryAuth { username, password, identity_token: None, server })
    }
}

/// AWS: the faults' words are those of ECS's agent; none repeats what is in the secret.
fn parse(text: &str) -> Result<(String, String), &'static str> {
    if text.is_empty() {
        return Err("asm fetching authorization data: empty secrets value");
    }
    let login: UserAndPassword = serde_json::from_str(text).map_err(
        |_| "asm fetching authorization data: unable to unmarshal secret value, invalid schema",
    )?;
    if login.username.is_empty() {
        return Err("asm fetching username: AuthorizationData is malformed, empty field");
    }
    if login.password.is_empty() {
        return Err("asm fetching password: AuthorizationData is malformed, empty field");
    }
    Ok((login.username, login.password))
}

fn refuse(kind: ErrorKind, message: String) -> RuntimeError {
    RuntimeError::new(Verb::RegistryLogin, kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_holds_a_name_and_a_password() {
        let login = ("robot".to_owned(), "p:w".to_owned());
        assert_eq!(parse(r#"{ "username": "robot", "password": "p:w", "more": 1 }"#), Ok(login));
        for (text, word) in [
            ("", "empty secrets value"),
            ("robot:p", "invalid schema"),
            (r#"{ "password": "p" }"#, "fetching username"),
            (r#"{ "username": "robot", "password": "" }"#, "fetching password"),
        ] {
            assert!(parse(text).unwrap_err().contains(word), "{text}");
        }
    }
}
