//! TLS as people meet it: stock clients, our own commands, hosts that join, and certificates from elsewhere.

use std::fs;
use std::process::{Command, Output};

use berth_test_server::{Home, Process, get, json, until};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::ecs::Ecs;
use crate::host::home;
use crate::stock_clients::{exported_to, has_cli, has_sdk, is_installed};

const SDK_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/tls/clients.py");

/// `https://…` of a home's server.
fn secure(home: &Home) -> String {
    home.endpoint().replace("http://", "https://")
}

fn authority_file(home: &Home) -> String {
    home.path().join("tls/ca.pem").display().to_string()
}

/// A client of AWS's that speaks TLS to a server which takes plain HTTP too.
fn trusting(home: &Home, program: &str) -> Command {
    let mut command = exported_to(home, program);
    command.env("AWS_ENDPOINT_URL", secure(home)).env("AWS_CA_BUNDLE", authority_file(home));
    command
}

#[track_caller]
fn printed(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("it prints text")
}

/// ECS of a home whose server runs, with the cluster that hosts join.
fn with_cluster(home: &Home) -> Ecs {
    let ecs = Ecs::of(home);
    ecs.api.call("CreateCluster", json!({}));
    ecs
}

/// What an agent that cannot join says.
#[track_caller]
fn refusal(home: &Home, arguments: &[&str]) -> String {
    let arguments = [&["agent", "--runtime", "fake"], arguments].concat();
    let output = home.command(&arguments).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{told}");
    told
}

#[test]
fn programs_speak_tls_and_may_sign_addresses_beforehand() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let _server = home.server();
    let mut python = trusting(&home, "python3");
    python.arg(SDK_SCRIPT);
    assert_eq!(printed(python), "all is well\n");
}

#[test]
fn a_server_without_plain_http_serves_everybody_on_its_machine() {
    let home = home();
    let _up = home.serving("up").args(&["--runtime", "fake", "--plain-http", "never"]).start();
    let refused = get(home.address(), "/health").expect("an answer in plain HTTP");
    assert_eq!(refused.status(), 403);
    let told = String::from_utf8_lossy(refused.body()).into_owned();
    assert!(told.contains("https://") && told.contains("ca.pem"), "{told}");

    let exports = printed(home.command(&["env"]));
    let expected = format!("export AWS_ENDPOINT_URL={}\n", secure(&home));
    assert!(exports.contains(&expected), "{exports}");
    assert!(exports.contains(&format!("export AWS_CA_BUNDLE={}\n", authority_file(&home))));
    // The agent of the same process has joined by TLS, and so do our own commands.
    until("the host has joined", || {
        let events = printed(home.command(&["events", "--json", "--type", "container-instance"]));
        if events.contains("\"agentConnected\":true") { Ok(()) } else { Err(events) }
    });
    let token = printed(home.command(&["token", "create"]));
    assert_eq!(token.trim_end().split('.').count(), 3, "{token}");

    if has_cli() {
        let mut aws = exported_to(&home, "aws");
        aws.args(["ecs", "list-container-instances", "--query", "length(containerInstanceArns)"]);
        assert_eq!(printed(aws), "1\n");
    }
}

#[test]
fn http_2_is_agreed_on_with_who_speaks_it() {
    if !is_installed("curl", &["--version"]) {
        return;
    }
    let home = home();
    let _server = home.server();
    let curl = |arguments: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "60", "--cacert", &authority_file(&home)]);
        curl.args(["-o", "/dev/null", "-w", "%{http_version} %{http_code}"]).args(arguments);
        printed(curl)
    };
    let health = format!("{}/health", secure(&home));
    assert_eq!(curl(&["--http2", &health]), "2 200");
    assert_eq!(curl(&["--http1.1", &health]), "1.1 200");
}

