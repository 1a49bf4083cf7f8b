//! The role that hosts have: whichever an activation names, and the usual one otherwise.

use berth_test_server::{Home, json};

use super::serve;
use crate::host::home;

/// What `berth token create` says of an attempt that fails.
#[track_caller]
fn refused(control_plane: &Home, arguments: &[&str]) -> String {
    let create = [&["token", "create"], arguments].concat();
    let output = control_plane.command(&create).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).expect("it is text")
}

#[test]
fn the_usual_role_is_made_when_a_token_wants_it_and_at_no_other_time() {
    const ROLE: (&str, &str) = ("RoleName", "ecsInstanceRole");
    let (control_plane, host) = (home(), home());
    let (server, ecs) = serve(&control_plane, &[]);
    let iam = |action: &str, input: &[(&str, &str)]| {
        ecs.api.query("iam", "2010-05-08", action, input);
    };
    let token = control_plane.token(&[]);
    iam("GetRole", &[ROLE]);
    let agent = host.joining(&control_plane).args(&["--runtime", "fake", "--token", &token]);
    let agent = agent.start();
    ecs.wait_for_hosts(1);

    // Deleted on purpose, it stays away; the host goes on without.
    for policy in [
        "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    ] {
        iam("DetachRolePolicy", &[ROLE, ("PolicyArn", policy)]);
    }
    iam("DeleteRole", &[ROLE]);
    agent.kill();
    server.kill();
    let (_server, ecs) = serve(&control_plane, &[]);
    let _agent = host.joining(&control_plane).args(&["--runtime", "fake"]).start();
    ecs.wait_for_hosts(1);
    let told = refused(&control_plane, &["--role", "ecsInstanceRole"]);
    assert!(told.contains("Nonexistent role or missing ssm service principal"), "{told}");

    // One that is there is left as it is.
    ecs.make_role_for("ec2.amazonaws.com", "ecsInstanceRole", &json!([]));
    let told = refused(&control_plane, &[]);
    assert!(told.contains("does not trust ssm.amazonaws.com"), "{told}");
    ecs.make_role_for("ssm.amazonaws.com", "racks", &json!([]));
    control_plane.token(&["--role", "racks"]);
}
