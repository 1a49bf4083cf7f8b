//! Secrets, from a payload to the container.

use std::sync::Arc;

use berth_agent_protocol::acs::{self, DockerConfig, IAMRoleCredentials, Secret};
use serde_json::Value;

use crate::testing::sources::ScriptedSources;
use crate::testing::{World, arn, container, task};

const DB: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

fn secret(name: &str, provider: &str, value_from: &str) -> Secret {
    Secret {
        name: name.into(),
        value_from: value_from.into(),
        provider: Some(provider.into()),
        region: Some("us-east-1".into()),
        kind: Some("ENVIRONMENT_VARIABLE".into()),
        target: Some("CONTAINER".into()),
        ..Secret::default()
    }
}

fn with(secrets: Vec<Secret>) -> acs::Task {
    let role = IAMRoleCredentials {
        credentials_id: "e".into(),
        access_key_id: "ROLE".into(),
        ..IAMRoleCredentials::default()
    };
    let web = acs::Container { secrets, ..container("web", &[]) };
    acs::Task { execution_role_credentials: Some(role), ..task("t", vec![web]) }
}

fn world(sources: ScriptedSources) -> (World, Arc<ScriptedSources>) {
    let mut world = World::new();
    let sources = Arc::new(sources);
    world.options.sources = sources.clone();
    (world, sources)
}

#[tokio::test(start_paused = true)]
async fn secrets_come_from_both_keepers_each_asked_once_in_the_execution_roles_name() {
    let (world, sources) = world(
        ScriptedSources::default()
            .keep(DB, r#"{"user": "u", "password": "hidden"}"#)
            .keep(&format!("{DB}@AWSPREVIOUS"), "old")
            .keep("/app/token", "t0ken"),
    );
    let (_agent, session) = world.connected().await;
    let log = Secret {
        kind: Some("BOOTSTRAP".into()),
        target: Some("LOG_DRIVER".into()),
        ..secret("splunk-token", "ssm", "/app/token")
    };
    let mut task = with(vec![
        secret("USER", "asm", &format!("{DB}:user::")),
        secret("PASSWORD", "asm", &format!("{DB}:password::")),
        secret("BEFORE", "asm", &format!("{DB}::AWSPREVIOUS:")),
        secret("TOKEN", "ssm", "/app/token"),
        log,
    ]);
    let host_config = r#"{"LogConfig":{"Type":"splunk","Config":{"splunk-url":"x"}}}"#;
    task.containers[0].docker_config =
        Some(DockerConfig { host_config: Some(host_config.into()), ..DockerConfig::default() });
    session.assign("m", vec![task]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;

    let running = world.engine.running();
    let spec = &running[0].spec;
    for (name, value) in
        [("USER", "u"), ("PASSWORD", "hidden"), ("BEFORE", "old"), ("TOKEN", "t0ken")]
    {
        assert_eq!(spec.environment[name], value);
    }
    let options = &spec.engine.host_config["LogConfig"]["Config"];
    assert_eq!((&options["splunk-token"], &options["splunk-url"]), (&"t0ken".into(), &"x".into()));
    let labels = format!("{:?}", spec.labels);
    assert!(!labels.contains("hidden") && !labels.contains("t0ken"), "{labels}");
    let role = Some("ROLE".to_owned());
    let mut asked = sources.asked();
    asked.sort();
    let expected = ["/app/token".to_owned(), DB.to_owned(), format!("{DB}@AWSPREVIOUS")];
    assert_eq!(asked, expected.map(|name| (name, role.clone())));
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_or_missing_stops_the_task_with_ecs_s_reason() {
    let start = "ResourceInitializationError: unable to pull secrets or registry auth: \
                 execution resource retrieval failed: ";
    for (secrets, reason) in [
        (
            vec![secret("A", "asm", "arn:aws:secretsmanager:us-east-1:1:secret:other-AbCdEf")],
            "unable to retrieve secret from asm: failed to fetch secret \
             arn:aws:secretsmanager:us-east-1:1:secret:other-AbCdEf from secrets manager: AccessDeniedException: \
             not authorized to perform: secretsmanager:GetSecretValue (status code: 400)",
        ),
        (
            vec![secret("A", "asm", &format!("{DB}:nothing::"))],
            "unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key nothing",
        ),
        (
            vec![
                secret("A", "ssm", "/gone"),
                secret("B", "ssm", "/also"),
                secret("C", "ssm", "/here"),
            ],
            "unable to retrieve secrets from ssm: invalid ssm parameters: /also, /gone",
        ),
    ] {
        let sources = ScriptedSources::default().keep(DB, "{}").keep("/here", "x");
        let (world, _) = world(sources);
        let (_agent, session) = world.connected().await;
        session.assign("m", vec![with(secrets)]).await;
        let report = world.control_plane.report(&arn("t"), "STOPPED").await;
        assert_eq!(report["reason"], format!("{start}{reason}"));
        assert_eq!(world.running(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_without_an_execution_role_gets_no_secrets_in_the_hosts_name() {
    let (world, sources) = world(ScriptedSources::default().keep("/here", "x"));
    let (_agent, session) = world.connected().await;
    let task =
        acs::Task { execution_role_credentials: None, ..with(vec![secret("A", "ssm", "/here")]) };
    session.assign("m", vec![task]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.ends_with("the task has no execution role"), "{reason}");
    assert_eq!(sources.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_host_promises_secrets_only_if_it_knows_whom_to_ask() {
    let with_secrets = world(ScriptedSources::default().keep("/here", "x")).0;
    for (world, expected) in [(World::new(), 0), (with_secrets, 4)] {
        let _connected = world.connected().await;
        let registration = &world.control_plane.calls("RegisterContainerInstance")[0];
        let attributes = registration["attributes"].as_array().unwrap();
        let names = attributes.iter().filter_map(|attribute| attribute["name"].as_str());
        let promised = names.filter(|name: &&str| name.starts_with("ecs.capability.secrets."));
        assert_eq!(promised.count(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_named_wrongly_is_refused() {
    let (world, sources) = world(ScriptedSources::default());
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![with(vec![secret("A", "asm", &format!("{DB}:key"))])]).await;
    let report: Value = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("an invalid ARN format"), "{reason}");
    assert_eq!(sources.asked(), []);
}
