use std::path::PathBuf;

use berth_control::pipeline::throttle::RateLimits;
use clap::Parser;

use super::limits::LimitProfile;
use super::{AuthMode, ConfigFile, LogFormat, RuntimeChoice, ServerSettings, StoreChoice};
use crate::cli::{Arguments, Command};

fn parse(line: &str) -> Arguments {
    Arguments::try_parse_from(line.split(' ')).expect("the command line is well formed")
}

fn refusal(line: &str) -> String {
    Arguments::try_parse_from(line.split(' ')).expect_err("the command line is wrong").to_string()
}

fn server(line: &str, file: &str) -> ServerSettings {
    let file = ConfigFile::parse(file).expect("the file is well formed");
    match parse(line).command {
        Command::Server { server } => server.or(file.server).settle(),
        other => panic!("not a server: {other:?}"),
    }
}

#[test]
fn without_a_word_the_defaults_hold() {
    let settings = server("berth server", "");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:4566");
    assert_eq!(settings.store, StoreChoice::Embedded);
    assert_eq!(settings.auth, AuthMode::Enforce);
    assert_eq!(settings.account.to_string(), "000000000000");
    assert_eq!(settings.region.to_string(), "us-east-1");
    assert_eq!(settings.limits, berth_ecs::Limits::default());
    assert_eq!(settings.rate_limits, RateLimits::GENEROUS);
}

#[test]
fn a_proxy_is_told_on_its_command_line_what_its_file_does_not_say() {
    let file =
        "[proxy]\nlb-drain = \"90s\"\nlb-metrics = \"10.0.0.5:9566\"\nlb-address = [\"10.0.0.5\"]";
    let file = ConfigFile::parse(file).expect("well formed");
    let line =
        "berth proxy --endpoint https://s --lb-address 10.0.0.6 --lb-address 10.0.0.7 --take-over";
    let Command::Proxy { proxy, handover, zone, .. } = parse(line).command else {
        panic!("not a proxy");
    };
    assert_eq!(zone.availability_zone, None);
    let settings = proxy.or(file.proxy).settle("/logs".into(), None, &handover);
    assert!(settings.takes_over);
    assert_eq!((settings.drain.as_secs(), settings.carrying.grace.as_secs()), (90, 30));
    assert_eq!(settings.metrics.map(|it| it.to_string()).as_deref(), Some("10.0.0.5:9566"));
    let addresses = settings.carrying.addresses.iter().map(ToString::to_string);
    assert_eq!(addresses.collect::<Vec<_>>(), ["10.0.0.6", "10.0.0.7"]);
    assert_eq!(settings.carrying.log_folder, Some("/logs".into()));
}

#[test]
fn rate_limits_are_aws_s_a_multiple_of_them_or_none() {
    let limits = |line: &str, file| server(line, file).rate_limits;
    assert_eq!(limits("berth server", "[server]\nrate-limits = \"aws\""), RateLimits::AWS);
    assert_eq!(limits("berth server --rate-limits 10x", ""), RateLimits::Times(10));
    assert_eq!(limits("berth server --rate-limits off", ""), RateLimits::Off);
    let message = refusal("berth server --rate-limits slow");
    assert!(message.contains("`off`, `aws` or `200x` expected"), "{message}");
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let file = r#"
        [server]
        listen = "0.0.0.0:80"
        region = "eu-west-1"
        auth = "open"
    "#;
    let settings = server("berth server --listen [::1]:0 --auth enforce", file);
    assert_eq!(settings.listen.to_string(), "[::1]:0");
    assert_eq!(settings.auth, AuthMode::Enforce);
    assert_eq!(settings.region.to_string(), "eu-west-1");
    assert_eq!(settings.store, StoreChoice::Embedded);
}

#[test]
fn common_options_stand_before_or_after_the_command() {
    let file = ConfigFile::parse("data-dir = \"/a\"\nlog-format = \"json\"").expect("well formed");
    for line in ["berth --data-dir /b env", "berth env --data-dir /b"] {
        let global = parse(line).global.or(file.global()).settle(None).expect("a data directory");
        assert_eq!(global.data_dir, PathBuf::from("/b"));
        assert_eq!(global.log_format, LogFormat::Json);
        assert_eq!(global.log, "info");
    }
}

