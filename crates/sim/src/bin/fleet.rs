//! Puts the load of thousands of agents on a server: `fleet --endpoint http://127.0.0.1:4566 --agents 5000`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use berth_aws_protocol::sigv4::Credentials;
use berth_sim::fleet::{Options, run};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Simulate a fleet of light agents against a real server, and say what it costs.
///
/// The key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as `berth env` prints them.
#[derive(Parser)]
#[command(name = "fleet")]
struct Arguments {
    /// The server, such as http://127.0.0.1:4566.
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    endpoint: String,
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// The cluster to join; made if there is none of this name.
    #[arg(long, default_value = "fleet")]
    cluster: String,
    #[arg(long, default_value_t = 1_000)]
    agents: usize,
    /// How many agents begin to join in a second; by default all at once.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    joins_per_second: Option<u32>,
    /// How many tasks run on the fleet.
    #[arg(long, default_value_t = 0)]
    tasks: usize,
    /// How many calls are under way at once.
    #[arg(long, default_value_t = 128)]
    concurrency: usize,
    /// Seconds between two publications of an agent.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    publish_every: u64,
    /// Seconds until everybody must have joined.
    #[arg(long, default_value_t = 600)]
    patience: u64,
    /// Seconds between the last join and the measurement.
    #[arg(long, default_value_t = 30)]
    settle: u64,
    /// Seconds of steady state to measure.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    measure: u64,
    /// Where jitter comes from.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .init();
    let variable = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
    let credentials = Credentials {
        access_key_id: variable("AWS_ACCESS_KEY_ID")?,
        secret_access_key: variable("AWS_SECRET_ACCESS_KEY")?,
        session_token: std::env::var("AWS_SESSION_TOKEN").ok(),
    };
    let options = Options {
        cluster: arguments.cluster,
        agents: arguments.agents,
        joins_per_second: arguments.joins_per_second,
        tasks: arguments.tasks,
        concurrency: arguments.concurrency.max(1),
        publish_every: Duration::from_secs(arguments.publish_every),
        patience: Duration::from_secs(arguments.patience),
        settle: Duration::from_secs(arguments.settle),
        measure: Duration::from_secs(arguments.measure),
        seed: arguments.seed,
        ..Options::new(arguments.endpoint, arguments.region, credentials)
    };
    let report = run(options, |progress| eprintln!("{progress}")).await?;
    print!("{report}");
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
