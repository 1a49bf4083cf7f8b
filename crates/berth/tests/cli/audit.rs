//! `berth audit`, of a server that is signalled, and `berth root-key` between two of its lives.

use berth_test_server::{Home, Value, json, until};
use rustix::process::Signal;

use crate::home;

fn audit(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.command(&[&["audit"], arguments].concat()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a call a line")).collect()
}

#[test]
fn every_call_is_told_also_after_the_server_has_ended() {
    let home = home();
    let server = home.serving("server").start();
    let api = home.api();
    api.call("CreateCluster", json!({ "clusterName": "a" }));
    api.refused("DescribeTasks", json!({ "cluster": "b", "tasks": ["t"] }));
    let told = until("the calls are written", || match audit(&home, &[]) {
        calls if calls.len() == 2 => Ok(calls),
        calls => Err(format!("{} calls", calls.len())),
    });
    assert_eq!(told[0]["eventName"], "CreateCluster");
    assert_eq!(told[0]["requestParameters"], json!({ "clusterName": "a" }));
    assert_eq!(told[0]["userIdentity"]["arn"], "arn:aws:iam::000000000000:root");
    assert_eq!(told[1]["errorCode"], "ClusterNotFoundException");
    api.call("ListClusters", json!({}));
    assert_eq!(server.end_by(Signal::TERM).code(), Some(0));
    let names = |calls: Vec<Value>| -> Vec<Value> {
        calls.into_iter().map(|mut call| call["eventName"].take()).collect()
    };
    assert_eq!(names(audit(&home, &[])), ["CreateCluster", "DescribeTasks", "ListClusters"]);
    assert_eq!(names(audit(&home, &["--failed"])), ["DescribeTasks"]);
    assert_eq!(names(audit(&home, &["--event", "ListClusters"])), ["ListClusters"]);
}

#[test]
fn a_server_without_an_audit_writes_none() {
    let home = home();
    let server = home.serving("server").args(&["--audit-mib", "0"]).start();
    home.api().call("ListClusters", json!({}));
    server.end_by(Signal::TERM);
    let output = home.command(&["audit"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("no server has written an audit"), "{error}");
}

#[test]
fn a_root_key_is_made_once_replaced_on_demand_and_missed_when_gone() {
    let home = home();
    home.serving("server").start().end_by(Signal::TERM);
    let file = home.path().join("root-key");
    let first = std::fs::read_to_string(&file).expect("the first start makes it");
    let added = home.command(&["root-key", "add"]).output().expect("it runs");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    home.serving("server").start().end_by(Signal::TERM);
    let both = std::fs::read_to_string(&file).expect("still there");
    let second = both.strip_prefix(&first).expect("the old key stays first");
    // The start has wrapped everything by the newest, which is enough from now on.
    std::fs::write(&file, second).expect("written");
    home.serving("server").start().end_by(Signal::TERM);
    std::fs::write(&file, &first).expect("written");
    let refused = home.command(&["server"]).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("which is not among those given"), "{error}");
    std::fs::remove_file(&file).expect("removed");
    let refused = home.command(&["server"]).output().expect("it runs");
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("put it back") && !file.exists(), "{error}");
}
