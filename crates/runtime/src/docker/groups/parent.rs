//! Where an engine keeps its containers' control groups: what it was started with as `--cgroup-parent`.
//!
//! No answer of the engine tells it, so it is read from the process at the other end of the socket: its command
//! line, and the configuration file that this names. Whoever cannot see that process takes the root.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

const OPTION: &str = "--cgroup-parent";
const CONFIG_FILE: &str = "--config-file";
const DEFAULT_CONFIG_FILE: &str = "/etc/docker/daemon.json";

/// The path below each hierarchy's root, without a slash in front; empty for the root itself.
pub(super) fn of_engine(socket: &Path) -> PathBuf {
    let words = command_line(socket).unwrap_or_default();
    // A socket that systemd holds for the engine has systemd at its other end, and there are no such words.
    let config = value(&words, CONFIG_FILE).unwrap_or(DEFAULT_CONFIG_FILE);
    let parent = value(&words, OPTION)
        .map(str::to_owned)
        .or_else(|| in_config(&fs::read_to_string(config).ok()?))
        .unwrap_or_default();
    PathBuf::from(parent.trim_start_matches('/'))
}

fn command_line(socket: &Path) -> Option<Vec<String>> {
    let connection = UnixStream::connect(socket).ok()?;
    let peer = rustix::net::sockopt::socket_peercred(&connection).ok()?;
    let raw = fs::read(format!("/proc/{}/cmdline", peer.pid.as_raw_nonzero())).ok()?;
    let words = raw.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    Some(words.map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

/// `--name value` or `--name=value`.
fn value<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    let place = words.iter().position(|word| word.split('=').next() == Some(name))?;
    match words[place].split_once('=') {
        Some((_, value)) => Some(value),
        None => words.get(place + 1).map(String::as_str),
    }
}

fn in_config(text: &str) -> Option<String> {
    let config: serde_json::Value = serde_json::from_str(text).ok()?;
    config.get("cgroup-parent")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_either_form() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(value(&words("dockerd --cgroup-parent /a --live-restore"), OPTION), Some("/a"));
        assert_eq!(value(&words("dockerd --cgroup-parent=/a"), OPTION), Some("/a"));
        assert_eq!(value(&words("dockerd --cgroup-parents /a"), OPTION), None);
        assert_eq!(value(&words("dockerd --cgroup-parent"), OPTION), None);
    }

    #[test]
    fn a_configuration_file_may_say_it() {
        assert_eq!(in_config(r#"{"cgroup-parent": "/b"}"#).as_deref(), Some("/b"));
        assert_eq!(in_config("{}"), None);
        assert_eq!(in_config("not JSON"), None);
    }
}
