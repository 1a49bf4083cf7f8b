//! Conversations that Amazon's own agent had, with this agent in its place.
//!
//! What it was told is told again, to the letter; what it said then must be said now. The order within the
//! calls, and within each socket, is the recorded one; between them it is anybody's.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use berth_agent_protocol::transcript::{Bindings, End, Event, Pattern, SocketName, Transcript};
use berth_runtime::fake::{FakeEngine, FakeImage, FakeOptions};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::testing::within;
use crate::{
    AcsSession, Agent, CallError, ControlPlane, DialError, Hangup, Options, Socket, TcsSession,
    TokioClock,
};

struct Call {
    operation: String,
    input: Value,
    answer: oneshot::Sender<Value>,
}

struct Opened {
    query: BTreeMap<String, Value>,
    to_agent: mpsc::Sender<Result<String, Hangup>>,
    from_agent: mpsc::Receiver<String>,
}

/// The agent's view of the replay: all that it does is handed over, and waits for its turn.
struct Stage {
    calls: mpsc::UnboundedSender<Call>,
    acs: mpsc::UnboundedSender<Opened>,
    tcs: mpsc::UnboundedSender<Opened>,
}

#[async_trait]
impl ControlPlane for Stage {
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        let (answer, answered) = oneshot::channel();
        let call = Call { operation: operation.to_owned(), input, answer };
        assert!(self.calls.send(call).is_ok(), "the replay outlives the agent");
        answered.await.map_err(|_| CallError::Unreachable(anyhow::anyhow!("the replay is over")))
    }

    async fn open_acs(&self, _: &str, session: &AcsSession) -> Result<Socket, DialError> {
        Ok(open(&self.acs, session.query()))
    }

    async fn open_tcs(&self, _: &str, session: &TcsSession) -> Result<Socket, DialError> {
        Ok(open(&self.tcs, session.query()))
    }
}

fn open(lobby: &mpsc::UnboundedSender<Opened>, query: Vec<(&'static str, String)>) -> Socket {
    let (outgoing, from_agent) = mpsc::channel(64);
    let (to_agent, incoming) = mpsc::channel(64);
    let query = query.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let opened = Opened { query: query.collect(), to_agent, from_agent };
    assert!(lobby.send(opened).is_ok(), "the replay outlives the agent");
    Socket { outgoing, incoming }
}

struct Replay {
    bindings: Bindings,
    calls: mpsc::UnboundedReceiver<Call>,
    lobbies: BTreeMap<SocketName, mpsc::UnboundedReceiver<Opened>>,
    open: BTreeMap<SocketName, Opened>,
    unanswered: Option<oneshot::Sender<Value>>,
}

impl Replay {
    async fn run(text: &str) {
        let transcript = Transcript::parse(text);
        let (calls, hears) = mpsc::unbounded_channel();
        let (acs, acs_lobby) = mpsc::unbounded_channel();
        let (tcs, tcs_lobby) = mpsc::unbounded_channel();
        let mut replay = Self {
            bindings: transcript.bindings(),
            calls: hears,
            lobbies: [(SocketName::Acs, acs_lobby), (SocketName::Tcs, tcs_lobby)].into(),
            open: BTreeMap::new(),
            unanswered: None,
        };
        let engine = FakeEngine::new(FakeOptions::default());
        engine.load("local/web:1", FakeImage::demo());
        let options = Options {
            clock: Arc::new(TokioClock::starting_at(FakeOptions::default().epoch)),
            seed: 1,
            ..Options::new("default")
        };
        let stage = Arc::new(Stage { calls, acs, tcs });
        let _agent = Agent::start(options, Arc::new(engine.runtime("agent")), stage);
        for line in transcript.of(End::Agent) {
            if let Err(difference) = replay.step(&line.event).await {
                panic!("line {}: {difference}", line.number);
            }
        }
    }

    async fn step(&mut self, event: &Event) -> Result<(), String> {
        match event {
            // It is told in the server's own words, which follow.
            Event::ClientCall { .. } => {}
            Event::AgentCall { operation, input } => {
                let call = self.next_call().await?;
                if call.operation != *operation {
                    return Err(format!("the agent calls {} {}", call.operation, call.input));
                }
                self.unanswered = Some(call.answer);
                return self.check(input, &call.input);
            }
            Event::Answer(answer) => {
                let answer = answer.fill(&mut self.bindings);
                let asked = self.unanswered.take().ok_or("nobody asked")?;
                asked.send(answer).map_err(|_| "the agent did not wait for it")?;
            }
            Event::Open { socket, query } => {
                let lobby = self.lobbies.get_mut(socket).expect("there is one of each");
                let opened = within(lobby.recv()).await.ok_or("the agent has ended")?;
                self.check_query(query, &opened.query)?;
                self.open.insert(*socket, opened);
            }
            Event::Frame { from: End::Agent, socket, frame } => {
                let opened = self.open.get_mut(socket).ok_or("it is not open")?;
                let text = within(opened.from_agent.recv()).await.ok_or("the agent hung up")?;
                let mut found = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                leave_out_file_systems(&mut found);
                return self.check(frame, &found);
            }
            Event::Frame { from: End::Server, socket, frame } => {
                let text = frame.fill(&mut self.bindings).to_string();
                let opened = self.open.get(socket).ok_or("it is not open")?;
                opened.to_agent.send(Ok(text)).await.map_err(|_| "the agent hung up")?;
            }
            Event::HangUp { from: End::Agent, socket } => {
                let mut opened = self.open.remove(socket).ok_or("it is not open")?;
                if let Some(text) = within(opened.from_agent.recv()).await {
                    return Err(format!("the agent goes on: {text}"));
                }
            }
            Event::HangUp { from: End::Server, socket } => {
                let opened = self.open.remove(socket).ok_or("it is not open")?;
                let hangup = Hangup { code: 1000, reason: String::new() };
                opened.to_agent.send(Err(hangup)).await.map_err(|_| "the agent hung up")?;
            }
            Event::Pause(time) => tokio::time::sleep(*time).await,
        }
        Ok(())
    }

    /// AWS: its agent may tell of a task that is still PENDING, and mostly does not.
    async fn next_call(&mut self) -> Result<Call, String> {
        loop {
            let call = within(self.calls.recv()).await.ok_or("the agent has ended")?;
            if call.input["status"] != "PENDING" {
                return Ok(call);
            }
            call.answer.send(json!({"acknowledgment": "ACCEPT"})).map_err(|_| "it did not wait")?;
        }
    }

    fn check_query(
        &mut self,
        expected: &BTreeMap<String, Pattern>,
        found: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        if !expected.keys().eq(found.keys()) {
            return Err(format!("the query is {found:?}"));
        }
        expected.iter().try_for_each(|(name, value)| self.check(value, &found[name]))
    }

    fn check(&mut self, expected: &Pattern, found: &Value) -> Result<(), String> {
        expected
            .check(found, &mut self.bindings)
            .map_err(|mismatch| format!("{mismatch}\nin {found}"))
    }
}

/// AWS: the protocol has a place for how full an instance's file systems are; its agent for EC2 leaves it empty.
fn leave_out_file_systems(frame: &mut Value) {
    if let Some(message) = frame.pointer_mut("/message").and_then(Value::as_object_mut) {
        message.remove("instanceMetrics");
    }
}

macro_rules! replayed {
    ($($name:ident),+ $(,)?) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let text =
                include_str!(concat!("../../agent-protocol/transcripts/", stringify!($name), ".txt"));
            Replay::run(text).await;
        }
    )+};
}

replayed!(credentials, join, task, stop_verification);
