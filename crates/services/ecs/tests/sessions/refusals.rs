//! Who is not let in, who is put out, and what an agent may not say.

use berth_ecs::tables::ContainerInstance;
use serde_json::{Value, json};

use super::world::{World, text};

async fn refused(world: &World, host: &str, socket: &str, instance: &str) -> (u16, Value) {
    match world.open(host, socket, instance).await {
        Ok(_) => panic!("{host} was let in as {instance}"),
        Err(response) => {
            (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_instance_is_put_out_and_not_let_in_again() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let instance = agent.instance.clone();
    world
        .ask(
            "DeregisterContainerInstance",
            json!({"cluster": "web", "containerInstance": instance}),
        )
        .await;
    let message = agent.next("InactiveInstanceException").await;
    assert_eq!(message, json!({"message": "The container instance is deregistered."}));
    agent.until_dropped().await;
    for socket in ["acs", "tcs"] {
        let bare = json!({"InactiveInstanceException": "The container instance is deregistered."});
        assert_eq!(refused(&world, "host", socket, &instance).await, (400, bare));
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_get_the_bare_form_before_the_upgrade() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let unknown =
        instance.replace(&instance[instance.len() - 32..], "00000000000000000000000000000000");
    for socket in ["acs", "tcs"] {
        let (status, body) = refused(&world, "host", socket, &unknown).await;
        assert_eq!(
            (status, body),
            (400, json!({"InvalidInstanceException": "There is no such container instance."}))
        );
        let (status, body) = refused(&world, "host", socket, "nonsense").await;
        assert_eq!(status, 400);
        assert_eq!(
            body["InvalidInstanceException"],
            "containerInstanceId length should be one of [32,36]"
        );
        let (status, body) = refused(&world, "host", socket, "").await;
        assert_eq!(
            (status, body),
            (400, json!({"BadRequestException": "The query has no containerInstanceArn."}))
        );
    }
    world
        .ask(
            "DeregisterContainerInstance",
            json!({"cluster": "web", "containerInstance": instance}),
        )
        .await;
    world.ask("DeleteCluster", json!({"cluster": "web"})).await;
    let (status, body) = refused(&world, "host", "acs", &instance).await;
    assert_eq!((status, body), (400, json!({"InvalidClusterException": "Cluster not found."})));
}

#[tokio::test(start_paused = true)]
async fn an_agent_speaks_only_for_what_it_registered() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let task = world.run_task().await;
    let theirs = "The container instance was registered with other credentials.";
    for socket in ["acs", "tcs"] {
        let refusal = refused(&world, "intruder", socket, &instance).await;
        assert_eq!(refusal, (403, json!({"AccessDeniedException": theirs})));
    }
    let end = json!({"cluster": "web", "task": task, "status": "STOPPED"});
    let (status, answer) = world.ask_as("intruder", "SubmitTaskStateChange", end.clone()).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("AccessDeniedException")));
    let end_of_container =
        json!({"cluster": "web", "task": task, "containerName": "main", "status": "STOPPED"});
    let (status, answer) =
        world.ask_as("intruder", "SubmitContainerStateChange", end_of_container).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("AccessDeniedException")));
    let resources = json!([
        {"name": "CPU", "type": "INTEGER", "integerValue": 1}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 6},
    ]);
    let come_back =
        json!({"cluster": "web", "containerInstanceArn": instance, "totalResources": resources});
    let (status, answer) = world.ask_as("intruder", "RegisterContainerInstance", come_back).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("AccessDeniedException")));
    assert_eq!(world.task(&task).await["lastStatus"], "PENDING");

    let (status, _) = world.ask_as("host", "SubmitTaskStateChange", end).await;
    assert_eq!(status, 200);
    assert_eq!(world.task(&task).await["lastStatus"], "STOPPED");
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_no_message_ends_the_session_with_a_reason() {
    let world = World::new().await;
    for nonsense in [
        "",
        "}",
        "[]",
        "{\"type\": 7}",
        "{\"type\": \"AckRequest\", \"message\": {\"messageId\": 7}}",
    ] {
        let mut agent = world.agent("host").await;
        agent.say_text(nonsense).await;
        let message = agent.next("BadRequestException").await["message"].to_string();
        assert!(message.contains("The message was not understood: "), "{message}");
        agent.until_dropped().await;
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_newer_agent_and_its_complaints_are_passed_over() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    agent.say("MessageFromTheFuture", json!({"messageId": "1"})).await;
    agent.say("ServerException", json!({"message": "I am confused"})).await;
    agent
        .say(
            "IAMRoleCredentialsAckRequest",
            json!({"messageId": "1", "credentialsId": "2", "expiration": "3"}),
        )
        .await;
    world.run_task().await;
    agent.take_payload().await;
}

#[tokio::test(start_paused = true)]
async fn the_agent_s_versions_are_taken_from_its_query() {
    let world = World::new().await;
    let agent = world.agent("host").await;
    let shown = world.instance(&agent.instance).await;
    let versions = json!({"agentHash": "abc", "agentVersion": "1.105.1", "dockerVersion": "DockerVersion: 27.0.0"});
    assert_eq!(shown["versionInfo"], versions);
    let view = world.ecs.cell.snapshot();
    let instances = view.table::<ContainerInstance>();
    let owners: Vec<&str> =
        instances.iter().map(|instance| instance.registered_by.as_str()).collect();
    assert_eq!(owners, ["arn:aws:sts::123456789012:assumed-role/berth-container-instance/host"]);
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_is_sent_again_makes_no_second_instance() {
    let world = World::new().await;
    world.ask("CreateCluster", json!({"clusterName": "other"})).await;
    let register = async |cluster: &str, token: &str, cpu: u32| {
        let resources = json!([
            {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 64},
        ]);
        let input = json!({"cluster": cluster, "clientToken": token, "totalResources": resources});
        let (status, answer) = world.ask_as("host", "RegisterContainerInstance", input).await;
        assert_eq!(status, 200, "{answer}");
        text(&answer, "/containerInstance/containerInstanceArn")
    };
    let first = register("web", "token", 1).await;
    assert_eq!(register("web", "token", 2).await, first, "its host may say something else by now");
    assert_eq!(register("web", "another", 1).await, first, "a host is one instance of a cluster");
    assert!(
        register("other", "token", 1).await.contains("/other/"),
        "a token is no way into another cluster"
    );
}

#[tokio::test(start_paused = true)]
async fn a_host_is_the_same_instance_until_it_is_deregistered() {
    let world = World::new().await;
    let first = world.register("i-0123456789abcdef0").await;
    assert_eq!(world.instance(&first).await["ec2InstanceId"], "i-0123456789abcdef0");
    assert_eq!(world.register("i-0123456789abcdef0").await, first, "its agent has forgotten");
    assert_ne!(world.register("i-0123456789abcdef1").await, first);
    world
        .ask("DeregisterContainerInstance", json!({"cluster": "web", "containerInstance": first}))
        .await;
    assert_ne!(world.register("i-0123456789abcdef0").await, first);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_launch_type_external_run_on_external_hosts_and_no_others() {
    let world = World::new().await;
    let ours = world.register("i-0123456789abcdef0").await;
    let external = world.register("mi-0123456789abcdef0").await;
    let attributes = world.instance(&external).await["attributes"].to_string();
    assert!(attributes.contains("ecs.capability.external"), "{attributes}");
    world.register_task_definition().await;
    for (launch_type, place) in [("EXTERNAL", &external), ("EC2", &ours)] {
        for _ in 0..2 {
            let input =
                json!({"cluster": "web", "taskDefinition": "sleep", "launchType": launch_type});
            let answer = world.ask("RunTask", input).await;
            assert_eq!(&text(&answer, "/tasks/0/containerInstanceArn"), place);
            assert_eq!(text(&answer, "/tasks/0/launchType"), launch_type);
        }
    }
    let resources = json!([
        {"name": "CPU", "type": "INTEGER", "integerValue": 1}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 6},
    ]);
    let pretending = json!({
        "cluster": "web", "totalResources": resources, "attributes": [{"name": "ecs.capability.external"}],
    });
    let (status, answer) =
        world.ask_as("i-0123456789abcdef0", "RegisterContainerInstance", pretending).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("InvalidParameterException")));
}

