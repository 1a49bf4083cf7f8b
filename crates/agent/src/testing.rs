//! A control plane that does what a test tells it, and a host to put an agent on.

pub(crate) mod http_server;
pub(crate) mod sources;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_agent_protocol::{Exception, acs, tcs};
use berth_aws_protocol::sigv4::Credentials;
use berth_runtime::fake::{FakeEngine, FakeImage, FakeOptions};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::host::Host;
use crate::{
    AcsSession, Agent, CallError, ControlPlane, DialError, Handle, Hangup, Options, Socket,
    TcsSession, TokioClock,
};

pub(crate) const CLUSTER: &str = "c";
pub(crate) const CLUSTER_ARN: &str = "arn:aws:ecs:us-east-1:123456789012:cluster/c";
pub(crate) const INSTANCE: &str =
    "arn:aws:ecs:us-east-1:123456789012:container-instance/c/0123456789abcdef0123456789abcdef";

/// An image that is on every test's host, and does what its command says.
pub(crate) const IMAGE: &str = "demo:1";

pub(crate) struct ScriptedControlPlane {
    script: Mutex<Script>,
    calls: watch::Sender<Vec<(String, Value)>>,
    acs: Lobby<AcsSession>,
    tcs: Lobby<TcsSession>,
}

#[derive(Default)]
struct Script {
    failures: BTreeMap<String, VecDeque<CallError>>,
    answers: BTreeMap<String, Value>,
    /// The access keys of calls in another's name, in order.
    keys: Vec<String>,
    refusals: VecDeque<Exception>,
    is_cut_off: bool,
}

/// Sessions that were opened and not yet looked at.
struct Lobby<S> {
    enter: mpsc::UnboundedSender<ServerSocket<S>>,
    leave: tokio::sync::Mutex<mpsc::UnboundedReceiver<ServerSocket<S>>>,
}

/// The server's end of a session.
pub(crate) struct ServerSocket<S> {
    pub(crate) session: S,
    to_agent: mpsc::Sender<Result<String, Hangup>>,
    from_agent: mpsc::Receiver<String>,
}

impl<S> Lobby<S> {
    fn new() -> Self {
        let (enter, leave) = mpsc::unbounded_channel();
        Self { enter, leave: tokio::sync::Mutex::new(leave) }
    }

    fn open(&self, session: S) -> Socket {
        let (outgoing, from_agent) = mpsc::channel(64);
        let (to_agent, incoming) = mpsc::channel(64);
        assert!(self.enter.send(ServerSocket { session, to_agent, from_agent }).is_ok());
        Socket { outgoing, incoming }
    }

    async fn next(&self) -> ServerSocket<S> {
        within(async { self.leave.lock().await.recv().await })
            .await
            .expect("the lobby is never closed")
    }
}

impl<S> ServerSocket<S> {
    pub(crate) async fn text(&self, text: impl Into<String>) {
        self.to_agent.send(Ok(text.into())).await.expect("the agent listens");
    }

    pub(crate) async fn hang_up(self, code: u16) {
        let _ = self.to_agent.send(Err(Hangup { code, reason: String::new() })).await;
    }

    /// `None` if the agent hung up.
    pub(crate) async fn next_text(&mut self) -> Option<String> {
        within(self.from_agent.recv()).await
    }
}

impl ServerSocket<AcsSession> {
    pub(crate) async fn send(&self, frame: impl Into<acs::FromServer>) {
        self.text(frame.into().encode()).await;
    }

    pub(crate) async fn next(&mut self) -> acs::FromAgent {
        let text = self.next_text().await.expect("the agent holds the session");
        acs::FromAgent::decode(&text).unwrap()
    }

    /// That nothing is said within a time in which anything due would have been.
    pub(crate) async fn expect_nothing(&mut self) {
        let heard = tokio::time::timeout(Duration::from_secs(5), self.from_agent.recv()).await;
        assert!(heard.is_err(), "unexpected: {heard:?}");
    }

    pub(crate) async fn assign(&self, message_id: &str, tasks: Vec<acs::Task>) {
        self.send(payload(message_id, None, tasks)).await;
    }
}

impl ServerSocket<TcsSession> {
    pub(crate) async fn next(&mut self) -> tcs::FromAgent {
        let text = self.next_text().await.expect("the agent holds the session");
        tcs::FromAgent::decode(&text).unwrap()
    }
}

