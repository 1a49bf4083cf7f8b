//! `berth demo`: a task whose container serves a web page, by way of the API and nothing else.
//!
//! Every step looks first and does only what is missing, so that running it again changes nothing.
//! The image is made here, of one static program: no registry is asked for anything.

mod api;
mod page;
mod patience;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use berth_runtime::{DockerOptions, DockerRuntime, image_archive};
use clap::Args;

use crate::data_dir::DataDir;
use crate::docker_host;
use api::DemoApi;

/// Without a registry in its name, and loaded from here: an agent that prefers what it has finds it.
const IMAGE: &str = "berth-demo";
const PROGRAM: &str = "demo-web";

#[derive(Debug, Args)]
pub struct DemoOptions {
    /// The static program that serves the page [default: demo-web beside this binary]
    #[arg(long, value_name = "FILE", conflicts_with = "stop")]
    pub program: Option<PathBuf>,

    /// Stop the demo's tasks instead
    #[arg(long)]
    pub stop: bool,
}

/// Uses the server that ran last in this data directory.
pub async fn run(data_dir: &Path, options: DemoOptions, out: &mut impl Write) -> Result<()> {
    let api = DemoApi::of(&DataDir::existing(data_dir)?)?;
    if options.stop {
        let stopped = api.stop_tasks().await?;
        return Ok(writeln!(out, "stopped {stopped} demo tasks")?);
    }
    let program = options.program.map_or_else(beside_us, Ok)?;
    load_image(&program).await?;
    api.ensure_cluster().await?;
    api.wait_for_a_host().await?;
    let task_definition = api.ensure_task_definition(IMAGE, page::CONTAINER_PORT).await?;
    let task = api.ensure_task(&task_definition).await?;
    let port = api.wait_for_port(&task).await?;
    let url = format!("http://127.0.0.1:{port}/");
    page::wait_for(&url).await?;
    Ok(writeln!(out, "task {task}\nserves {url}")?)
}

fn beside_us() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    ensure!(program.is_file(), "there is no {}: give --program FILE", program.display());
    Ok(program)
}

/// The same program gives the same image, so loading it again changes nothing.
async fn load_image(program: &Path) -> Result<()> {
    let archive = image_archive(program, IMAGE);
    let archive =
        archive.with_context(|| format!("cannot make an image of {}", program.display()))?;
    let docker = DockerRuntime::new(DockerOptions::new(docker_host::socket()?, "berth-demo"));
    docker.load_image(archive).await.context("cannot load the demo's image into Docker")
}
