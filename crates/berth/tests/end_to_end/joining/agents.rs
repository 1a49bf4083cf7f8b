//! What a host's credentials open, asked by a host that behaves badly: over HTTP and over web sockets.

use std::sync::Arc;

use berth_agent::{
    AcsSession, ControlPlane, CredentialProvider, DialError, HostCalls, HostIdentity,
    HttpControlPlane, IdentityFile, JoinGrant, JsonService, NotJoined, RotatingCredentials,
};
use berth_agent_protocol::ExceptionKind;
use berth_aws_protocol::sigv4::Credentials;
use berth_test_server::{Home, Value, json};
use tempfile::TempDir;

use super::serve;
use crate::ecs::{Ecs, text};
use crate::host::home;

const REGION: &str = "us-east-1";

/// Takes away what a host may do, as the administrator.
pub fn deregister(control_plane: &Home, host_id: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for one call");
    runtime.block_on(deregister_now(control_plane, host_id));
}

async fn deregister_now(control_plane: &Home, host_id: &str) {
    let key = control_plane.key();
    let key = Credentials::new(key.id, key.secret);
    let administrator = HttpControlPlane::new(&control_plane.endpoint(), REGION, key);
    let administrator = administrator.expect("the server's address is one");
    let input = json!({ "InstanceId": host_id });
    let answer = administrator.call_service(JsonService::SSM, "DeregisterManagedInstance", input);
    answer.await.expect("there is such a host");
}

/// A host without an agent: what it has, and what it can ask.
struct Imposter {
    _folder: TempDir,
    host_id: String,
    credentials: Arc<RotatingCredentials>,
    control_plane: HttpControlPlane,
}

impl Imposter {
    async fn joins(control_plane: &Home) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = IdentityFile::new(folder.path().join("identity.json"));
        let calls = HostCalls::new(&control_plane.endpoint()).expect("an address");
        let grant: JoinGrant = control_plane.token(&[]).parse().expect("it is one");
        let identity =
            HostIdentity::join(&file, NotJoined::afresh(), &calls, &grant, None).await.expect("in");
        let credentials = Arc::new(RotatingCredentials::start(identity.clone(), calls));
        let endpoint = control_plane.endpoint();
        Self {
            _folder: folder,
            host_id: identity.host_id().to_owned(),
            control_plane: HttpControlPlane::new(&endpoint, REGION, credentials.clone())
                .expect("the server's address is one"),
            credentials,
        }
    }

    async fn register(&self) -> String {
        let input = json!({ "cluster": "default", "totalResources": [
            { "name": "CPU", "type": "INTEGER", "integerValue": 1024 },
            { "name": "MEMORY", "type": "INTEGER", "integerValue": 1024 },
        ]});
        let answer = self.control_plane.call("RegisterContainerInstance", input).await;
        text(&answer.expect("it may")["containerInstance"]["containerInstanceArn"])
    }

    async fn is_refused(&self, operation: &str, input: Value) -> String {
        let answer = self.control_plane.call(operation, input).await;
        answer.expect_err("it may not").to_string()
    }

    async fn open(&self, instance: &str) -> Result<berth_agent::Socket, DialError> {
        let input = json!({ "cluster": "default", "containerInstance": instance });
        let found = self.control_plane.call("DiscoverPollEndpoint", input).await.expect("it may");
        let session = AcsSession {
            cluster: "default".to_owned(),
            container_instance: instance.to_owned(),
            agent_version: "0.0.0".to_owned(),
            agent_hash: "none".to_owned(),
            docker_version: "0.0.0".to_owned(),
            send_credentials: true,
        };
        self.control_plane.open_acs(&text(&found["endpoint"]), &session).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_s_key_is_good_for_its_own_host_and_nothing_else() {
    let control_plane = home();
    let (_server, ecs) = serve(&control_plane, &[]);
    let mine = Imposter::joins(&control_plane).await;
    let other = Imposter::joins(&control_plane).await;
    let (my_instance, others_instance) = (mine.register().await, other.register().await);
    assert_eq!(mine.register().await, my_instance, "one host, one instance");

    for (operation, input) in [
        ("RunTask", json!({ "taskDefinition": "web" })),
        ("StopTask", json!({ "task": "0".repeat(32) })),
        ("DescribeTasks", json!({ "tasks": ["0".repeat(32)] })),
        ("ListTasks", json!({})),
        ("DescribeContainerInstances", json!({ "containerInstances": [others_instance] })),
        ("DeregisterContainerInstance", json!({ "containerInstance": others_instance })),
        ("CreateCluster", json!({ "clusterName": "mine" })),
        ("TagResource", json!({ "resourceArn": my_instance, "tags": [] })),
    ] {
        let told = mine.is_refused(operation, input).await;
        let words = format!(
            "AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role/berth-container-instance/{} \
             is not authorized to perform: ecs:{operation} on resource: * because no identity-based policy \
             allows the ecs:{operation} action",
            mine.host_id
        );
        assert_eq!(told, words);
    }
    let drain = json!({ "containerInstances": [others_instance], "status": "DRAINING" });
    let told = mine.is_refused("UpdateContainerInstancesState", drain).await;
    assert!(told.starts_with("AccessDeniedException") && told.contains(&others_instance), "{told}");
    let token = control_plane.token(&[]);
    let id = token.split_once('.').expect("an id and a code").0;
    let of_ssm = mine.control_plane.call_service(
        JsonService::SSM,
        "DeleteActivation",
        json!({ "ActivationId": id }),
    );
    let told = of_ssm.await.expect_err("it may not").to_string();
    assert!(told.contains("ssm:DeleteActivation"), "{told}");

    match mine.open(&others_instance).await {
        Err(DialError::Refused(exception)) => {
            assert_eq!(exception.kind, ExceptionKind::AccessDenied);
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a host was let in as another"),
    }
    assert!(mine.open(&my_instance).await.is_ok());
    assert_is_registered(&ecs, &others_instance);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_deregistered_is_cut_off_where_it_stands() {
    let control_plane = home();
    let (_server, ecs) = serve(&control_plane, &[]);
    let host = Imposter::joins(&control_plane).await;
    let instance = host.register().await;
    let mut socket = host.open(&instance).await.expect("it is its own");
    socket.incoming.recv().await.expect("a manifest comes").expect("it is a frame");
    let before = host.credentials.credentials().await.expect("they are good still");

    deregister_now(&control_plane, &host.host_id).await;
    while let Some(Ok(_)) = socket.incoming.recv().await {}
    let old = HttpControlPlane::new(&control_plane.endpoint(), REGION, before);
    let input = json!({ "cluster": "default", "containerInstance": instance });
    let told = old.expect("an address").call("DiscoverPollEndpoint", input).await;
    let code = told.expect_err("the key is gone").code().map(str::to_owned);
    assert_eq!(code.as_deref(), Some("UnrecognizedClientException"));
    let why = host.credentials.unknown();
    host.credentials.doubt();
    assert!(why.await.contains("it was deregistered"));
    assert_is_registered(&ecs, &instance);
}

/// The container instance is ECS's matter, and stays.
fn assert_is_registered(ecs: &Ecs, instance: &str) {
    let input = json!({ "containerInstances": [instance] });
    let shown = ecs.api.call("DescribeContainerInstances", input);
    assert_eq!(shown["containerInstances"][0]["status"], "ACTIVE");
}