#[test]
fn a_host_knows_its_server_by_the_token_and_remembers_it() {
    let (control_plane, host) = (home(), home());
    let _server = control_plane.server();
    let ecs = with_cluster(&control_plane);
    let endpoint = secure(&control_plane);
    let agent = |more: &[&str]| -> Process {
        let joining = host.joining_at(&endpoint);
        joining.args(&["--runtime", "fake"]).args(more).start()
    };
    // Without a token, or a file, nobody says who the server should be.
    let told = refusal(
        &host,
        &["--endpoint", &endpoint, "--activation-id", "a", "--activation-code", "b"],
    );
    assert!(told.contains("--ca-file"), "{told}");

    let token = control_plane.token(&[]);
    let first = agent(&["--token", &token]);
    ecs.wait_for_hosts(1);
    let learned = fs::read_to_string(host.path().join("agent/ca.pem")).expect("it is kept");
    let authority = fs::read_to_string(authority_file(&control_plane)).expect("it is there");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<String>();
    assert_eq!(lines(&learned), lines(&authority));
    first.kill();
    let again = agent(&[]);
    ecs.wait_for_hosts(1);
    again.kill();

    // A file does as well, for who brings one.
    let file = authority_file(&control_plane);
    let made =
        ecs.api.json("ssm", "AmazonSSM.CreateActivation", &json!({ "IamRole": "ecsInstanceRole" }));
    let part = |name: &str| made[name].as_str().expect("an activation").to_owned();
    let external = home();
    let joining = external.joining_at(&endpoint);
    let _external = joining
        .args(&["--runtime", "fake", "--cluster", "garage", "--ca-file", &file])
        .args(&["--activation-id", &part("ActivationId")])
        .args(&["--activation-code", &part("ActivationCode")])
        .start();
    ecs.api.call("CreateCluster", json!({ "clusterName": "garage" }));
    ecs.wait_for_hosts_of("garage", 1);
}

#[test]
fn a_host_that_meets_somebody_else_says_what_to_do() {
    let (ours, other, host) = (home(), home(), home());
    let _ours = ours.server();
    let _other = other.server();
    let token = ours.token(&[]);
    let told = refusal(&host, &["--endpoint", &secure(&other), "--token", &token]);
    for words in ["cannot join", "--ca-file", "new token", "somebody else"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!host.path().join("agent/ca.pem").exists());
    // The activation has not been shown to anybody.
    let listed = printed(ours.command(&["token", "list"]));
    assert!(listed.contains("used 0 of 1"), "{listed}");
}

#[test]
fn a_server_that_began_anew_is_known_by_its_new_token() {
    let (control_plane, host) = (home(), home());
    let server = control_plane.server();
    let endpoint = secure(&control_plane);
    let agent = |token: &str| {
        let joining = host.joining_at(&endpoint);
        joining.args(&["--runtime", "fake", "--token", token]).start()
    };
    let first = agent(&control_plane.token(&[]));
    with_cluster(&control_plane).wait_for_hosts(1);
    first.kill();
    server.kill();
    for lost in ["tls/ca.key", "tls/ca.pem", "state.redb", "root-key"] {
        fs::remove_file(control_plane.path().join(lost)).expect("it was there");
    }
    fs::remove_dir_all(control_plane.path().join("state-log")).expect("it was there");
    let _server = control_plane.server();
    let _agent = agent(&control_plane.token(&[]));
    with_cluster(&control_plane).wait_for_hosts(1);
}

#[test]
fn a_given_certificate_is_shown_and_this_machine_still_knows_the_server() {
    let (home, host) = (home(), crate::host::home());
    home.server().kill();
    let address = home.address().ip().to_string();
    let (file, key_file, ca_file) =
        (home.path().join("given.pem"), home.path().join("given.key"), home.path().join("ca.pem"));
    let ca_key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = ca.self_signed(&ca_key).expect("a certificate");
    fs::write(&ca_file, certificate.pem()).expect("writable");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![address]).expect("an address");
    let leaf = params.signed_by(&key, &Issuer::new(ca, ca_key)).expect("a certificate");
    fs::write(&file, leaf.pem()).expect("writable");
    fs::write(&key_file, key.serialize_pem()).expect("writable");

    let [file, key_file, ca_file] =
        [file, key_file, ca_file].map(|path| path.display().to_string());
    let half = home.command(&["server", "--tls-cert", &file]).output().expect("the binary runs");
    assert_eq!(half.status.code(), Some(2), "{}", String::from_utf8_lossy(&half.stderr));
    let given = ["--tls-cert", &file, "--tls-key", &key_file];
    let _server = home.serving("server").args(&given).start();
    let ecs = with_cluster(&home);
    let endpoint = secure(&home);
    let joining = |more: &[&str]| {
        let joining = host.joining_at(&endpoint).args(&["--runtime", "fake"]);
        joining.args(more).start()
    };
    let token = home.token(&[]);
    let told = refusal(&crate::host::home(), &["--endpoint", &endpoint, "--token", &token]);
    assert!(told.contains("--ca-file"), "the token tells of another authority: {told}");
    let _agent = joining(&["--token", &token, "--ca-file", &ca_file]);
    ecs.wait_for_hosts(1);
    let explained = home.command(&["events", "--endpoint", &endpoint, "--ca-file", &ca_file]);
    assert!(printed(explained).contains("container"));
}
