//! `berth demo`: a service whose containers serve a web page behind a load balancer, by way of the API and nothing else.
//!
//! Every step looks first and does only what is missing, so that running it again changes nothing.
//! The image is made here, of one static program: no registry is asked for anything.

mod front;
mod page;
mod patience;
mod service;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use berth_agent::HttpControlPlane;
use berth_aws_protocol::sigv4::Credentials;
use berth_runtime::{DockerOptions, DockerRuntime, image_archive};
use clap::Args;

use crate::data_dir::DataDir;
use crate::docker_host;
use crate::remote::Remote;
use front::Front;
use service::DemoService;

/// What all that the demo makes is called, its image included. Without a registry in its name, and loaded from here: an
/// agent that prefers what it has finds it.
const NAME: &str = "berth-demo";
const PROGRAM: &str = "demo-web";
const PORT: u16 = 8080;

#[derive(Debug, Args)]
pub struct DemoOptions {
    /// The static program that serves the page [default: demo-web beside this binary]
    #[arg(long, value_name = "FILE", conflicts_with = "stop")]
    pub program: Option<PathBuf>,

    /// Where the demo's load balancer listens
    #[arg(long, env = "BERTH_DEMO_PORT", value_name = "PORT", default_value_t = PORT,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,

    /// Where this host's load balancers listen, as `berth up` was told [default: 127.0.0.1]
    #[arg(long, env = "BERTH_LB_ADDRESS", value_name = "ADDR", value_delimiter = ',')]
    pub lb_address: Vec<IpAddr>,

    /// Take the demo away instead: its service, load balancer and target group
    #[arg(long)]
    pub stop: bool,
}

/// Uses the server that ran last in this data directory.
pub async fn run(data_dir: &Path, options: DemoOptions, out: &mut impl Write) -> Result<()> {
    let api = client(&DataDir::existing(data_dir)?)?;
    let (service, front) = (DemoService::new(&api), Front::new(&api));
    if options.stop {
        let stopped = service.remove().await?;
        front.remove().await?;
        return Ok(writeln!(out, "stopped {stopped} demo tasks, removed their load balancer")?);
    }
    let program = options.program.map_or_else(beside_us, Ok)?;
    load_image(&program).await?;
    service.ensure_cluster().await?;
    service.wait_for_a_host().await?;
    let group = front.ensure_target_group().await?;
    let balancer = front.ensure_balancer(&group, options.port).await?;
    let task_definition = service.ensure_task_definition().await?;
    service.ensure(&task_definition, &group).await?;
    service.wait_until_steady().await?;
    let url = format!("http://{}/", SocketAddr::new(address(&options.lb_address), options.port));
    front.wait_for_page(&balancer, &url).await?;
    let tasks = service::TASKS;
    writeln!(out, "service {NAME} runs {tasks} tasks behind load balancer {}", balancer.dns_name)?;
    Ok(writeln!(out, "serves {url}")?)
}

/// The server that ran last in this data directory, asked with the administrator's key.
fn client(dir: &DataDir) -> Result<HttpControlPlane> {
    let (key, config) = dir.client()?;
    let Remote { endpoint, region } = Remote::of_directory(&config, dir)?;
    HttpControlPlane::new(endpoint, region.as_str(), Credentials::from(key))
}

/// Where this host reaches its own balancers.
fn address(told: &[IpAddr]) -> IpAddr {
    let named = told.first().filter(|address| !address.is_unspecified());
    named.copied().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn beside_us() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    ensure!(program.is_file(), "there is no {}: give --program FILE", program.display());
    Ok(program)
}

/// The same program gives the same image, so loading it again changes nothing.
async fn load_image(program: &Path) -> Result<()> {
    let archive = image_archive(program, NAME);
    let archive =
        archive.with_context(|| format!("cannot make an image of {}", program.display()))?;
    let docker = DockerRuntime::new(DockerOptions::new(docker_host::socket()?, NAME));
    docker.load_image(archive).await.context("cannot load the demo's image into Docker")
}
