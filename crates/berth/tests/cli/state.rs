//! Where the state is kept: etcd, backups, moves from one to the other, and `berth doctor`.

use berth_test_server::{Home, json};

use crate::home;

/// What a command prints, if it succeeds; else what it says on standard error.
fn run(home: &Home, arguments: &[&str]) -> Result<String, String> {
    let output = home.command(arguments).output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stdout) + &text(&output.stderr)),
    }
}

fn clusters(home: &Home) -> serde_json::Value {
    home.api().call("ListClusters", json!({}))["clusterArns"].clone()
}

/// The root key has to go with the records.
fn bring_root_key(from: &Home, to: &Home) {
    let key = |home: &Home| home.path().join("root-key");
    let (from, to) = (key(from), key(to));
    std::fs::create_dir_all(to.parent().expect("a directory")).expect("makes it");
    std::fs::copy(from, to).expect("copies");
}

#[test]
fn a_backup_is_made_of_a_running_server_and_restored_elsewhere() {
    let home = home();
    let file = home.path().join("backup");
    let name = file.to_str().expect("text");
    let server = home.serving("server").start();
    home.api().call("CreateCluster", json!({ "clusterName": "kept" }));
    let said = run(&home, &["backup", name]).expect("it is made");
    assert!(said.contains("root key is not in it"), "{said}");
    let error = run(&home, &["backup", name]).expect_err("the file is there");
    assert!(error.contains("exists"), "{error}");
    home.api().call("CreateCluster", json!({ "clusterName": "later" }));
    server.kill();

    let other = crate::home();
    let damaged = other.path().join("damaged");
    let mut bytes = std::fs::read(&file).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&damaged, bytes).expect("writes");
    let error = run(&other, &["restore", damaged.to_str().expect("text")]).expect_err("refused");
    assert!(error.contains("damaged"), "{error}");
    run(&other, &["restore", name]).expect("is restored");
    let error = run(&other, &["restore", name]).expect_err("it is not empty any more");
    assert!(error.contains("not empty"), "{error}");
    bring_root_key(&home, &other);
    let _server = other.serving("server").start();
    let found = clusters(&other).to_string();
    assert!(found.contains("kept") && !found.contains("later"), "{found}");
}

#[test]
fn state_moves_to_etcd_and_doctor_looks_at_it() {
    let Some(cluster) = berth_test_etcd::Options::default().start() else { return };
    let etcd = format!("etcd://{}/cell", cluster.endpoints().join(","));
    let home = home();
    let server = home.serving("server").start();
    home.api().call("CreateCluster", json!({ "clusterName": "moved" }));
    let error = run(&home, &["store", "migrate", "embedded", &etcd]).expect_err("a server runs");
    assert!(error.contains("in use"), "{error}");
    server.terminate();
    let said = run(&home, &["store", "migrate", "embedded", &etcd]).expect("moves");
    assert!(said.contains("copied"), "{said}");
    let error = run(&home, &["store", "migrate", "embedded", &etcd]).expect_err("not empty");
    assert!(error.contains("not empty"), "{error}");

    let error = run(&home, &["doctor", "--store", &etcd]).expect_err("nobody leads");
    assert!(error.contains("no server leads"), "{error}");
    let url = format!("https://{}", home.address());
    let root_key = home.path().join("root-key").display().to_string();
    let server = home
        .serving("server")
        .args(&["--store", &etcd, "--lease", "20s"])
        .args(&["--advertise", &url, "--root-key-file", &root_key])
        .start();
    assert!(clusters(&home).to_string().contains("moved"));
    let said = run(&home, &["doctor", "--store", &etcd]).expect("all is well");
    assert!(said.contains("leads") && said.contains("survives no loss"), "{said}");
    let error = run(&home, &["store", "migrate", &etcd, "embedded"]).expect_err("a server leads");
    assert!(error.contains("stop all servers"), "{error}");
    let file = home.path().join("of-etcd");
    run(&home, &["backup", file.to_str().expect("text"), "--store", &etcd]).expect("is made");
    assert!(file.exists());
    server.terminate();
}

#[test]
fn doctor_knows_a_sound_store_from_none() {
    let home = home();
    let error = run(&home, &["doctor"]).expect_err("there is nothing");
    assert!(error.contains("WRONG"), "{error}");
    let server = home.serving("server").start();
    let said = run(&home, &["doctor"]).expect("it runs");
    assert!(said.contains("in use by a running server"), "{said}");
    server.terminate();
    let said = run(&home, &["doctor"]).expect("it ran");
    assert!(said.contains("each readable"), "{said}");
    let file = home.path().join("state.redb");
    let length = std::fs::metadata(&file).expect("is there").len();
    let opened = std::fs::OpenOptions::new().write(true).open(&file).expect("opens");
    opened.set_len(length / 2).expect("cuts");
    let error = run(&home, &["doctor"]).expect_err("half of it is gone");
    assert!(error.contains("damaged"), "{error}");
}
