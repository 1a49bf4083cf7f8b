//! Light agents on a real server: what makes load must be a fleet like any other.

use std::time::Duration;

use berth_sim::fleet::{Options, run};
use berth_test_server::{Home, json};

#[test]
fn a_fleet_joins_works_and_is_measured() {
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _server = home.server();
    let api = home.api();
    let options = Options {
        agents: 12,
        tasks: 30,
        publish_every: Duration::from_millis(100),
        patience: Duration::from_secs(60),
        settle: Duration::ZERO,
        measure: Duration::from_secs(1),
        ..Options::new(home.endpoint(), api.region.clone(), api.credentials.clone())
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let report = runtime.block_on(run(options, |_| {})).expect("the fleet runs");
    assert!(report.is_whole(), "{report}");
    assert_eq!((report.connected, report.publishing, report.tasks), (12, 12, 30), "{report}");
    assert!(report.metrics > 0.0 && report.health > 0.0, "{report}");
    let server = report.server.expect("it says what it uses");
    assert!(server.before > 0.0 && server.cpu > 0.0, "{report}");

    // What the server knows of it: every task runs, and its containers are as well as was said.
    let tasks = api.call("ListTasks", json!({ "cluster": "fleet" }));
    let described =
        api.call("DescribeTasks", json!({ "cluster": "fleet", "tasks": tasks["taskArns"] }));
    let tasks = described["tasks"].as_array().expect("a list");
    assert_eq!(tasks.len(), 30);
    for task in tasks {
        assert_eq!(
            (&task["lastStatus"], &task["healthStatus"]),
            (&json!("RUNNING"), &json!("HEALTHY"))
        );
    }
}
