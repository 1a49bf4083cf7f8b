//! Where this host's agent gets objects of S3 and secrets, and in whose name.
//!
//! Keys come from the environment or the file, never from a flag: everybody on a host sees the flags of
//! its processes.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use berth_agent::{CredentialProvider, Endpoint, HttpSources, SourceEndpoint};
use berth_aws_protocol::sigv4::Credentials;
use clap::Args;
use serde::Deserialize;

use crate::exit::Usage;
use crate::remote::{self, Remote};

const S3_ACCESS_KEY_ID: &str = "BERTH_S3_ACCESS_KEY_ID";
const S3_SECRET_ACCESS_KEY: &str = "BERTH_S3_SECRET_ACCESS_KEY";

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceOptions {
    /// Where environment files and FireLens configurations are, such as http://10.0.0.2:9000; its keys are
    /// BERTH_S3_ACCESS_KEY_ID and BERTH_S3_SECRET_ACCESS_KEY [default: nowhere]
    #[arg(long, env = "BERTH_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,

    /// The region that requests to it are signed for [default: the host's]
    #[arg(long, env = "BERTH_S3_REGION", value_name = "NAME")]
    pub s3_region: Option<String>,

    /// The certificate authority of an https:// address of S3, in PEM [default: the control plane's]
    #[arg(long, env = "BERTH_S3_CA_FILE", value_name = "FILE")]
    pub s3_ca_file: Option<PathBuf>,

    #[arg(skip)]
    pub s3_access_key_id: Option<String>,

    #[arg(skip)]
    pub s3_secret_access_key: Option<Hidden>,

    /// Where secrets are [default: the control plane]
    #[arg(long, env = "BERTH_SECRETS_ENDPOINT", value_name = "URL")]
    pub secrets_endpoint: Option<String>,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<hidden>")
    }
}

impl SourceOptions {
    pub fn or(self, file: SourceOptions) -> SourceOptions {
        SourceOptions {
            s3_endpoint: self.s3_endpoint.or(file.s3_endpoint),
            s3_region: self.s3_region.or(file.s3_region),
            s3_ca_file: self.s3_ca_file.or(file.s3_ca_file),
            s3_access_key_id: self.s3_access_key_id.or(file.s3_access_key_id),
            s3_secret_access_key: self.s3_secret_access_key.or(file.s3_secret_access_key),
            secrets_endpoint: self.secrets_endpoint.or(file.secrets_endpoint),
        }
    }

    /// `own` are the host's credentials at its control plane. Secrets are asked for in their name, and so
    /// are objects if there are no keys for them.
    pub fn open(
        self,
        variable: impl Fn(&str) -> Option<String>,
        control_plane: &Remote,
        own: &Arc<dyn CredentialProvider>,
    ) -> Result<HttpSources> {
        let keys = self.s3_keys(variable)?;
        let region = control_plane.region.to_string();
        let wrong = |error: anyhow::Error| Usage::error(format!("{error:#}"));
        let trust = &control_plane.endpoint.trust;
        let secrets = self.secrets_endpoint.map(|address| Endpoint::new(address, trust.clone()));
        let sources = HttpSources::new().with_secrets(SourceEndpoint {
            endpoint: secrets.unwrap_or_else(|| control_plane.endpoint.clone()),
            region: region.clone(),
            credentials: own.clone(),
            knows_roles: true,
        });
        match (self.s3_endpoint, keys) {
            (Some(address), keys) => sources
                .map_err(wrong)?
                .with_objects(SourceEndpoint {
                    endpoint: match self.s3_ca_file {
                        Some(file) => Endpoint::new(address, remote::only(file)?),
                        None => Endpoint::new(address, trust.clone()),
                    },
                    region: self.s3_region.unwrap_or(region),
                    // A store with keys of its own is another's, and has never heard of roles here.
                    knows_roles: keys.is_none(),
                    credentials: match keys {
                        Some(keys) => Arc::new(keys),
                        None => own.clone(),
                    },
                })
                .map_err(wrong),
            (None, Some(_)) => {
                Err(Usage::error("there are keys for S3 and no address: give --s3-endpoint URL"))
            }
            (None, None) => sources.map_err(wrong),
        }
    }

    /// The environment wins over the file, as a pair.
    fn s3_keys(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Credentials>> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let in_file = || {
            let secret = self.s3_secret_access_key.clone().map(|Hidden(secret)| secret);
            (self.s3_access_key_id.clone(), secret)
        };
        let pair = match (variable(S3_ACCESS_KEY_ID), variable(S3_SECRET_ACCESS_KEY)) {
            (None, None) => in_file(),
            in_environment => in_environment,
        };
        match pair {
            (Some(id), Some(secret)) => Ok(Some(Credentials::new(id, secret))),
            (None, None) => Ok(None),
            _ => Err(Usage::error(format!(
                "{S3_ACCESS_KEY_ID} and {S3_SECRET_ACCESS_KEY} go together, and one is missing"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use berth_agent::Sources;

    use super::*;

    fn options(toml: &str) -> SourceOptions {
        toml::from_str(toml).expect("well formed")
    }

    fn open(options: SourceOptions, variables: &[(&str, &str)]) -> Result<HttpSources> {
        let value = |name: &str| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| (*value).to_owned())
        };
        let control_plane = Remote {
            endpoint: Endpoint::from("http://10.0.0.1:4566"),
            region: "eu-west-1".parse().expect("a region"),
        };
        let own: Arc<dyn CredentialProvider> = Arc::new(Credentials::new("own", "secret"));
        options.open(value, &control_plane, &own)
    }

    #[test]
    fn secrets_are_at_the_control_plane_and_objects_nowhere() {
        let sources = open(SourceOptions::default(), &[]).expect("nothing is wrong");
        assert!(sources.has_secrets() && !sources.has_objects());
        let sources = open(options("s3-endpoint = \"http://s3:9000\""), &[]).expect("opened");
        assert!(sources.has_objects());
    }

    #[test]
    fn keys_come_as_a_pair_from_the_environment_or_the_file() {
        let file = "s3-access-key-id = \"file\"\ns3-secret-access-key = \"file-secret\"";
        let keys = |variables: &[(&str, &str)]| {
            let value = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned())
            };
            options(file).s3_keys(value)
        };
        let in_environment = [(S3_ACCESS_KEY_ID, "id"), (S3_SECRET_ACCESS_KEY, "s")];
        assert_eq!(keys(&[]).expect("a pair"), Some(Credentials::new("file", "file-secret")));
        assert_eq!(keys(&in_environment).expect("a pair"), Some(Credentials::new("id", "s")));
        assert!(
            keys(&in_environment[..1])
                .expect_err("half a pair")
                .to_string()
                .contains("one is missing")
        );
    }

    #[test]
    fn a_wrong_address_and_keys_without_one_are_refused_at_the_start() {
        for (toml, fault) in [
            ("s3-endpoint = \"https://s3\"", "--ca-file"),
            ("s3-endpoint = \"https://s3\"\ns3-ca-file = \"/nowhere.pem\"", "/nowhere.pem"),
            ("secrets-endpoint = \"here\"", "http://"),
            ("s3-access-key-id = \"a\"\ns3-secret-access-key = \"b\"", "--s3-endpoint"),
        ] {
            let error = open(options(toml), &[]).err().expect(toml).to_string();
            assert!(error.contains(fault), "{toml}: {error}");
        }
    }

    #[test]
    fn a_secret_key_is_not_shown() {
        let shown = format!("{:?}", options("s3-secret-access-key = \"abc\""));
        assert!(!shown.contains("abc"), "{shown}");
    }
}
