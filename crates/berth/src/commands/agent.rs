//! `berth agent`: one host's agent.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use anyhow::{Context, Result};
use berth_aws_protocol::sigv4::Credentials;
use tokio::time::{Instant, interval_at};

use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::host_agent::HostAgent;
use crate::settings::{EndpointSettings, GlobalSettings, HostSettings, RuntimeChoice};
use crate::{pages, ready, shutdown};

/// When a host has joined, unless something is in its way.
const AFTER_START: Duration = Duration::from_secs(10);
/// Between times an agent may have had much to do.
const BETWEEN: Duration = Duration::from_secs(60);

pub async fn run(
    global: GlobalSettings,
    endpoint: EndpointSettings,
    host: HostSettings,
) -> Result<()> {
    if host.runtime == RuntimeChoice::None {
        return Err(Usage::error(
            "--runtime none is for `berth up`: an agent without a runtime does nothing",
        ));
    }
    let stop = shutdown::on_signal()?;
    let dir = DataDir::create(&global.data_dir)?;
    let credentials = credentials(|name| std::env::var(name).ok(), &dir)?;
    let agent = HostAgent::start(host, &endpoint, credentials, &dir)?;
    ready::tell(&endpoint.endpoint, &mut io::stdout())?;
    tokio::select! {
        ended = agent.run(stop) => ended,
        never = stay_small() => match never {},
    }
}

/// The agent's memory is memory that tasks do not have.
async fn stay_small() -> Infallible {
    let mut looks = interval_at(Instant::now() + AFTER_START, BETWEEN);
    loop {
        looks.tick().await;
        pages::forget_program();
    }
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
                     server's `credentials` into {}",
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
