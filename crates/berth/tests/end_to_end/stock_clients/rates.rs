//! Throttling as AWS's SDK for Python meets it.

use super::{exported_to, has_sdk};
use crate::host::home;

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/rates.py");

#[test]
fn the_sdk_waits_and_tries_again_when_it_is_throttled() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let _server = home.serving("server").args(&["--rate-limits", "aws"]).start();
    let output = exported_to(&home, "python3").arg(SDK_SCRIPT).output().expect("it is installed");
    let (said, told) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), "all is well", "{told}");
}
