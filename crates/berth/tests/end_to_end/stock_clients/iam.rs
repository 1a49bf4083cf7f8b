//! IAM by AWS's own clients: the command line, the SDK for Python, Terraform.

use std::process::Output;

use berth_test_server::{Home, Value};

use super::terraform::Terraform;
use super::{exported_to, has_cli, has_sdk, is_installed};
use crate::ecs::text;
use crate::host::home;

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/iam.py");

const CONFIGURATION: &str = include_str!("terraform/iam.tf");

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn aws(home: &Home, arguments: &[&str]) -> Output {
    exported_to(home, "aws").arg("iam").args(arguments).output().expect("it is installed")
}

#[track_caller]
fn answers(home: &Home, arguments: &[&str]) -> Value {
    let Output { status, stdout, stderr } = aws(home, arguments);
    let told = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "aws iam {}: {told}", arguments.join(" "));
    if stdout.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&stdout).expect("it prints JSON")
}

#[test]
fn the_command_line_makes_an_execution_role() {
    if !has_cli() {
        return;
    }
    let home = home();
    let server = home.server();
    let role = answers(
        &home,
        &["create-role", "--role-name", "execution", "--assume-role-policy-document", TRUST],
    );
    // The CLI decodes what IAM encodes.
    assert_eq!(role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Effect"], "Allow");
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    let attach = ["attach-role-policy", "--role-name", "execution", "--policy-arn", arn];
    answers(&home, &attach);
    answers(&home, &["create-user", "--user-name", "alice", "--tags", "Key=team,Value=web"]);
    let key = answers(&home, &["create-access-key", "--user-name", "alice"]);
    let (id, secret) =
        (text(&key["AccessKey"]["AccessKeyId"]), text(&key["AccessKey"]["SecretAccessKey"]));

    server.kill();
    let _server = home.server();
    let attached = answers(&home, &["list-attached-role-policies", "--role-name", "execution"]);
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], arn);
    let keys = answers(&home, &["list-access-keys", "--user-name", "alice"]);
    assert_eq!(keys["AccessKeyMetadata"][0]["AccessKeyId"], id.as_str());
    assert!(!keys.to_string().contains(&secret), "a secret is told once");
    let Output { status, stderr, .. } = aws(&home, &["delete-role", "--role-name", "execution"]);
    let told = String::from_utf8_lossy(&stderr).trim().to_owned();
    assert!(!status.success());
    assert_eq!(
        told,
        "An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must detach all policies first."
    );
}

#[test]
fn programs_manage_who_there_is() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let _server = home.server();
    let output = exported_to(&home, "python3").arg(SDK_SCRIPT).output().expect("it is installed");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all is well\n", "{told}");
}

#[test]
fn what_terraform_wrote_it_reads_again() {
    if !is_installed("terraform", &["version"]) {
        return;
    }
    let home = home();
    let _server = home.server();
    let terraform = Terraform::new(&home, CONFIGURATION);
    if !terraform.has_provider() {
        return;
    }
    let first = ["-var=action=ecs:RunTask", "-var=audience=sts.amazonaws.com"];
    let second = ["-var=action=ecs:StopTask", "-var=audience=another"];
    for [action, audience] in [first, second] {
        terraform.does(&["apply", "-auto-approve", action, audience]);
        // Exit code 0: nothing is left to change. A difference would be 2.
        terraform.does(&["plan", "-detailed-exitcode", action, audience]);
    }
    if has_cli() {
        let groups = answers(&home, &["list-groups-for-user", "--user-name", "deployer"]);
        assert_eq!(groups["Groups"][0]["GroupName"], "deployers");
    }
    let [action, audience] = second;
    terraform.does(&["destroy", "-auto-approve", action, audience]);
    if has_cli() {
        assert_eq!(answers(&home, &["list-roles"])["Roles"], berth_test_server::json!([]));
    }
}
