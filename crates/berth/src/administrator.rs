//! The administrator's key, for commands that use the API: from the environment, else from the data directory.

use anyhow::{Context, Result};
use berth_agent::HttpControlPlane;
use berth_aws_protocol::sigv4::Credentials;

use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::remote::Remote;
use crate::settings::{EndpointOptions, EndpointSettings};

/// A client of the control plane that the command line names, or of the one that ran last in this directory.
pub fn client(endpoint: EndpointOptions, dir: &DataDir) -> Result<HttpControlPlane> {
    let settings = match dir.client_config()? {
        Some(known) if endpoint.endpoint.is_empty() => EndpointSettings {
            region: endpoint.region.unwrap_or(known.region),
            endpoints: vec![known.endpoint],
            ca_file: endpoint.ca_file,
        },
        _ => endpoint.settle()?,
    };
    let Remote { endpoint, region } = Remote::named(settings, dir)?;
    let credentials = credentials(|name| std::env::var(name).ok(), dir)?;
    HttpControlPlane::new(endpoint, region.as_str(), credentials)
}

/// From this process's environment or the directory.
pub fn key(dir: &DataDir) -> Result<Credentials> {
    credentials(|name| std::env::var(name).ok(), dir)
}

/// From the environment, as AWS clients take them; else from the data directory.
fn credentials(variable: impl Fn(&str) -> Option<String>, dir: &DataDir) -> Result<Credentials> {
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(access_key_id), Some(secret_access_key)) => {
            let session_token = variable("AWS_SESSION_TOKEN");
            Ok(Credentials { access_key_id, secret_access_key, session_token })
        }
        (None, None) => {
            let key = dir.administrator()?.with_context(|| {
                format!(
                    "no key to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put the \
                     server's `credentials` into {}; an agent may join with --token instead",
                    dir.path().display()
                )
            })?;
            Ok(key.into())
        }
        _ => Err(Usage::error(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together, and one is missing",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], dir: &DataDir) -> Result<Credentials> {
        let value = |name: &str| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| (*value).to_owned())
        };
        credentials(value, dir)
    }

    #[test]
    fn the_environment_wins_over_the_directory() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let dir = DataDir::create(temporary.path()).expect("it can be made");
        let key = dir.administrator_or_new().expect("a key is made");
        let of_dir = found(&[("AWS_SESSION_TOKEN", "old")], &dir).expect("the directory has one");
        assert_eq!((of_dir.access_key_id, of_dir.session_token), (key.id, None));
        let variables = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let of_environment = found(&variables, &dir).expect("the environment has one");
        assert_eq!(of_environment.access_key_id, "A");
    }

    #[test]
    fn without_a_key_the_agent_says_where_to_put_one() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let dir = DataDir::create(temporary.path()).expect("it can be made");
        let none =
            found(&[("AWS_ACCESS_KEY_ID", "")], &dir).expect_err("there is none").to_string();
        assert!(none.contains("AWS_ACCESS_KEY_ID") && none.contains("credentials"), "{none}");
        let half =
            found(&[("AWS_ACCESS_KEY_ID", "A")], &dir).expect_err("half is none").to_string();
        assert!(half.contains("one is missing"), "{half}");
    }
}
