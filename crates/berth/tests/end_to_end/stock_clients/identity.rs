//! Who may what, as people set it up with the CLI: a user who is let into one cluster, a role that is assumed.

use std::process::Output;

use berth_test_server::{Home, Value, json};

use super::{exported_to, has_cli, has_sdk};
use crate::host::home;

const ACCOUNT: &str = "000000000000";

/// `aws …` as somebody.
struct Aws<'a> {
    home: &'a Home,
    key: Vec<(&'static str, String)>,
}

impl<'a> Aws<'a> {
    fn administrator(home: &'a Home) -> Self {
        Aws { home, key: Vec::new() }
    }

    /// With a new access key of a user.
    fn user(home: &'a Home, name: &str) -> Self {
        let made =
            Aws::administrator(home).answers(&["iam", "create-access-key", "--user-name", name]);
        Aws { home, key: variables(&made["AccessKey"]) }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut aws = exported_to(self.home, "aws");
        aws.args(arguments).args(["--output", "json"]);
        aws.envs(self.key.iter().map(|(name, value)| (name, value)));
        aws.output().expect("it is installed")
    }

    #[track_caller]
    fn answers(&self, arguments: &[&str]) -> Value {
        let Output { status, stdout, stderr } = self.output(arguments);
        let told = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "aws {}: {told}", arguments.join(" "));
        serde_json::from_slice(&stdout).unwrap_or_default()
    }

    /// What it says of a call that is denied.
    #[track_caller]
    fn is_denied(&self, arguments: &[&str]) -> String {
        self.is_refused(arguments, "(AccessDenied")
    }

    #[track_caller]
    fn is_refused(&self, arguments: &[&str], code: &str) -> String {
        let Output { status, stderr, .. } = self.output(arguments);
        let told = String::from_utf8_lossy(&stderr).trim().to_owned();
        assert!(!status.success(), "aws {} is refused, expected", arguments.join(" "));
        assert!(told.contains(code), "{told}");
        told
    }
}

fn variables(credentials: &Value) -> Vec<(&'static str, String)> {
    let names = [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ];
    let value = |name| credentials[name].as_str().unwrap_or_default().to_owned();
    names.into_iter().map(|(variable, name)| (variable, value(name))).collect()
}

fn allow(statements: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// All that there is in a cluster, and nothing of any other.
fn one_cluster(name: &str) -> String {
    let arn = |resource: &str| format!("arn:aws:ecs:us-east-1:{ACCOUNT}:{resource}");
    let within = json!({ "ArnEquals": { "ecs:cluster": arn(&format!("cluster/{name}")) } });
    let resources = ["cluster/{}", "service/{}/*", "task/{}/*", "container-instance/{}/*"];
    let resources: Vec<String> =
        resources.iter().map(|resource| arn(&resource.replace("{}", name))).collect();
    allow(json!([
        { "Effect": "Allow", "Action": "ecs:*", "Resource": resources },
        { "Effect": "Allow", "Action": ["ecs:RunTask", "ecs:ListServices"], "Resource": "*", "Condition": within },
    ]))
}

#[test]
fn a_user_of_one_cluster_neither_sees_nor_touches_another() {
    if !has_cli() {
        return;
    }
    let home = home();
    let _server = home.server();
    let root = Aws::administrator(&home);
    for cluster in ["web", "other"] {
        root.answers(&["ecs", "create-cluster", "--cluster-name", cluster]);
    }
    let container = r#"[{"name":"main","image":"demo","memory":16}]"#;
    let register =
        ["ecs", "register-task-definition", "--family", "app", "--container-definitions"];
    root.answers(&[&register[..], &[container]].concat());
    let service = |cluster| {
        let named = ["--service-name", "front", "--task-definition", "app", "--desired-count", "0"];
        [&["ecs", "create-service", "--cluster", cluster], &named[..]].concat()
    };
    root.answers(&service("other"));
    root.answers(&["iam", "create-user", "--user-name", "ann"]);
    let put = [
        "iam",
        "put-user-policy",
        "--user-name",
        "ann",
        "--policy-name",
        "web",
        "--policy-document",
    ];
    root.answers(&[&put[..], &[&one_cluster("web")]].concat());
    let ann = Aws::user(&home, "ann");

    let seen = ann.answers(&["ecs", "describe-clusters", "--clusters", "web"]);
    assert_eq!(seen["clusters"][0]["clusterName"], "web");
    ann.answers(&service("web"));
    let listed = ann.answers(&["ecs", "list-services", "--cluster", "web"]);
    assert_eq!(listed["serviceArns"].as_array().map(Vec::len), Some(1));
    ann.answers(&["ecs", "list-tasks", "--cluster", "web"]);
    // Let in, and told what ECS has to say.
    let run = ["ecs", "run-task", "--task-definition", "app", "--cluster"];
    let told = ann.output(&[&run[..], &["web"]].concat());
    assert!(String::from_utf8_lossy(&told.stderr).contains("No Container Instances"), "{told:?}");

    let before =
        root.answers(&["ecs", "describe-services", "--cluster", "other", "--services", "front"]);
    let told = ann.is_denied(&["ecs", "describe-clusters", "--clusters", "web", "other"]);
    let words = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: ecs:DescribeClusters on resource: \
         arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/other because no identity-based policy allows the \
         ecs:DescribeClusters action"
    );
    assert!(told.ends_with(&words), "{told}");
    let update = [
        "ecs",
        "update-service",
        "--cluster",
        "other",
        "--service",
        "front",
        "--desired-count",
        "3",
    ];
    let denied: [&[&str]; 10] = [
        &["ecs", "list-clusters"],
        &["ecs", "list-services", "--cluster", "other"],
        &["ecs", "list-tasks", "--cluster", "other"],
        &["ecs", "describe-services", "--cluster", "other", "--services", "front"],
        &["ecs", "delete-cluster", "--cluster", "other"],
        &["ecs", "delete-service", "--cluster", "other", "--service", "front", "--force"],
        &update,
        &service("other"),
        &[&run[..], &["other"]].concat(),
        &["iam", "list-users"],
    ];
    for arguments in denied {
        ann.is_denied(arguments);
    }
    let after =
        root.answers(&["ecs", "describe-services", "--cluster", "other", "--services", "front"]);
    assert_eq!(after, before, "a denied call changes nothing");
}

