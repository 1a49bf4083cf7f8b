//! `berth events`: what happened, line by line; with `--follow` also what happens.
//!
//! One line is one event in EventBridge's JSON, or for people a line of text. Answers are asked for again from the
//! number where the last one ended, so nothing is printed twice; what the server could not tell any more is said.

mod line;

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use berth_agent::{CallError, HttpControlPlane, JsonService};
use berth_model::Timestamp;
use clap::Args;
use serde_json::Value;

use super::query::encoded;
use crate::administrator;
use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::settings::{EndpointOptions, Span};

const PATH: &str = "/_berth/ecs/events";

/// How long the server may keep an answer back that would be empty.
const WAIT: Duration = Duration::from_secs(20);

/// How long to wait for a server that is not there.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub struct EventsOptions {
    /// Print events as they happen, from now on unless --since is given
    #[arg(long, short)]
    follow: bool,

    /// Only those of this cluster: its name or ARN
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<String>,

    /// Only those of this type, such as `task`, `container-instance` or EventBridge's own name of it; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,

    /// Only those from this source, such as `aws.ecs`
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,

    /// Only those since then: a length of time such as 10m, or an instant such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Since>,

    /// Print EventBridge's JSON, one event a line, as is done anyway where the output is no terminal
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy)]
enum Since {
    Ago(Duration),
    At(Timestamp),
}

fn since(text: &str) -> Result<Since, String> {
    match text.parse::<Span>() {
        Ok(Span(ago)) => Ok(Since::Ago(ago)),
        Err(span) => {
            text.parse().map(Since::At).map_err(|instant| format!("{span}, or: {instant}"))
        }
    }
}

pub async fn run(
    data_dir: &Path,
    endpoint: EndpointOptions,
    options: EventsOptions,
    is_terminal: bool,
    out: &mut impl Write,
) -> Result<()> {
    let server = administrator::client(endpoint, &DataDir::create(data_dir)?)?;
    let json = options.json || !is_terminal;
    match print(&server, &options, json, out).await {
        // Whoever read the lines has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        ended => ended,
    }
}

async fn print(
    server: &HttpControlPlane,
    options: &EventsOptions,
    json: bool,
    out: &mut impl Write,
) -> Result<()> {
    let filters = filters(options);
    let from_now = options.follow && options.since.is_none();
    let mut after = if from_now { "newest" } else { "oldest" }.to_owned();
    // Without --follow, what happens meanwhile is left for the next time: or it might never end.
    let end = if options.follow { None } else { Some(number(&ask(server, PATH).await?)?) };
    let (mut first, mut wait) = (true, 0);
    loop {
        let path = format!("{PATH}?after={after}&wait={wait}{filters}");
        let page = match server.get(JsonService::ECS, &path).await {
            Ok(page) => page,
            Err(CallError::Unreachable(cause)) if options.follow && !first => {
                eprintln!("berth: {cause:#}; trying again");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            Err(error) => return Err(refused(error)),
        };
        if page["missed"] == true {
            eprintln!("berth: events were missed: the server keeps them only for a while");
        }
        let events = page["events"].as_array().context("the answer has no events")?;
        for event in events {
            if json {
                writeln!(out, "{event}")?;
            } else {
                writeln!(out, "{}", line::of(event))?;
            }
        }
        out.flush()?;
        let reached = number(&page)?;
        if end.is_some_and(|end| reached >= end) {
            return Ok(());
        }
        after = reached.to_string();
        first = false;
        if options.follow {
            wait = WAIT.as_secs();
        }
    }
}

async fn ask(server: &HttpControlPlane, path: &str) -> Result<Value> {
    server.get(JsonService::ECS, path).await.map_err(refused)
}

/// The number from which to go on.
fn number(page: &Value) -> Result<u64> {
    page["after"].as_u64().context("the answer does not say where it ends")
}

fn refused(error: CallError) -> anyhow::Error {
    match error {
        CallError::Refused { code, message, .. } if code == "InvalidParameterException" => {
            Usage::error(message)
        }
        error => anyhow::Error::from(error).context("asking for events failed"),
    }
}

/// What the server is to leave out, as the rest of a query.
fn filters(options: &EventsOptions) -> String {
    let mut filters = String::new();
    let mut add = |name: &str, value: &str| {
        filters.push_str(&format!("&{name}={}", encoded(value)));
    };
    if let Some(cluster) = &options.cluster {
        add("cluster", cluster);
    }
    options.types.iter().for_each(|kind| add("type", kind));
    if let Some(source) = &options.source {
        add("source", source);
    }
    match options.since {
        Some(Since::At(at)) => add("since", &at.to_string()),
        Some(Since::Ago(ago)) => add("since", &(now() - ago).to_string()),
        None => {}
    }
    filters
}

fn now() -> Timestamp {
    Timestamp::EPOCH + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_a_query() {
        let options = EventsOptions {
            follow: false,
            cluster: Some("arn:aws:ecs:x:1:cluster/web".into()),
            types: vec!["task".into(), "ECS Service Action".into()],
            source: Some("aws.ecs".into()),
            since: Some(since("2026-01-02T03:04:05Z").unwrap()),
            json: true,
        };
        assert_eq!(
            filters(&options),
            "&cluster=arn%3Aaws%3Aecs%3Ax%3A1%3Acluster%2Fweb&type=task\
             &type=ECS%20Service%20Action&source=aws.ecs&since=2026-01-02T03%3A04%3A05Z"
        );
    }

    #[test]
    fn since_is_a_span_or_an_instant() {
        assert!(matches!(since("10m"), Ok(Since::Ago(ago)) if ago == Duration::from_secs(600)));
        assert!(matches!(since("2026-01-02"), Ok(Since::At(_))));
        let refused = since("yesterday").unwrap_err();
        assert!(refused.contains("10m") && refused.contains("ISO 8601"), "{refused}");
    }
}
