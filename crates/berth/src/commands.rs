//! One file per command, and which of them answers what was asked.

mod agent;
pub mod audit;
pub mod backup;
pub mod data_key;
pub mod demo;
pub mod doctor;
mod env;
pub mod events;
pub mod explain;
pub mod hosts_file;
mod proxy;
mod query;
pub mod root_key;
mod server;
pub mod token;
mod up;
mod version;

use std::io::{self, IsTerminal};

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use self::backup::StoreAction;
use crate::cli::{Arguments, Command};
use crate::settings::{ConfigFile, GlobalSettings};
use crate::{logging, pages};

/// Runs the command to its end.
pub fn run(arguments: Arguments) -> Result<()> {
    let file = ConfigFile::load(arguments.config.as_deref())?;
    let options = arguments.global.or(file.global());
    let global = || options.settle(std::env::home_dir());
    match arguments.command {
        Command::Up { server, host, proxy, handover } => {
            pages::allow_huge(true);
            let (server, host) = (server.or(file.server).settle(), host.or(file.host).settle());
            let proxy = proxy.or(file.proxy);
            serve(global()?, runtime()?, async |global| {
                up::run(global, server, host, proxy, handover).await
            })
        }
        Command::Server { server } => {
            pages::allow_huge(true);
            let server = server.or(file.server).settle();
            serve(global()?, runtime()?, async |global| server::run(global, server).await)
        }
        Command::Agent { endpoint, host, join } => {
            let endpoint = endpoint.or(file.control_plane).settle()?;
            let (host, join) = (host.or(file.host).settle(), join.or(file.join));
            serve(global()?, small_runtime()?, async |global| {
                agent::run(global, endpoint, host, join).await
            })
        }
        Command::Proxy { endpoint, proxy, zone, handover, join } => {
            let endpoint = endpoint.or(file.control_plane).settle()?;
            let (proxy, join) = (proxy.or(file.proxy), join.or(file.join));
            // A file for a host tells of its proxy, too.
            let zone = zone.availability_zone.or(file.host.availability_zone);
            serve(global()?, runtime()?, async |global| {
                proxy::run(global, endpoint, proxy, zone, handover, join).await
            })
        }
        Command::Token { action, endpoint } => {
            let (data_dir, endpoint) = (global()?.data_dir, endpoint.or(file.control_plane));
            runtime()?.block_on(token::run(&data_dir, endpoint, action, &mut io::stdout()))
        }
        Command::RootKey { action, root_key_file } => {
            let file = root_key_file.or(file.server.root_key_file);
            root_key::run(&global()?.data_dir, file, action, &mut io::stdout())
        }
        Command::DataKey { action, endpoint } => {
            let (data_dir, endpoint) = (global()?.data_dir, endpoint.or(file.control_plane));
            runtime()?.block_on(data_key::run(&data_dir, endpoint, action, &mut io::stdout()))
        }
        Command::Audit { audit } => {
            let out = &mut io::stdout();
            let is_terminal = out.is_terminal();
            audit::run(&global()?.data_dir, &audit, is_terminal, out)
        }
        Command::Events { events, endpoint } => {
            let (data_dir, endpoint) = (global()?.data_dir, endpoint.or(file.control_plane));
            let out = &mut io::stdout();
            let is_terminal = out.is_terminal();
            runtime()?.block_on(events::run(&data_dir, endpoint, events, is_terminal, out))
        }
        Command::Explain { explain, endpoint } => {
            let (data_dir, endpoint) = (global()?.data_dir, endpoint.or(file.control_plane));
            let out = &mut io::stdout();
            runtime()?.block_on(explain::run(&data_dir, endpoint, explain, out))
        }
        Command::HostsFile { hosts, endpoint } => {
            let (data_dir, endpoint) = (global()?.data_dir, endpoint.or(file.control_plane));
            let out = &mut io::stdout();
            runtime()?.block_on(hosts_file::run(&data_dir, endpoint, hosts, out))
        }
        Command::Demo { demo } => {
            let data_dir = global()?.data_dir;
            runtime()?.block_on(demo::run(&data_dir, demo, &mut io::stdout()))
        }
        Command::Doctor { store, etcd } => {
            let (store, etcd) = (store.or(file.server.store), etcd.or(file.server.etcd));
            let data_dir = global()?.data_dir;
            runtime()?.block_on(doctor::run(&data_dir, store, &etcd, &mut io::stdout()))
        }
        Command::Backup { file: to, store, etcd } => {
            let (store, etcd) = (store.or(file.server.store), etcd.or(file.server.etcd));
            let stores = backup::Stores { data_dir: &global()?.data_dir, etcd: &etcd };
            runtime()?.block_on(backup::save(stores, store, &to, &mut io::stdout()))
        }
        Command::Restore { file: from, store, etcd } => {
            let (store, etcd) = (store.or(file.server.store), etcd.or(file.server.etcd));
            let stores = backup::Stores { data_dir: &global()?.data_dir, etcd: &etcd };
            runtime()?.block_on(backup::restore(stores, store, &from, &mut io::stdout()))
        }
        Command::Store { action: StoreAction::Migrate { from, to }, etcd } => {
            let etcd = etcd.or(file.server.etcd);
            let stores = backup::Stores { data_dir: &global()?.data_dir, etcd: &etcd };
            runtime()?.block_on(backup::migrate(stores, &from, &to, &mut io::stdout()))
        }
        Command::Env => env::run(&global()?.data_dir, &mut io::stdout()),
        Command::Version => version::run(&mut io::stdout()),
    }
}

/// For commands that run on: logs, a runtime, and the file and environment already settled.
fn serve(
    global: GlobalSettings,
    runtime: Runtime,
    command: impl AsyncFnOnce(GlobalSettings) -> Result<()>,
) -> Result<()> {
    logging::start(&global)?;
    runtime.block_on(command(global))
}

/// A thread for each processor.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// For an agent, which waits nearly always, on machines whose processors belong to tasks: threads cost memory, each
/// with a heap of its own.
fn small_runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
