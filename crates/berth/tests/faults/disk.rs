//! No room on the disk of a server by itself.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use berth_test_engine::Network;
use berth_test_server::{Api, CallError, Home, json};

use crate::cell::{PROGRAM, persistently};

const DISK_MIB: u32 = 48;
/// Enough to need room, whatever there was left, and whatever the store's log has set aside.
const MOST: usize = 10_000;
const BALLAST: usize = 40;

/// A server that cannot store ends, having acknowledged nothing that it did not store; with room it comes back to all of it.
#[test]
fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let Some(network) = Network::for_test().expect("a network can be made") else { return };
    let machine = Arc::new(network.machine("alone", DISK_MIB).expect("a machine"));
    let home = Home::on_machine(PROGRAM, &network, &machine);
    let data = machine.disk().join("berth").display().to_string();
    let launch = || {
        // An audit that cannot be written lets calls wait: that is not what this is about.
        let server = home.serving("server").args(&["--rate-limits", "off", "--audit-mib", "0"]);
        server.env("BERTH_DATA_DIR", &data).start()
    };
    let key = machine.disk_from_outside().join("berth/credentials");
    symlink(key, home.path().join("credentials")).expect("the home is ours");

    let server = launch();
    let api = home.api();
    let mut acknowledged: Vec<String> = (0..20).map(|number| format!("before-{number}")).collect();
    for name in &acknowledged {
        api.call("CreateCluster", json!({ "clusterName": name }));
    }
    machine.fill_disk().expect("it can be filled");
    acknowledged.extend(write_until_refused(&api));
    assert!(!server.ended().success(), "it says that something is wrong");

    machine.free_disk().expect("it can be freed");
    let _server = launch();
    for name in &acknowledged {
        let seen = persistently(&api, "DescribeClusters", &json!({ "clusters": [name] }));
        assert_eq!(seen["clusters"][0]["status"], "ACTIVE", "{name}: {seen}");
    }
    api.call("CreateCluster", json!({ "clusterName": "after" }));
}

/// What was acknowledged until something was not.
fn write_until_refused(api: &Api) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0..MOST {
        let name = format!("full-{number}");
        let ballast =
            |number| json!({ "key": format!("ballast-{number}"), "value": "x".repeat(250) });
        let ballast: Vec<_> = (0..BALLAST).map(ballast).collect();
        match api.try_call("CreateCluster", &json!({ "clusterName": name, "tags": ballast })) {
            Ok(_) => acknowledged.push(name),
            Err(CallError::Refused(refusal)) => {
                assert!(refusal.status >= 500, "{refusal:?}");
                eprintln!("refused after {number}: {refusal:?}");
                return acknowledged;
            }
            Err(CallError::Unanswered(error)) => panic!("{name}: {error}"),
        }
    }
    panic!("a full disk takes everything");
}
