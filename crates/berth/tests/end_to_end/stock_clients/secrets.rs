//! Secrets Manager by AWS's own clients: the command line, the SDK for Python, Terraform. Afterwards no file of the server
//! says what was secret.

use std::path::Path;
use std::process::Output;

use berth_test_server::{Home, Value};

use super::terraform::Terraform;
use super::{exported_to, has_cli, has_sdk, is_installed};
use crate::ecs::text;
use crate::host::home;

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/secretsmanager.py");

const CONFIGURATION: &str = include_str!("terraform/secrets.tf");

/// What every secret here begins with.
const SECRET: &str = "hunter2-";

fn aws(home: &Home, arguments: &[&str]) -> Output {
    let mut aws = exported_to(home, "aws");
    aws.arg("secretsmanager").args(arguments).output().expect("it is installed")
}

#[track_caller]
fn answers(home: &Home, arguments: &[&str]) -> Value {
    let Output { status, stdout, stderr } = aws(home, arguments);
    let told = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "aws secretsmanager {}: {told}", arguments.join(" "));
    serde_json::from_slice(&stdout).expect("it prints JSON")
}

/// Every file in a folder and what is in it.
fn check_files(folder: &Path) -> usize {
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            checked += check_files(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let says = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!says, "a secret is in {}", path.display());
        checked += 1;
    }
    checked
}

#[test]
fn the_command_line_keeps_a_password() {
    if !has_cli() {
        return;
    }
    let home = home();
    let server = home.server();
    let create = ["create-secret", "--name", "prod/db", "--secret-string", "hunter2-first"];
    let arn = text(&answers(&home, &create)["ARN"]);
    let put = ["put-secret-value", "--secret-id", "prod/db", "--secret-string", "hunter2-second"];
    answers(&home, &put);

    server.kill();
    let server = home.server();
    let read = answers(&home, &["get-secret-value", "--secret-id", &arn]);
    assert_eq!(read["SecretString"], "hunter2-second");
    let previous = ["get-secret-value", "--secret-id", "prod/db", "--version-stage", "AWSPREVIOUS"];
    assert_eq!(answers(&home, &previous)["SecretString"], "hunter2-first");
    let Output { status, stderr, .. } = aws(&home, &["get-secret-value", "--secret-id", "missing"]);
    assert!(!status.success());
    assert_eq!(
        String::from_utf8_lossy(&stderr).trim(),
        "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret."
    );
    server.kill();
    assert!(check_files(home.path()) > 2, "the store and the audit are there");
}

#[test]
fn programs_keep_secrets() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let server = home.server();
    let output = exported_to(&home, "python3").arg(SDK_SCRIPT).output().expect("it is installed");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all is well\n", "{told}");
    server.kill();
    assert!(check_files(home.path()) > 2, "the store and the audit are there");
}

#[test]
fn secrets_are_as_terraform_wrote_them() {
    if !is_installed("terraform", &["version"]) {
        return;
    }
    let home = home();
    let _server = home.server();
    let terraform = Terraform::new(&home, CONFIGURATION);
    if !terraform.has_provider() {
        return;
    }
    let first = ["-var=password=hunter2-first", "-var=description=the shop's"];
    let second = ["-var=password=hunter2-second", "-var=description=the new shop's"];
    for [password, description] in [first, second] {
        terraform.does(&["apply", "-auto-approve", password, description]);
        // Exit code 0: nothing is left to change. A difference would be 2.
        terraform.does(&["plan", "-detailed-exitcode", password, description]);
    }
    if has_cli() {
        let read = answers(&home, &["get-secret-value", "--secret-id", "prod/db"]);
        assert!(text(&read["SecretString"]).contains("hunter2-second"));
    }
    let [password, description] = second;
    terraform.does(&["destroy", "-auto-approve", password, description]);
    if has_cli() {
        let listed = answers(&home, &["list-secrets", "--include-planned-deletion"]);
        assert_eq!(listed["SecretList"], berth_test_server::json!([]));
    }
}
