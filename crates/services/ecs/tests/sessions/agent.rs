//! The agent's end of a socket, driven by the test.

use std::time::Duration;

use berth_control::pipeline::websocket::{Session, Socket, Wire};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

pub struct Agent {
    pub instance: String,
    wire: Wire,
    session: JoinHandle<()>,
}

impl Agent {
    pub fn new(instance: &str, session: Session) -> Self {
        let (socket, wire) = Socket::pair(16);
        Self { instance: instance.to_owned(), wire, session: tokio::spawn(session.run(socket)) }
    }

    /// The next frame, whatever it is; time moves until there is one.
    pub async fn frame(&mut self) -> Value {
        let text = self.wire.outgoing.recv().await.expect("the session is open");
        serde_json::from_str(&text).expect("frames are JSON")
    }

    /// The message of the next frame that is no heartbeat, which must be of this type.
    pub async fn next(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == "HeartbeatMessage" && kind != "HeartbeatMessage" {
                self.beat(&frame).await;
                continue;
            }
            assert_eq!(frame["type"], kind, "{frame}");
            return frame["message"].clone();
        }
    }

    /// Nothing but heartbeats comes for that long.
    pub async fn quiet_for(&mut self, time: Duration) {
        let quiet = tokio::time::timeout(time, async {
            loop {
                let frame = self.frame().await;
                if frame["type"] != "HeartbeatMessage" {
                    return frame;
                }
                self.beat(&frame).await;
            }
        });
        if let Ok(frame) = quiet.await {
            panic!("not quiet: {frame}");
        }
    }

    /// Answers a heartbeat; on the telemetry socket nobody waits for that.
    async fn beat(&mut self, heartbeat: &Value) {
        if let Some(message_id) = heartbeat["message"]["messageId"].as_str() {
            self.say("HeartbeatAckRequest", json!({ "messageId": message_id })).await;
        }
    }

    pub async fn say(&mut self, kind: &str, message: Value) {
        self.say_text(&json!({"type": kind, "message": message}).to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.wire.incoming.send(text.to_owned()).await.expect("the session is open");
    }

    pub async fn acknowledge(&mut self, message: &Value) {
        let acknowledgement = json!({
            "cluster": message["clusterArn"],
            "containerInstance": self.instance,
            "messageId": message["messageId"],
        });
        self.say("AckRequest", acknowledgement).await;
    }

    /// The next payload, acknowledged.
    pub async fn take_payload(&mut self) -> Value {
        let payload = self.next("PayloadMessage").await;
        self.acknowledge(&payload).await;
        payload
    }

    /// Takes whatever comes, and says that it has, until the socket closes. Tells `heed` of every payload.
    pub async fn obey(mut self, heed: impl Fn(&Value)) {
        while let Some(text) = self.wire.outgoing.recv().await {
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            match frame["type"].as_str() {
                Some("HeartbeatMessage") => self.beat(&frame).await,
                Some("PayloadMessage") => {
                    heed(&frame["message"]);
                    self.acknowledge(&frame["message"]).await;
                }
                _ => {}
            }
        }
    }

    /// Hangs up and waits until the server has noticed.
    pub async fn hang_up(self) {
        drop(self.wire);
        self.session.await.expect("a session does not panic");
    }

    /// The server hangs up by itself; whatever it still said is passed over.
    pub async fn until_dropped(mut self) {
        while self.wire.outgoing.recv().await.is_some() {}
        self.session.await.expect("a session does not panic");
    }
}
