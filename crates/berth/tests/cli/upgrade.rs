//! Data of older versions: whoever puts a newer program in the older one's place finds everything.
//!
//! `older/` has data directories as those versions left them, with the root key that their secrets are under.

use std::process::Command;

use berth_test_server::{Home, json};

use crate::home;

fn left_by(version: &str) -> Home {
    let home = home();
    std::fs::create_dir_all(home.path()).expect("makes it");
    let archive = format!("{}/tests/cli/older/{version}.tar.gz", env!("CARGO_MANIFEST_DIR"));
    let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(home.path()).status();
    assert!(unpacked.expect("there is a tar").success());
    home
}

/// All that the older server was asked to keep.
fn find_everything(home: &Home) {
    let api = home.api();
    let input = json!({ "clusters": ["kept"], "include": ["TAGS"] });
    let cluster = &api.call("DescribeClusters", input)["clusters"][0];
    assert_eq!(
        (&cluster["status"], &cluster["tags"][0]["value"]),
        (&json!("ACTIVE"), &json!("one"))
    );
    let input = json!({ "cluster": "kept", "services": ["front"] });
    let service = &api.call("DescribeServices", input)["services"][0];
    assert_eq!(service["desiredCount"], 2, "{service}");
    let breaker = &service["deploymentConfiguration"]["deploymentCircuitBreaker"];
    assert_eq!(breaker, &json!({ "enable": true, "rollback": true }));
    assert!(
        service["events"][0]["message"].to_string().contains("unable to place a task"),
        "{service}"
    );
    let definition =
        &api.call("DescribeTaskDefinition", json!({ "taskDefinition": "web" }))["taskDefinition"];
    assert_eq!(definition["containerDefinitions"][0]["portMappings"][0]["containerPort"], 80);
    assert!(definition["taskRoleArn"].to_string().contains(":role/tasks"), "{definition}");
    let secret = api.json(
        "secretsmanager",
        "secretsmanager.GetSecretValue",
        &json!({ "SecretId": "password" }),
    );
    assert_eq!(secret["SecretString"], "correct horse");
    let parameter = json!({ "Name": "/app/level", "WithDecryption": true });
    let parameter = api.json("ssm", "AmazonSSM.GetParameter", &parameter);
    assert_eq!(parameter["Parameter"]["Value"], "high");
    let key = api.json("kms", "TrentService.DescribeKey", &json!({ "KeyId": "alias/old" }));
    assert_eq!(key["KeyMetadata"]["Description"], "of old");
    // A role that tasks have is still one that they may have.
    let run = api.refused("RunTask", json!({ "cluster": "kept", "taskDefinition": "web" }));
    assert!(run.message.contains("No Container Instances were found"), "{run:?}");
}

/// One file of records in one table, no log, and no other server: from before etcd.
#[test]
fn a_server_takes_over_what_one_before_the_log_left() {
    let home = left_by("before-the-log");
    let server = home.serving("server").start();
    find_everything(&home);
    home.api().call("CreateCluster", json!({ "clusterName": "new" }));
    server.kill();
    let _server = home.serving("server").start();
    find_everything(&home);
    let clusters = home.api().call("ListClusters", json!({}))["clusterArns"].to_string();
    assert!(clusters.contains("/new"), "{clusters}");
}