#[tokio::test(start_paused = true)]
async fn an_agent_names_only_what_is_its_own() {
    let world = World::new().await;
    let (mine, theirs) = (world.register("i-1").await, world.register("i-2").await);
    let task = world.run_task().await;
    let place = text(&world.task(&task).await, "/containerInstanceArn");
    let other = if place == mine { "i-2" } else { "i-1" };
    for (agent, operation, input) in [
        (
            "i-1",
            "UpdateContainerInstancesState",
            json!({"cluster": "web", "containerInstances": [theirs], "status": "DRAINING"}),
        ),
        ("i-1", "ListTagsForResource", json!({"resourceArn": theirs})),
        (other, "ListTagsForResource", json!({"resourceArn": task})),
        (other, "GetTaskProtection", json!({"cluster": "web", "tasks": [task]})),
        (
            other,
            "UpdateTaskProtection",
            json!({"cluster": "web", "tasks": [task], "protectionEnabled": true}),
        ),
    ] {
        let (status, answer) = world.ask_as(agent, operation, input).await;
        assert_eq!(
            (status, &answer["__type"]),
            (400, &json!("AccessDeniedException")),
            "{operation}"
        );
        let words =
            format!("is not authorized to perform: ecs:{operation} on resource: arn:aws:ecs:");
        assert!(answer["message"].as_str().unwrap().contains(&words), "{answer}");
    }
    let own = json!({"cluster": "web", "containerInstances": [mine], "status": "DRAINING"});
    let (status, answer) = world.ask_as("i-1", "UpdateContainerInstancesState", own).await;
    assert_eq!((status, &answer["containerInstances"][0]["status"]), (200, &json!("DRAINING")));
    let (status, _) =
        world.ask_as("i-1", "ListTagsForResource", json!({"resourceArn": mine})).await;
    assert_eq!(status, 200);
}
