//! One file per command, and which of them answers what was asked.

mod agent;
pub mod demo;
mod env;
mod server;
mod up;
mod version;

use std::io;

use anyhow::Result;

use crate::cli::{Arguments, Command};
use crate::settings::{ConfigFile, GlobalSettings};
use crate::{logging, pages};

/// Runs the command to its end.
pub fn run(arguments: Arguments) -> Result<()> {
    let file = ConfigFile::load(arguments.config.as_deref())?;
    let options = arguments.global.or(file.global());
    let global = || options.settle(std::env::home_dir());
    match arguments.command {
        Command::Up { server, host } => {
            pages::allow_huge(true);
            let (server, host) = (server.or(file.server).settle(), host.or(file.host).settle());
            serve(global()?, async |global| up::run(global, server, host).await)
        }
        Command::Server { server } => {
            pages::allow_huge(true);
            let server = server.or(file.server).settle();
            serve(global()?, async |global| server::run(global, server).await)
        }
        Command::Agent { endpoint, host } => {
            let endpoint = endpoint.or(file.control_plane).settle()?;
            let host = host.or(file.host).settle();
            serve(global()?, async |global| agent::run(global, endpoint, host).await)
        }
        Command::Demo { demo } => {
            let data_dir = global()?.data_dir;
            runtime()?.block_on(demo::run(&data_dir, demo, &mut io::stdout()))
        }
        Command::Env => env::run(&global()?.data_dir, &mut io::stdout()),
        Command::Version => version::run(&mut io::stdout()),
    }
}

/// For commands that run on: logs, a runtime, and the file and environment already settled.
fn serve(
    global: GlobalSettings,
    command: impl AsyncFnOnce(GlobalSettings) -> Result<()>,
) -> Result<()> {
    logging::start(&global)?;
    runtime()?.block_on(command(global))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
