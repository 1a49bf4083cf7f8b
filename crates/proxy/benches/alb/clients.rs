//! wrk and h2load, and what they print.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::peers::NAME;
use crate::process::{OTHER_CORE, on_core};

/// How long a turn is.
const SECONDS: u32 = 3;
const CONNECTIONS: u32 = 64;
/// Of HTTP/2, with so many requests at once on each.
const HTTP2_CONNECTIONS: u32 = 16;
const STREAMS: u32 = 4;

/// What a turn came to.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub requests: f64,
    pub per_second: f64,
    pub p99_ms: f64,
}

/// Requests of HTTP/1.1, on connections that stay open or that don't.
pub fn wrk(url: &str, closes: bool) -> Load {
    let mut command = on_core(OTHER_CORE, "wrk");
    command.args(["-t1", "-c", &CONNECTIONS.to_string(), "-d", &format!("{SECONDS}s")]);
    command.args(["--latency", "-H", &format!("Host: {NAME}")]);
    if closes {
        command.args(["-H", "Connection: close"]);
    }
    let told = told(command.arg(url));
    assert!(!told.contains("Non-2xx"), "{told}");
    let value = |name: &str| {
        let line = told.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {told}")).trim().to_owned()
    };
    let per_second = number(&value("Requests/sec:"));
    let counted = told.lines().find(|line| line.contains(" requests in "));
    let requests =
        number(counted.and_then(|line| line.split_whitespace().next()).expect("wrk counts"));
    Load { requests, per_second, p99_ms: milliseconds(&value("99%")) }
}

pub fn h2load(url: &str, folder: &Path) -> Load {
    let log = folder.join("h2load.log");
    let _ = fs::remove_file(&log);
    let mut command = on_core(OTHER_CORE, "h2load");
    command.args(["-c", &HTTP2_CONNECTIONS.to_string(), "-m", &STREAMS.to_string()]);
    command.args(["-D", &SECONDS.to_string(), "-H", &format!(":authority: {NAME}")]);
    let told = told(command.arg("--log-file").arg(&log).arg(url));
    let line = told.lines().find(|line| line.starts_with("requests:")).expect("h2load counts");
    let counted = |what: &str| {
        let part = line.split(", ").find(|part| part.ends_with(what)).expect("h2load counts");
        let word = part.split_whitespace().find(|word| word.parse::<f64>().is_ok());
        number(word.expect("a number"))
    };
    assert_eq!(counted("failed") + counted("errored") + counted("timeout"), 0.0, "{told}");
    let requests = counted("done");
    let lines = fs::read_to_string(&log).expect("h2load writes it");
    // Start, status and microseconds of each request.
    let mut times: Vec<u64> =
        lines.lines().filter_map(|line| line.split('\t').nth(2)?.parse().ok()).collect();
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Load { requests, per_second: requests / f64::from(SECONDS), p99_ms: p99 as f64 / 1000.0 }
}

fn told(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}{problem}");
    told
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// `1.20ms`, `850.00us` or `1.02s`.
fn milliseconds(text: &str) -> f64 {
    let (digits, factor) = match text {
        _ if text.ends_with("us") => (&text[..text.len() - 2], 0.001),
        _ if text.ends_with("ms") => (&text[..text.len() - 2], 1.0),
        _ => (text.trim_end_matches('s'), 1000.0),
    };
    number(digits) * factor
}
