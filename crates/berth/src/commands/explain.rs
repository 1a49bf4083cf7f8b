//! `berth explain`: why a task runs where it does, or where tasks would run.
//!
//! The server finds the answer (`GET /_berth/ecs/explain`); here it becomes text.

mod text;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use berth_agent::{CallError, JsonService};
use clap::{ArgGroup, Args};

use super::query::encoded;
use crate::administrator;
use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::settings::EndpointOptions;

const PATH: &str = "/_berth/ecs/explain";

/// Instances of either sort that a table shows unless all are wanted.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("subject").required(true))]
pub struct ExplainOptions {
    /// A task, by its id or ARN: where it runs and why, and where another one like it would
    #[arg(long, value_name = "TASK", group = "subject")]
    task: Option<String>,

    /// A service, by its name or ARN: where its tasks run and why, and where the next one would
    #[arg(long, value_name = "SERVICE", group = "subject")]
    service: Option<String>,

    /// A task definition: where tasks of it would run, without running any
    #[arg(long, value_name = "FAMILY[:REVISION]", group = "subject")]
    task_definition: Option<String>,

    /// The cluster, by its name or ARN
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<String>,

    /// How many tasks would be run
    #[arg(long, value_name = "N", conflicts_with_all = ["task", "service"])]
    count: Option<u32>,

    /// EC2 or EXTERNAL
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["task", "service"])]
    launch_type: Option<String>,

    /// Only on hosts of this capacity provider
    #[arg(long, value_name = "NAME", conflicts_with_all = ["task", "service"])]
    capacity_provider: Option<String>,

    /// The tasks' group; `family:FAMILY` without it
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["task", "service"])]
    group: Option<String>,

    /// `distinctInstance`, or an expression that a host must meet; may be repeated
    #[arg(long = "constraint", value_name = "CONSTRAINT", conflicts_with_all = ["task", "service"])]
    constraints: Vec<String>,

    /// `random`, `binpack:FIELD` or `spread:FIELD`, such as spread:attribute:ecs.availability-zone; may be repeated
    #[arg(long = "strategy", value_name = "STRATEGY", conflicts_with_all = ["task", "service"])]
    strategies: Vec<String>,

    /// Show every host, however many there are
    #[arg(long)]
    all: bool,

    /// Print the server's answer, JSON with every host
    #[arg(long)]
    json: bool,
}

pub async fn run(
    data_dir: &Path,
    endpoint: EndpointOptions,
    options: ExplainOptions,
    out: &mut impl Write,
) -> Result<()> {
    let server = administrator::client(endpoint, &DataDir::create(data_dir)?)?;
    let answer = server.get(JsonService::ECS, &path(&options)).await.map_err(refused)?;
    if options.json {
        return Ok(writeln!(out, "{answer:#}")?);
    }
    let shown = if options.all { usize::MAX } else { SHOWN };
    Ok(write!(out, "{}", text::of(&answer, shown))?)
}

fn path(options: &ExplainOptions) -> String {
    let count = options.count.map(|count| count.to_string());
    let single = [
        ("task", &options.task),
        ("service", &options.service),
        ("taskDefinition", &options.task_definition),
        ("cluster", &options.cluster),
        ("count", &count),
        ("launchType", &options.launch_type),
        ("capacityProvider", &options.capacity_provider),
        ("group", &options.group),
    ];
    let several = [("constraint", &options.constraints), ("strategy", &options.strategies)];
    let single = single.iter().filter_map(|(name, value)| Some((*name, (*value).as_ref()?)));
    let several =
        several.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, value)));
    let query: Vec<String> =
        single.chain(several).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("{PATH}?{}", query.join("&"))
}

fn refused(error: CallError) -> anyhow::Error {
    match error {
        CallError::Refused { code, message, .. } if code == "InvalidParameterException" => {
            Usage::error(message)
        }
        error => Err::<(), _>(error).context("asking for an explanation failed").unwrap_err(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: ExplainOptions,
    }

    fn asked(arguments: &[&str]) -> Result<String, String> {
        let line = Line::try_parse_from([&["explain"], arguments].concat());
        line.map(|line| path(&line.options)).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_are_a_query() {
        let run =
            ["--task-definition", "web:3", "--count", "2", "--constraint", "attribute:a == b"];
        let more = ["--strategy", "spread:host", "--strategy", "random", "--cluster", "c"];
        assert_eq!(
            asked(&[&run[..], &more[..]].concat()).as_deref(),
            Ok("/_berth/ecs/explain?taskDefinition=web%3A3&cluster=c&count=2\
                &constraint=attribute%3Aa%20%3D%3D%20b&strategy=spread%3Ahost&strategy=random")
        );
    }

    #[test]
    fn one_thing_is_explained_at_a_time() {
        assert!(asked(&[]).is_err());
        assert!(asked(&["--task", "a", "--task-definition", "b"]).is_err());
        assert!(asked(&["--task", "a", "--count", "2"]).is_err());
        assert!(asked(&["--service", "a", "--group", "b"]).is_err());
        assert_eq!(asked(&["--service", "a"]).as_deref(), Ok("/_berth/ecs/explain?service=a"));
    }
}
