//! `berth demo` on a real Docker Engine, with the servers killed under it.

use berth_agent::ControlPlane;
use serde_json::json;

use crate::process::{Home, Serving, program};
use crate::up::until;

/// The host's port in what `berth demo` prints.
fn port(printed: &str) -> u16 {
    let url = printed.lines().find_map(|line| line.strip_prefix("serves http://127.0.0.1:"));
    let port = url.and_then(|rest| rest.trim_end_matches('/').parse().ok());
    port.unwrap_or_else(|| panic!("no address in {printed}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_by_a_container_that_outlives_berth() {
    let Some(engine) = berth_test_engine::Engine::for_test().expect("an engine starts") else {
        return;
    };
    let home = Home::new();
    let demo_program = berth_test_engine::demo_program().expect("the demo program builds");
    let demo_program = demo_program.to_str().expect("text").to_owned();
    let docker_host = format!("unix://{}", engine.socket().display());
    let command = |arguments: &[&str]| {
        let mut command = home.dress(engine.command(program().to_str().expect("text")), arguments);
        command.env("DOCKER_HOST", &docker_host);
        command
    };
    let demo = |arguments: &[&str]| {
        let output = command(&[&["demo"], arguments].concat()).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        String::from_utf8(output.stdout).expect("text")
    };
    let up = || Serving::start(command(&["up", "--listen", "127.0.0.1:4566", "--log", "warn"]));

    let first = up();
    let printed = demo(&["--program", &demo_program]);
    let page = || engine.http_get(port(&printed), "/").expect("a page");
    assert!(page().starts_with("HTTP/1.1 200 "), "{}", page());
    assert_eq!(demo(&["--program", &demo_program]), printed, "a second run changes nothing");

    first.kill();
    assert!(page().starts_with("HTTP/1.1 200 "), "{}", page());
    let second = up();
    assert_eq!(demo(&["--program", &demo_program]), printed, "the same task runs after a restart");

    assert_eq!(demo(&["--stop"]), "stopped 1 demo tasks\n");
    assert!(engine.connect(port(&printed)).is_err(), "its container is gone");
    drop(second);
}
