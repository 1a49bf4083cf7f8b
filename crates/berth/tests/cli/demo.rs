//! `berth demo` on a real Docker Engine, with Berth killed under it.

use std::process::Command;

use berth_test_engine::Engine;

use crate::{BERTH, home};

/// The host's port in what `berth demo` prints.
fn port(printed: &str) -> u16 {
    let url = printed.lines().find_map(|line| line.strip_prefix("serves http://127.0.0.1:"));
    let port = url.and_then(|rest| rest.trim_end_matches('/').parse().ok());
    port.unwrap_or_else(|| panic!("no address in {printed}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_by_a_container_that_outlives_berth() {
    let Some(engine) = Engine::for_test().expect("an engine starts") else {
        return;
    };
    let home = home();
    let program = berth_test_engine::demo_program().expect("the demo program builds");
    let program = program.to_str().expect("text");
    // In the engine's network, with its socket, on our data.
    let inside = || {
        let mut command: Command = engine.command(BERTH);
        command.env("DOCKER_HOST", format!("unix://{}", engine.socket().display()));
        command
    };
    let up = || home.serving("up").args(&["--log", "warn"]).through(inside()).start();
    let demo = |arguments: &[&str]| {
        let output = inside()
            .env("BERTH_DATA_DIR", home.path())
            .arg("demo")
            .args(arguments)
            .output()
            .expect("the binary runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };

    let first = up();
    let printed = demo(&["--program", program]);
    let page = || engine.http_get(port(&printed), "/").expect("a page");
    assert!(page().starts_with("HTTP/1.1 200 "), "{}", page());
    assert_eq!(demo(&["--program", program]), printed, "a second run changes nothing");

    first.kill();
    assert!(page().starts_with("HTTP/1.1 200 "), "{}", page());
    let _second = up();
    assert_eq!(demo(&["--program", program]), printed, "the same task runs after a restart");

    assert_eq!(demo(&["--stop"]), "stopped 1 demo tasks\n");
    assert!(engine.connect(port(&printed)).is_err(), "its container is gone");
}
