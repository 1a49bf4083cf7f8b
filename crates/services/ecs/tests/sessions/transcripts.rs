//! Conversations that Amazon's own agent had, with this control plane in its old place.
//!
//! What the agent said is said again, to the letter; what it was told then must be told now.

use std::collections::BTreeMap;
use std::fmt::Write;

use berth_agent_protocol::transcript::{Bindings, End, Event, Pattern, SocketName, Transcript};
use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::agent::Agent;
use super::world::{PEER, World, signed};

/// The agent signs with it. An external host: the recorded agent says that it is one.
const HOST: &str = "mi-0123456789abcdef0";

/// AWS: what its agent puts before every frame of telemetry.
const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=mi-0123456789abcdef0/20260102/us-east-1/ecs/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00\r\n\
                      Host: 127.0.0.1:4566\r\nX-Amz-Date: 20260102T030405Z\r\n\r\n";

struct Replay {
    world: World,
    bindings: Bindings,
    sockets: BTreeMap<SocketName, Agent>,
    answer: Value,
}

impl Replay {
    async fn run(text: &str) {
        let transcript = Transcript::parse(text);
        let mut replay = Self {
            world: World::new().await,
            bindings: transcript.bindings(),
            sockets: BTreeMap::new(),
            answer: Value::Null,
        };
        for line in transcript.of(End::Server) {
            if let Err(difference) = replay.step(&line.event).await {
                panic!("line {}: {difference}", line.number);
            }
        }
    }

    async fn step(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::ClientCall { operation, input } => {
                let input = input.fill(&mut self.bindings);
                self.world.ask(operation, input).await;
            }
            Event::AgentCall { operation, input } => {
                let input = input.fill(&mut self.bindings);
                let (status, answer) = self.world.ask_as(HOST, operation, input).await;
                if status != 200 {
                    return Err(format!("{operation} is refused: {answer}"));
                }
                self.answer = answer;
            }
            Event::Answer(expected) => return self.check(expected, &self.answer.clone()),
            Event::Open { socket, query } => self.open(*socket, query).await?,
            Event::Frame { from: End::Agent, socket, frame } => {
                let text = frame.fill(&mut self.bindings).to_string();
                let header = if *socket == SocketName::Tcs { SIGNED } else { "" };
                self.socket(*socket)?.say_text(&format!("{header}{text}")).await;
            }
            Event::Frame { from: End::Server, socket, frame } => {
                let found = self.socket(*socket)?.frame().await;
                return self.check(frame, &found);
            }
            Event::HangUp { from: End::Agent, socket } => {
                let open = self.sockets.remove(socket).ok_or("it is not open")?;
                open.hang_up().await;
            }
            Event::HangUp { from: End::Server, socket } => {
                let open = self.sockets.remove(socket).ok_or("it is not open")?;
                open.until_dropped().await;
            }
            Event::Pause(time) => tokio::time::sleep(*time).await,
        }
        Ok(())
    }

    async fn open(
        &mut self,
        socket: SocketName,
        query: &BTreeMap<String, Pattern>,
    ) -> Result<(), String> {
        let name = match socket {
            SocketName::Acs => "acs",
            SocketName::Tcs => "tcs",
        };
        let mut path = format!("/{name}/ws?");
        for (name, value) in query {
            let value = value.fill(&mut self.bindings);
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            write!(path, "{name}={}&", encode(&value)).expect("a String takes all");
        }
        let request = signed(Request::get(path.trim_end_matches('&')), HOST)
            .body(Bytes::new())
            .expect("a request can be built");
        let session = self.world.endpoint.open_socket(&request, PEER).await;
        let session = session.map_err(|refusal| format!("{:?}", refusal.body()))?;
        self.sockets.insert(socket, Agent::new("", session));
        Ok(())
    }

    fn socket(&mut self, name: SocketName) -> Result<&mut Agent, String> {
        self.sockets.get_mut(&name).ok_or_else(|| "it is not open".to_owned())
    }

    fn check(&mut self, expected: &Pattern, found: &Value) -> Result<(), String> {
        expected
            .check(found, &mut self.bindings)
            .map_err(|mismatch| format!("{mismatch}\nin {found}"))
    }
}

fn encode(text: &str) -> String {
    text.replace('%', "%25")
        .replace('+', "%2B")
        .replace(':', "%3A")
        .replace('/', "%2F")
        .replace(' ', "+")
}

macro_rules! replayed {
    ($($name:ident),+ $(,)?) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            Replay::run(include_str!(concat!(
                "../../../../agent-protocol/transcripts/",
                stringify!($name),
                ".txt"
            )))
            .await;
        }
    )+};
}

replayed!(join, task, stop_verification);