#[test]
fn a_role_is_assumed_and_lends_what_it_may_right_now() {
    if !has_cli() || !has_sdk() {
        return;
    }
    let home = home();
    let _server = home.server();
    let root = Aws::administrator(&home);
    let trust = allow(json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
    }]));
    let made = ["iam", "create-role", "--role-name", "audit", "--assume-role-policy-document"];
    root.answers(&[&made[..], &[&trust]].concat());
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/audit");
    let may = |action: &str| {
        let policy = allow(json!([{ "Effect": "Allow", "Action": action, "Resource": "*" }]));
        let put = [
            "iam",
            "put-role-policy",
            "--role-name",
            "audit",
            "--policy-name",
            "p",
            "--policy-document",
        ];
        root.answers(&[&put[..], &[&policy]].concat());
    };
    may("ecs:ListClusters");
    root.answers(&["iam", "create-user", "--user-name", "ann"]);
    let ann = Aws::user(&home, "ann");
    let assume = ["sts", "assume-role", "--role-session-name", "cli", "--role-arn", &arn];
    ann.is_denied(&assume);
    let lets = allow(json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn }]));
    let put =
        ["iam", "put-user-policy", "--user-name", "ann", "--policy-name", "p", "--policy-document"];
    root.answers(&[&put[..], &[&lets]].concat());

    let session = Aws { home: &home, key: variables(&ann.answers(&assume)["Credentials"]) };
    let who = session.answers(&["sts", "get-caller-identity"]);
    assert_eq!(who["Arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/audit/cli"));
    session.answers(&["ecs", "list-clusters"]);
    session.is_denied(&["iam", "list-users"]);
    by_profile(&ann, &arn);
    may("iam:ListUsers");
    session.is_denied(&["ecs", "list-clusters"]);
    session.answers(&["iam", "list-users"]);
    let gone = ["iam", "delete-role-policy", "--role-name", "audit", "--policy-name", "p"];
    root.answers(&gone);
    root.answers(&["iam", "delete-role", "--role-name", "audit"]);
    // Nobody is left whose session it would be.
    session.is_refused(&["iam", "list-users"], "(InvalidClientTokenId");
}

/// The SDK for Python assumes a role by itself, if its profile says so.
fn by_profile(user: &Aws<'_>, role: &str) {
    let config = user.home.path().join("config-of-a-role");
    let value = |name: &str| {
        let found = user.key.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.clone()).expect("a user has a key")
    };
    let text = format!(
        "[profile base]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [profile role]\nrole_arn = {role}\nsource_profile = base\nregion = us-east-1\n",
        value("AWS_ACCESS_KEY_ID"),
        value("AWS_SECRET_ACCESS_KEY"),
    );
    std::fs::write(&config, text).expect("the home can be written");
    let script = "import boto3; s = boto3.Session(profile_name='role'); s.client('ecs').list_clusters(); \
                  print(s.client('sts').get_caller_identity()['Arn'])";
    let mut python = exported_to(user.home, "python3");
    python.args(["-c", script]).env("AWS_CONFIG_FILE", &config);
    python.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let Output { status, stdout, stderr } = python.output().expect("it is installed");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let arn = String::from_utf8_lossy(&stdout);
    assert!(arn.contains(":assumed-role/audit/botocore-session-"), "{arn}");
}
