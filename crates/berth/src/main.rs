//! Berth's one binary: command line, configuration, wiring.
//!
//! Nothing is decided here that ECS would notice. A command reads its settings, builds the parts that
//! the other crates offer, connects them and waits for a signal. Start with `cli.rs` for what can be
//! asked, `settings.rs` for where answers come from, `commands/` for what is then done.

mod activation;
mod administrator;
mod backup_door;
mod buckets;
mod cli;
mod commands;
mod control_plane;
mod data_dir;
mod docker_host;
mod exit;
mod host_access;
mod host_agent;
mod host_proxy;
mod instance_role;
mod logging;
mod machine;
mod membership;
mod notify;
mod open_files;
mod pages;
mod ready;
mod remote;
mod settings;
mod shutdown;
mod store;
mod tls;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    exit::report(commands::run(cli::Arguments::parse()))
}