impl ScriptedControlPlane {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::default(),
            calls: watch::Sender::new(Vec::new()),
            acs: Lobby::new(),
            tcs: Lobby::new(),
        })
    }

    /// The next call of the operation fails so.
    pub(crate) fn fail_next(&self, operation: &str, code: &str) {
        let error = CallError::Refused {
            code: code.to_owned(),
            status: 400,
            message: "scripted".to_owned(),
        };
        self.script().failures.entry(operation.to_owned()).or_default().push_back(error);
    }

    /// From now on the operation is answered so.
    pub(crate) fn answer(&self, operation: &str, answer: Value) {
        self.script().answers.insert(operation.to_owned(), answer);
    }

    /// The access keys of calls that were made in another's name.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.script().keys.clone()
    }

    /// The next assignment session is refused so.
    pub(crate) fn refuse_next_session(&self, exception: Exception) {
        self.script().refusals.push_back(exception);
    }

    /// Nobody gets through until it is healed. Open sessions stay.
    pub(crate) fn cut_off(&self, is_cut_off: bool) {
        self.script().is_cut_off = is_cut_off;
    }

    pub(crate) fn calls(&self, operation: &str) -> Vec<Value> {
        of_operation(&self.calls.borrow(), operation)
    }

    /// Waits for a call that looks so.
    pub(crate) async fn call_where(
        &self,
        operation: &str,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut calls = self.calls.subscribe();
        let find = |calls: &Vec<(String, Value)>| {
            of_operation(calls, operation).into_iter().find(|input| is_wanted(input))
        };
        let found =
            tokio::time::timeout(PATIENCE, calls.wait_for(|calls| find(calls).is_some())).await;
        match found {
            Ok(calls) => find(&calls.expect("the sender is in self")).expect("just found"),
            Err(_) => panic!("no such {operation} among {:#?}", self.calls(operation)),
        }
    }

    /// Waits for a report of the task with this status.
    pub(crate) async fn report(&self, arn: &str, status: &str) -> Value {
        self.call_where("SubmitTaskStateChange", |report| {
            report["task"] == arn && report["status"] == status
        })
        .await
    }

    pub(crate) fn reports(&self, arn: &str) -> Vec<Value> {
        self.calls("SubmitTaskStateChange")
            .into_iter()
            .filter(|report| report["task"] == arn)
            .collect()
    }

    pub(crate) async fn next_acs(&self) -> ServerSocket<AcsSession> {
        self.acs.next().await
    }

    pub(crate) async fn next_tcs(&self) -> ServerSocket<TcsSession> {
        self.tcs.next().await
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_operation(calls: &[(String, Value)], operation: &str) -> Vec<Value> {
    calls.iter().filter(|(name, _)| name == operation).map(|(_, input)| input.clone()).collect()
}

#[async_trait]
impl ControlPlane for ScriptedControlPlane {
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        if self.script().is_cut_off {
            return Err(CallError::Unreachable(anyhow::anyhow!("cut off")));
        }
        self.calls.send_modify(|calls| calls.push((operation.to_owned(), input.clone())));
        if let Some(error) = self.script().failures.get_mut(operation).and_then(VecDeque::pop_front)
        {
            return Err(error);
        }
        if let Some(answer) = self.script().answers.get(operation) {
            return Ok(answer.clone());
        }
        match operation {
            "RegisterContainerInstance" => Ok(json!({
                "containerInstance": {
                    "containerInstanceArn": INSTANCE,
                    "attributes": input["attributes"],
                }
            })),
            "DiscoverPollEndpoint" => {
                Ok(json!({ "endpoint": "test://acs", "telemetryEndpoint": "test://tcs" }))
            }
            "SubmitTaskStateChange" => Ok(json!({ "acknowledgment": "ok" })),
            other => panic!("the agent never calls {other}"),
        }
    }

    async fn call_as(
        &self,
        credentials: &Credentials,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        self.script().keys.push(credentials.access_key_id.clone());
        self.call(operation, input).await
    }

    async fn open_acs(&self, endpoint: &str, session: &AcsSession) -> Result<Socket, DialError> {
        assert_eq!(endpoint, "test://acs");
        let mut script = self.script();
        if script.is_cut_off {
            return Err(DialError::Failed(anyhow::anyhow!("cut off")));
        }
        match script.refusals.pop_front() {
            Some(exception) => Err(DialError::Refused(exception)),
            None => Ok(self.acs.open(session.clone())),
        }
    }

    async fn open_tcs(&self, endpoint: &str, session: &TcsSession) -> Result<Socket, DialError> {
        assert_eq!(endpoint, "test://tcs");
        if self.script().is_cut_off {
            return Err(DialError::Failed(anyhow::anyhow!("cut off")));
        }
        Ok(self.tcs.open(session.clone()))
    }
}

