//! What outlives a process: the data directory of a test, and the address that its servers listen at.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use berth_aws_protocol::sigv4::Credentials;
use berth_test_engine::{Machine, Network};
use tempfile::TempDir;

use crate::api::Api;
use crate::process::{Launch, Process, through};
use crate::wire::PATIENCE;

pub const REGION: &str = "us-east-1";

/// In a network of a test's own, or at a loopback address that no other test has, nobody else has it, and no outgoing
/// connection takes it.
const PORT: u16 = 4566;

/// Dropped, it takes its files with it.
pub struct Home {
    program: PathBuf,
    directory: TempDir,
    /// A loopback address that no other test has. No outgoing connection ever takes a port of it, as one of 127.0.0.1
    /// might between two servers of this home.
    address: Ipv4Addr,
    /// Where servers run, if not in this machine's network.
    network: Option<Network>,
    /// Where in the network, if it has a machine for them.
    machine: Option<Arc<Machine>>,
    /// The kernel chose it for the first server. Those after it come back to it.
    port: OnceLock<u16>,
}

/// The administrator's access key.
pub struct Key {
    pub id: String,
    pub secret: String,
}

impl Home {
    /// `program` is the binary: `env!("CARGO_BIN_EXE_berth")` in its own tests.
    pub fn new(program: impl Into<PathBuf>) -> Home {
        let directory = tempfile::Builder::new().prefix("berth-test-").tempdir();
        Home {
            program: program.into(),
            directory: directory.expect("a temporary directory can be made"),
            address: fresh_address(),
            network: None,
            machine: None,
            port: OnceLock::new(),
        }
    }

    /// A home whose address is known before there is a server: for those that tell others where they are.
    pub fn at_known_address(program: impl Into<PathBuf>) -> Home {
        Home { port: OnceLock::from(PORT), ..Home::new(program) }
    }

    /// A home whose servers run in this network, on no host, and whose clients reach into it.
    pub fn in_network(program: impl Into<PathBuf>, network: &Network) -> Home {
        Home {
            address: network.address(),
            network: Some(network.clone()),
            port: OnceLock::from(PORT),
            ..Home::new(program)
        }
    }

    /// A home whose servers run on a machine of this network.
    pub fn on_machine(
        program: impl Into<PathBuf>,
        network: &Network,
        machine: &Arc<Machine>,
    ) -> Home {
        Home {
            address: machine.address(),
            machine: Some(machine.clone()),
            ..Home::in_network(program, network)
        }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The binary on this home's data, with nothing of our environment that could steer it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("BERTH_") || text.starts_with("AWS_") || text == "DOCKER_HOST" {
                command.env_remove(&name);
            }
        }
        command.env("BERTH_DATA_DIR", self.path()).args(arguments);
        command
    }

    pub(crate) fn program_name(&self) -> &str {
        self.program.to_str().expect("the binary's path is UTF-8")
    }

    /// A command that serves at this home's address, to be completed and started.
    pub fn serving(&self, command: &str) -> Launch<'_> {
        let port = self.port.get().copied().unwrap_or(0);
        let listen = SocketAddr::from((self.address, port)).to_string();
        let launch = Launch::new(self, self.command(&[command, "--listen", &listen]));
        match self.entrance() {
            None => launch,
            // Its clients are other hosts.
            Some(entrance) => launch.args(&["--plain-http", "always"]).through(entrance),
        }
    }

    /// The binary where servers run, if that is not here.
    fn entrance(&self) -> Option<Command> {
        let program = self.program_name();
        match (&self.machine, &self.network) {
            (Some(machine), _) => Some(machine.command(program)),
            (None, Some(network)) => Some(network.command(program)),
            (None, None) => None,
        }
    }

    /// `berth server`.
    pub fn server(&self) -> Process {
        self.serving("server").start()
    }

    /// `berth up` with this runtime.
    pub fn up(&self, runtime: &str) -> Process {
        self.serving("up").args(&["--runtime", runtime]).start()
    }

    /// `berth agent`, to be completed and started: of a control plane at another home.
    pub fn agent_of(&self, control_plane: &Home) -> Launch<'_> {
        let endpoint = control_plane.endpoint();
        let key = control_plane.key();
        let mut command = self.command(&["agent", "--endpoint", &endpoint]);
        command.env("AWS_ACCESS_KEY_ID", key.id).env("AWS_SECRET_ACCESS_KEY", key.secret);
        Launch::new(self, command)
    }

    /// `berth agent` without anybody's key, to be told how it may join and started.
    pub fn joining(&self, control_plane: &Home) -> Launch<'_> {
        self.joining_at(&control_plane.endpoint())
    }

    /// The same, at an address that need not be the one that the home knows itself by.
    pub fn joining_at(&self, endpoint: &str) -> Launch<'_> {
        Launch::new(self, self.command(&["agent", "--endpoint", endpoint]))
    }

    /// `berth proxy` where servers of this home run, to be told how it may join and started.
    pub fn balancing_at(&self, endpoint: &str) -> Launch<'_> {
        let launch = Launch::new(self, self.command(&["proxy", "--endpoint", endpoint]));
        match self.entrance() {
            None => launch,
            Some(entrance) => launch.through(entrance),
        }
    }

    /// A token from `berth token create`.
    #[track_caller]
    pub fn token(&self, arguments: &[&str]) -> String {
        let create = [&["token", "create"], arguments].concat();
        let command = self.command(&create);
        let mut command = match self.entrance() {
            None => command,
            Some(entrance) => through(entrance, &command),
        };
        let output = command.output().expect("the binary runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a token is text").trim_end().to_owned()
    }

    /// Where servers listen. There must have been one.
    pub fn address(&self) -> SocketAddr {
        let port = self.port.get().expect("no server has been started at this home yet");
        SocketAddr::from((self.address, *port))
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The key that the first server made.
    pub fn key(&self) -> Key {
        let file = self.path().join("credentials");
        let text = std::fs::read_to_string(&file).expect("a server has written its credentials");
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            line.unwrap_or_else(|| panic!("no {name} in {}", file.display())).to_owned()
        };
        Key { id: value("aws_access_key_id"), secret: value("aws_secret_access_key") }
    }

    /// A client with the administrator's key.
    pub fn api(&self) -> Api {
        let Key { id, secret } = self.key();
        let credentials = Credentials::new(id, secret);
        let network = self.network.clone();
        Api {
            server: self.address(),
            region: REGION.to_owned(),
            credentials,
            network,
            patience: PATIENCE,
        }
    }

    /// A server that was told to listen here does.
    pub(crate) fn listens(&self, address: SocketAddr) {
        let port = *self.port.get_or_init(|| address.port());
        assert_eq!(address, SocketAddr::from((self.address, port)), "the server listens elsewhere");
    }
}

/// An address of the loopback network: from our process id and a count, both shorter together than the network is wide.
fn fresh_address() -> Ipv4Addr {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let low = (std::process::id() << 8 | count & 0xff) & 0x00ff_ffff;
    Ipv4Addr::from(127 << 24 | low)
}