#[test]
fn data_is_kept_at_home_unless_told_otherwise() {
    let home = Some(PathBuf::from("/home"));
    let global = parse("berth env").global;
    assert_eq!(
        global.clone().settle(home).expect("there is a home").data_dir,
        PathBuf::from("/home/.berth")
    );
    let error = global.settle(None).expect_err("there is no home");
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn an_etcd_store_has_settings_of_its_own() {
    let file = "[server]\nstore = \"etcd://file/x\"\netcd = { lease = \"9s\", etcd-user = \"u\" }";
    let settings = server("berth server --store etcd://10.0.0.1:2379 --lease 3s", file);
    let StoreChoice::Etcd(address) = &settings.store else { panic!("{:?}", settings.store) };
    assert_eq!(address.endpoints, ["10.0.0.1:2379"]);
    assert_eq!(settings.etcd.lease.map(|span| span.0.as_secs()), Some(3));
    assert_eq!(settings.etcd.etcd_user.as_deref(), Some("u"));
    let message = refusal("berth server --store etcd://user:secret@10.0.0.1");
    assert!(message.contains("passwords have flags"), "{message}");
    let error =
        ConfigFile::parse("[server]\nstore = \"etcd://x:y\"").expect_err("refused").to_string();
    assert!(error.contains("`x:y` is no HOST:PORT"), "{error}");
}

#[test]
fn a_name_that_is_not_known_is_refused() {
    for (file, name) in [
        ("datadir = \"/a\"", "datadir"),
        ("[server]\nruntime = \"docker\"", "runtime"),
        ("[agent]\ncluster = \"x\"", "agent"),
        ("[server.limits]\npods = 5", "pods"),
    ] {
        let error = ConfigFile::parse(file).expect_err(file).to_string();
        assert!(error.contains(&format!("unknown field `{name}`")), "{error}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_what_was_expected() {
    for (line, expected) in [
        ("berth server --account 12", "12 digits expected"),
        ("berth server --region Mars!", "such as us-east-1"),
        ("berth server --listen 4566", "invalid socket address"),
        ("berth up --runtime podman", "possible values: docker, fake, none"),
        ("berth server --auth none", "possible values: enforce, open"),
    ] {
        assert!(refusal(line).contains(expected), "{line}: {}", refusal(line));
    }
}

#[test]
fn limits_begin_with_a_profile_and_may_be_set_singly() {
    let file = "[server.limits]\nprofile = \"classic\"\nclusters = 5\ntasks-per-instance = 3";
    let limits = server("berth server", file).limits;
    assert_eq!((limits.clusters, limits.container_instances_per_cluster), (5, 1_000));
    assert_eq!(limits.tasks_per_instance, Some(3));
    let limits = server("berth server --limits today", file).limits;
    assert_eq!((limits.clusters, limits.container_instances_per_cluster), (5, 5_000));
    assert_eq!(
        server("berth server --limits classic", "").limits,
        super::limits::LimitRows::default().settle(Some(LimitProfile::Classic))
    );
}

#[test]
fn the_patience_with_agents_can_be_set() {
    let seconds = std::time::Duration::from_secs;
    let patience = server("berth server", "").patience;
    assert_eq!((patience.agent_silence, patience.lost_after), (seconds(75), Some(seconds(600))));
    let file = "[server]\nagent-silence = \"30s\"\nlost-after = \"never\"";
    let patience = server("berth server", file).patience;
    assert_eq!((patience.agent_silence, patience.lost_after), (seconds(30), None));
    let patience = server("berth server --lost-after 2m", file).patience;
    assert_eq!((patience.agent_silence, patience.lost_after), (seconds(30), Some(seconds(120))));
    assert!(refusal("berth server --lost-after soon").contains("such as 90s, 10m or 250ms"));
    assert!(refusal("berth server --agent-silence never").contains("such as 90s, 10m or 250ms"));
}

#[test]
fn up_takes_a_servers_options_and_a_hosts() {
    let Command::Up { server, host, .. } =
        parse("berth up --listen 127.0.0.1:0 --runtime none").command
    else {
        panic!("not up");
    };
    assert_eq!(server.settle().listen.port(), 0);
    let host = host.settle();
    assert_eq!(host.runtime, RuntimeChoice::None);
    assert_eq!(host.cluster.to_string(), "default");
}

#[test]
fn an_agent_must_be_told_its_control_plane() {
    let endpoint = |line: &str| match parse(line).command {
        Command::Agent { endpoint, .. } => endpoint.settle().map(|settings| settings.endpoints),
        other => panic!("not an agent: {other:?}"),
    };
    let named = endpoint("berth agent --endpoint http://x:1").expect("an endpoint");
    assert_eq!(named, ["http://x:1"]);
    let servers = endpoint("berth agent --server https://a:1,https://b:1").expect("two servers");
    assert_eq!(servers, ["https://a:1", "https://b:1"]);
    let missing = endpoint("berth agent").expect_err("no endpoint").to_string();
    assert!(missing.contains("--endpoint"), "{missing}");
    let wrong = endpoint("berth agent --endpoint x:1").expect_err("no URL").to_string();
    assert!(wrong.contains("`x:1`"), "{wrong}");
}

#[test]
fn a_host_may_say_more_of_itself() {
    let file =
        "[host]\navailability-zone = \"rack-1\"\nattributes = { disk = \"hdd\", rack = \"1\" }";
    let file = ConfigFile::parse(file).expect("well formed");
    let Command::Up { host, .. } = parse("berth up --attribute disk=ssd --attribute x=a=b").command
    else {
        panic!("not up");
    };
    let host = host.or(file.host).settle();
    assert_eq!(host.availability_zone.as_deref(), Some("rack-1"));
    let attributes: Vec<_> = host.attributes.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(attributes, ["disk=ssd", "rack=1", "x=a=b"]);
    assert!(refusal("berth up --attribute disk").contains("NAME=VALUE expected"));
}

#[test]
fn the_example_of_a_cell_is_understood() {
    let example = include_str!("../../../../examples/cell/server.toml");
    let settings = server("berth server", example);
    assert!(settings.store.is_shared());
    assert!(settings.advertise.is_some() && settings.etcd.etcd_ca_file.is_some());
}
