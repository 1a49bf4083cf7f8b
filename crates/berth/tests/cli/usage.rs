//! Asked wrongly, or nothing to answer with.

use berth_test_server::Home;

use crate::home;

/// Exit code and standard error.
fn ended(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let output = home.command(arguments).output().expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_version_is_one_line() {
    let output = home().command(&["version"]).output().expect("the binary runs");
    assert!(output.status.success());
    let expected = format!("berth {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn what_is_asked_wrongly_ends_with_2_and_says_what() {
    let home = home();
    let file = home.path().join("berth.toml");
    std::fs::write(&file, "[server]\nlisten = \"here\"\n").expect("writable");
    let file = file.to_str().expect("text");
    for (arguments, expected) in [
        (&["server", "--store", "etcd://10.0.0.1:x"][..], "no HOST:PORT of etcd"),
        (&["server", "--listen", "here"], "invalid value 'here' for '--listen <ADDR:PORT>'"),
        (&["serve"], "unrecognized subcommand 'serve'"),
        (&["server", "--config", "/nonexistent/berth.toml"], "cannot read /nonexistent/berth.toml"),
        (&["server", "--config", file], "berth.toml: TOML parse error at line 2"),
        (&["agent"], "--endpoint URL"),
        (&["agent", "--endpoint", "http://127.0.0.1:1", "--runtime", "none"], "--runtime none"),
        (&["server", "--log", "=loud="], "log filter `=loud=`"),
    ] {
        let (code, message) = ended(&home, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
}

#[test]
fn before_a_server_has_run_there_is_nobody_to_talk_to() {
    let home = home();
    for arguments in [&["env"][..], &["demo", "--stop"]] {
        let (code, message) = ended(&home, arguments);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.contains("start `berth up` first"), "{message}");
    }
}

#[test]
fn an_agent_needs_a_key() {
    let (code, message) = ended(&home(), &["agent", "--endpoint", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("no key to sign with"), "{message}");
}
