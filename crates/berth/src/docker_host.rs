//! Where Docker Engine listens on this host.

use std::path::PathBuf;

use anyhow::Result;

use crate::exit::Usage;

const USUAL: &str = "/var/run/docker.sock";

/// The socket that `DOCKER_HOST` names, or the usual one.
pub fn socket() -> Result<PathBuf> {
    parse(std::env::var("DOCKER_HOST").ok().as_deref())
}

fn parse(docker_host: Option<&str>) -> Result<PathBuf> {
    match docker_host {
        None | Some("") => Ok(PathBuf::from(USUAL)),
        Some(address) => match address.strip_prefix("unix://") {
            Some(path) if path.starts_with('/') => Ok(PathBuf::from(path)),
            // An agent reads cgroups and mounts volumes: its engine is on its own host.
            _ => Err(Usage::error(format!(
                "DOCKER_HOST is `{address}`, but only an engine on this host can be used: unix:///path expected"
            ))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_socket_unless_told_otherwise() {
        for unset in [None, Some("")] {
            assert_eq!(parse(unset).expect("the usual one"), PathBuf::from(USUAL));
        }
        let elsewhere = parse(Some("unix:///run/other.sock")).expect("a socket");
        assert_eq!(elsewhere, PathBuf::from("/run/other.sock"));
    }

    #[test]
    fn an_engine_on_another_host_is_refused() {
        for address in ["tcp://10.0.0.1:2375", "unix://relative", "ssh://host"] {
            let error = parse(Some(address)).expect_err(address).to_string();
            assert!(error.contains(address), "{error}");
        }
    }
}
