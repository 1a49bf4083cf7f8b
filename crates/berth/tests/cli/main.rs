//! The binary as its users meet it: flags, signals, files, exit codes, and the demo on a real engine.

mod audit;
mod balancer;
mod balancers;
mod demo;
mod events;
mod explain;
mod handover;
mod hosts_file;
mod server;
mod state;
mod up;
mod upgrade;
mod usage;

use berth_test_server::Home;

const BERTH: &str = env!("CARGO_BIN_EXE_berth");

fn home() -> Home {
    Home::new(BERTH)
}

/// What `berth env` exports under this name.
fn exported(home: &Home, name: &str) -> String {
    let output = home.command(&["env"]).output().expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let prefix = format!("export {name}=");
    let value = text.lines().find_map(|line| line.strip_prefix(&prefix));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}
