//! `berth demo` on a real Docker Engine, with Berth killed under it.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use berth_test_engine::Engine;
use berth_test_server::{Value, json, until};

use crate::{BERTH, home};

const PORT: u16 = 8080;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_behind_a_load_balancer_and_nothing_is_left_of_it() {
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
    let run = |arguments: &[&str]| -> Output {
        let mut demo = inside();
        demo.env("BERTH_DATA_DIR", home.path()).arg("demo").args(arguments);
        demo.output().expect("the binary runs")
    };
    let demo = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };

    let first = up();
    let printed = demo(&["--program", program]);
    assert!(printed.ends_with("\nserves http://127.0.0.1:8080/\n"), "{printed}");
    assert!(printed.starts_with("service berth-demo runs 2 tasks"), "{printed}");
    let page = || engine.http_get(PORT, "/").expect("a page");
    let tasks: BTreeSet<String> = (0..8).map(|_| task(&page())).collect();
    assert_eq!(tasks.len(), 2, "both tasks answer: {tasks:?}");
    assert_eq!(demo(&["--program", program]), printed, "a second run changes nothing");

    first.kill();
    let _second = up();
    assert_eq!(demo(&["--program", program]), printed, "nothing changes by a restart");
    let after: BTreeSet<String> = (0..8).map(|_| task(&page())).collect();
    assert_eq!(after, tasks, "the same tasks serve it");

    let taken = engine.listen().expect("something else listens");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let Output { status, stderr, .. } = run(&["--program", program, "--port", &port]);
    let told = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && told.contains(&format!("Listener on port {port}")), "{told}");
    drop(taken);
    assert_eq!(demo(&["--program", program]), printed, "it is back where it was");

    assert_eq!(demo(&["--stop"]), "stopped 2 demo tasks, removed their load balancer\n");
    until("nothing listens any more", || match engine.connect(PORT) {
        Ok(_) => Err("somebody does"),
        Err(_) => Ok(()),
    });
    let file = home.path().join("proxy/configuration.json");
    until("there are no balancers", || {
        let carried = std::fs::read(&file).expect("the proxy keeps what it carries");
        let carried: Value = serde_json::from_slice(&carried).expect("it is JSON");
        let is_nothing = carried["balancers"] == json!([]) && carried["targetGroups"] == json!([]);
        if is_nothing { Ok(()) } else { Err(carried) }
    });
    assert_eq!(demo(&["--stop"]), "stopped 0 demo tasks, removed their load balancer\n");
}

/// Which task served this page.
fn task(page: &str) -> String {
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    let found = page.split_once("<dt>Task</dt><dd>").and_then(|(_, rest)| rest.split_once("</dd>"));
    found.unwrap_or_else(|| panic!("no task in {page}")).0.to_owned()
}
