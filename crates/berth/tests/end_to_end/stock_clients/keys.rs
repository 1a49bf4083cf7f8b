//! Keys and parameters by AWS's own clients; and after all of it, no file of the server's tells a secret.

use std::path::Path;

use super::{exported_to, has_cli, has_sdk};
use crate::host::home;

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/keys.py");

/// What the script keeps secret, and the clear value of a parameter that is not: the search must be able to find.
const SECRET: &[u8] = b"correct horse battery staple";
const NO_SECRET: &[u8] = b"db.example";

#[test]
fn programs_keep_secrets_and_no_file_tells_them() {
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
    assert!(is_anywhere(home.path(), NO_SECRET), "what is no secret is in the store");
    assert!(!is_anywhere(home.path(), SECRET), "what is secret is in no file");
}

#[test]
fn the_command_line_puts_and_gets_a_secure_parameter() {
    if !has_cli() {
        return;
    }
    let home = home();
    let _server = home.server();
    let aws = |arguments: &[&str]| {
        let output = exported_to(&home, "aws").args(arguments).output().expect("it is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {told}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("it prints text")
    };
    let put =
        ["ssm", "put-parameter", "--name", "/a/b", "--type", "SecureString", "--value", "x y"];
    aws(&put);
    let get = ["ssm", "get-parameter", "--name", "/a/b", "--with-decryption"];
    let shown = aws(&[&get[..], &["--query", "Parameter.Value", "--output", "text"]].concat());
    assert_eq!(shown, "x y\n");
    let describe = ["kms", "describe-key", "--key-id", "alias/aws/ssm", "--output", "text"];
    assert_eq!(aws(&[&describe[..], &["--query", "KeyMetadata.KeyManager"]].concat()), "AWS\n");
}

fn is_anywhere(folder: &Path, bytes: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).expect("it can be read");
    entries.map(|entry| entry.expect("it can be read")).any(|entry| {
        let kind = entry.file_type().expect("it has one");
        if kind.is_dir() {
            return is_anywhere(&entry.path(), bytes);
        }
        // Sockets and the like hold nothing.
        kind.is_file()
            && std::fs::read(entry.path())
                .is_ok_and(|held| held.windows(bytes.len()).any(|part| part == bytes))
    })
}