/// Longer, in paused time, than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(4 * 60 * 60);

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it happens in time")
}

/// A host with an engine, and what outlives an agent on it.
pub(crate) struct World {
    pub(crate) engine: FakeEngine,
    pub(crate) control_plane: Arc<ScriptedControlPlane>,
    pub(crate) options: Options,
}

impl World {
    pub(crate) fn new() -> Self {
        let fake = FakeOptions::default();
        let epoch = fake.epoch;
        let engine = FakeEngine::new(fake);
        engine.load(IMAGE, FakeImage::demo());
        let options = Options {
            clock: Arc::new(TokioClock::starting_at(epoch)),
            seed: 1,
            ..Options::new(CLUSTER)
        };
        Self { engine, control_plane: ScriptedControlPlane::new(), options }
    }

    pub(crate) fn start(&self) -> Handle {
        let runtime = Arc::new(self.engine.runtime("agent"));
        Agent::start(self.options.clone(), runtime, self.control_plane.clone())
    }

    /// A started agent, and the server's end of its first assignment session.
    pub(crate) async fn connected(&self) -> (Handle, ServerSocket<AcsSession>) {
        let agent = self.start();
        let socket = self.control_plane.next_acs().await;
        (agent, socket)
    }

    pub(crate) fn running(&self) -> usize {
        self.engine.running().len()
    }

    /// Waits until the host looks so.
    pub(crate) async fn until(&self, is_so: impl Fn(&FakeEngine) -> bool) {
        within(async {
            while !is_so(&self.engine) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }
}

/// An agent's shared state on this world's host, with nothing running.
pub(crate) fn host_on(world: &World) -> Arc<Host> {
    let runtime = Arc::new(world.engine.runtime("agent"));
    Arc::new(Host::new(world.options.clone(), runtime, world.control_plane.clone()))
}

/// An agent's shared state, with nothing running.
pub(crate) fn idle_host(options: Options, control_plane: Arc<ScriptedControlPlane>) -> Arc<Host> {
    let engine = FakeEngine::new(FakeOptions::default());
    Arc::new(Host::new(options, Arc::new(engine.runtime("agent")), control_plane))
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:ecs:us-east-1:123456789012:task/c/{name}")
}

pub(crate) fn payload(
    message_id: &str,
    seq_num: Option<i64>,
    tasks: Vec<acs::Task>,
) -> acs::PayloadMessage {
    acs::PayloadMessage {
        message_id: message_id.to_owned(),
        cluster_arn: CLUSTER_ARN.to_owned(),
        container_instance_arn: INSTANCE.to_owned(),
        seq_num,
        tasks,
        ..acs::PayloadMessage::default()
    }
}

/// A task to run, with these containers.
pub(crate) fn task(name: &str, containers: Vec<acs::Container>) -> acs::Task {
    acs::Task {
        arn: arn(name),
        task_cluster_arn: Some(CLUSTER_ARN.to_owned()),
        desired_status: Some(acs::DesiredStatus::Running),
        family: "family".to_owned(),
        version: "1".to_owned(),
        containers,
        network_mode: Some("bridge".to_owned()),
        ..acs::Task::default()
    }
}

/// What a server sends to stop a task.
pub(crate) fn stop(name: &str) -> acs::Task {
    acs::Task {
        arn: arn(name),
        desired_status: Some(acs::DesiredStatus::Stopped),
        ..acs::Task::default()
    }
}

/// An essential container that runs this command of the demo image.
pub(crate) fn container(name: &str, command: &[&str]) -> acs::Container {
    acs::Container {
        name: name.to_owned(),
        image: IMAGE.to_owned(),
        essential: true,
        memory: Some(64),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        ..acs::Container::default()
    }
}

pub(crate) fn ack(message_id: &str) -> acs::FromAgent {
    acs::AckRequest {
        cluster: CLUSTER_ARN.to_owned(),
        container_instance: INSTANCE.to_owned(),
        message_id: message_id.to_owned(),
    }
    .into()
}
