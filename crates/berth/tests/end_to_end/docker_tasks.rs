//! What a task definition asks for is what its containers get, and what they do is told truly.

mod environment_files;
mod exits;
mod gpus;
mod inside;
mod launches;
mod limits;
mod log_router;
mod namespaces;
mod order;
mod parameters;
mod ports;
mod requests;
mod roles;
mod rotation;
mod volumes;

use berth_test_server::{Process, Value, json};

use crate::ecs::Ecs;
use crate::host::{Host, IMAGE};

/// A host that has joined. `None` where there can be no engine.
fn host_and_ecs() -> Option<(Host, Process, Ecs)> {
    let host = Host::for_test()?;
    let up = host.up();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    Some((host, up, ecs))
}

/// A container of the demo image.
fn container(name: &str, with: Value) -> Value {
    let mut container = json!({ "name": name, "image": IMAGE, "memory": 16 });
    crate::ecs::merge(&mut container, with);
    container
}

fn definition(family: &str, containers: Value) -> Value {
    json!({ "family": family, "networkMode": "bridge", "containerDefinitions": containers })
}

/// A container of a task by its name, as DescribeTasks shows it.
#[track_caller]
fn of_name<'a>(task: &'a Value, name: &str) -> &'a Value {
    let containers = task["containers"].as_array().expect("a task has containers");
    let found = containers.iter().find(|container| container["name"] == name);
    found.unwrap_or_else(|| panic!("no container {name}: {task}"))
}
