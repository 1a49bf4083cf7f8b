//! What can be asked of the binary.
//!
//! Every option may also come from the environment (`BERTH_…`) or from a TOML file; the options
//! themselves are therefore in `settings/`, where the three are put together.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::audit::AuditOptions;
use crate::commands::backup::StoreAction;
use crate::commands::data_key::DataKeyAction;
use crate::commands::demo::DemoOptions;
use crate::commands::events::EventsOptions;
use crate::commands::explain::ExplainOptions;
use crate::commands::hosts_file::HostsFileOptions;
use crate::commands::root_key::RootKeyAction;
use crate::commands::token::TokenAction;
use crate::settings::{
    EndpointOptions, EtcdFlags, GlobalOptions, HandoverOptions, HostOptions, JoinOptions,
    ProxyOptions, ServerOptions, StoreChoice, ZoneOptions,
};

/// Amazon ECS for machines you own.
#[derive(Debug, Parser)]
#[command(name = "berth", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,

    /// A TOML file with options; flags and the environment win over it
    #[arg(long, global = true, env = "BERTH_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    pub global: GlobalOptions,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a process has one of it")]
pub enum Command {
    /// Run everything on this host: the control plane, load balancers, and an agent in cluster `default`
    Up {
        #[command(flatten)]
        server: ServerOptions,
        #[command(flatten)]
        host: HostOptions,
        #[command(flatten)]
        proxy: ProxyOptions,
        #[command(flatten)]
        handover: HandoverOptions,
    },
    /// Run the control plane
    Server {
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Run one host's agent
    Agent {
        #[command(flatten)]
        endpoint: EndpointOptions,
        #[command(flatten)]
        host: HostOptions,
        #[command(flatten)]
        join: JoinOptions,
    },
    /// Run one host's load balancers
    Proxy {
        #[command(flatten)]
        endpoint: EndpointOptions,
        #[command(flatten)]
        proxy: ProxyOptions,
        #[command(flatten)]
        zone: ZoneOptions,
        #[command(flatten)]
        handover: HandoverOptions,
        #[command(flatten)]
        join: JoinOptions,
    },
    /// Let hosts join: make, list and delete tokens for `berth agent --token`
    Token {
        #[command(subcommand)]
        action: TokenAction,
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
    /// Change the key that secrets in the store are sealed under
    RootKey {
        #[command(subcommand)]
        action: RootKeyAction,
        /// Where it is [default: root-key in the data directory]
        #[arg(long, env = "BERTH_ROOT_KEY_FILE", value_name = "FILE")]
        root_key_file: Option<PathBuf>,
    },
    /// Replace the data key, which seals under the root key, before its time
    DataKey {
        #[command(subcommand)]
        action: DataKeyAction,
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
    /// Print who asked for what, and what became of it
    Audit {
        #[command(flatten)]
        audit: AuditOptions,
    },
    /// Print what happened to tasks, container instances and services, as events of EventBridge
    Events {
        #[command(flatten)]
        events: EventsOptions,
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
    /// Say why a task runs where it does, or where tasks would run and what rules the other hosts out
    Explain {
        #[command(flatten)]
        explain: ExplainOptions,
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
    /// Print lines for /etc/hosts, by which the DNS names of load balancers lead to them
    HostsFile {
        #[command(flatten)]
        hosts: HostsFileOptions,
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
    /// Write all that the store has, as it is at one moment, to a new file; servers may run meanwhile
    Backup {
        file: PathBuf,
        /// Of which store: `embedded` or `etcd://HOST:PORT,…/PREFIX` [default: embedded]
        #[arg(long, env = "BERTH_STORE", value_name = "STORE")]
        store: Option<StoreChoice>,
        #[command(flatten)]
        etcd: EtcdFlags,
    },
    /// Fill an empty store from a backup; the root key has to be put back beside it
    Restore {
        file: PathBuf,
        /// Which store: `embedded` or `etcd://HOST:PORT,…/PREFIX` [default: embedded]
        #[arg(long, env = "BERTH_STORE", value_name = "STORE")]
        store: Option<StoreChoice>,
        #[command(flatten)]
        etcd: EtcdFlags,
    },
    /// Move the state to another store
    Store {
        #[command(subcommand)]
        action: StoreAction,
        #[command(flatten)]
        etcd: EtcdFlags,
    },
    /// Look at what keeps the state, and say what is wrong with it and what to do
    Doctor {
        /// What to look at: `embedded` or `etcd://HOST:PORT,…/PREFIX` [default: embedded]
        #[arg(long, env = "BERTH_STORE", value_name = "STORE")]
        store: Option<StoreChoice>,
        #[command(flatten)]
        etcd: EtcdFlags,
    },
    /// Print `export` lines that point AWS clients at the server of this data directory
    Env,
    /// Run a service that serves a web page behind a load balancer, by way of the API, and print its address
    Demo {
        #[command(flatten)]
        demo: DemoOptions,
    },
    /// Print the version
    Version,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
