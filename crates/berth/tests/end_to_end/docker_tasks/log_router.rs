//! FireLens with a real engine: what a container prints arrives at its task's router.

use std::fs;

use berth_test_server::{json, until};

use super::{container, definition, host_and_ecs, of_name};
use crate::ecs::text;

#[test]
fn what_a_container_prints_arrives_at_the_router() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let router = container(
        "router",
        json!({
            "command": ["route-logs"],
            "firelensConfiguration": { "type": "fluentbit" },
            "portMappings": [{ "containerPort": 80 }],
        }),
    );
    let app = container(
        "app",
        json!({
            "command": ["print-env"],
            "essential": false,
            "environment": [{ "name": "SAID", "value": "hello" }],
            "logConfiguration": {
                "logDriver": "awsfirelens",
                "options": { "Name": "stdout", "log-driver-buffer-limit": "65536" },
            },
        }),
    );
    // The app is named first: that the router starts before it is FireLens's own doing.
    let task = ecs.launch(definition("routed", json!([app, router])));
    let arn = text(&task["taskArn"]);
    let id = arn.rsplit('/').next().expect("an ARN has parts");
    let port = &of_name(&task, "router")["networkBindings"][0]["hostPort"];
    let port = port.as_u64().and_then(|port| port.try_into().ok()).expect("the port is mapped");
    let said = format!("app-firelens-{id}: SAID=hello\n");
    let heard = until("the router has heard it", || {
        let heard = host.engine.http_get(port, "/logs").map_err(|error| error.to_string())?;
        if heard.contains(&said) { Ok(heard) } else { Err(heard) }
    });
    assert!(heard.contains(&format!("app-firelens-{id}: FLUENT_HOST=172.")), "{heard}");
    assert!(heard.contains(&format!("app-firelens-{id}: FLUENT_PORT=24224\n")), "{heard}");

    let folder = host.home.path().join("agent/firelens").join(id);
    let config = fs::read_to_string(folder.join("config/fluent.conf")).expect("it was written");
    let expected = include_str!("log_router/fluent-bit.conf").replace("<task>", &arn);
    assert_eq!(config, expected);
}
