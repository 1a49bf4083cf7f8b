//! A web socket between an agent and a session of the control plane.

use std::time::Duration;

use anyhow::anyhow;
use berth_agent::{DialError, Hangup, Socket as AgentSocket};
use berth_agent_protocol::Exception;
use berth_control::pipeline::websocket::{Ended, Socket, Wire};
use bytes::Bytes;
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::lane::Lane;
use super::{Network, Place, Route, Server, Way, server_at};
use crate::trace::tell;

/// How long an agent waits for a socket to open.
const PATIENCE: Duration = Duration::from_secs(30);

/// Frames that may wait at either end.
const QUEUE: usize = 16;

impl Network {
    pub(super) async fn dial(
        &self,
        from: Place,
        endpoint: &str,
        query: &[(&'static str, String)],
    ) -> Result<AgentSocket, DialError> {
        match timeout(PATIENCE, self.open(from, endpoint, query)).await {
            Ok(opened) => opened,
            Err(_) => Err(failed("the socket did not open in time")),
        }
    }

    async fn open(
        &self,
        from: Place,
        endpoint: &str,
        query: &[(&'static str, String)],
    ) -> Result<AgentSocket, DialError> {
        let parts = endpoint.rsplit_once('/');
        let found = parts.and_then(|(host, path)| Some((server_at(host)?, path)));
        let Some((server, path)) = found else {
            return Err(DialError::Failed(anyhow!("nobody answers at `{endpoint}`")));
        };
        let route = Route { from, server };
        let request = upgrade(endpoint, query);
        self.travel(route, Way::Up).await?;
        let server = self.server(server).ok_or_else(|| failed("connection refused"))?;
        let (endpoint, asked) = (server.endpoint.clone(), request.clone());
        let decision = server
            .life
            .run(async move { endpoint.open_socket(&asked, from.peer()).await })
            .await
            .ok_or_else(|| failed("the server died over it"))?;
        match decision {
            Ok(session) => {
                let (socket, wire) = Socket::pair(QUEUE);
                server.life.spawn(session.run(socket));
                // The server's end stands even if the answer is lost on its way.
                let opened = self.join(route, path, wire, &server);
                self.travel(route, Way::Down).await?;
                Ok(opened)
            }
            Err(response) => {
                tell!(self.0.trace, "{from} {path}: refused with {}", response.status());
                self.travel(route, Way::Down).await?;
                let text = String::from_utf8_lossy(response.body());
                match Exception::from_bare(&text) {
                    Some(exception) => Err(DialError::Refused(exception)),
                    None => Err(DialError::Failed(anyhow!("refused: {text}"))),
                }
            }
        }
    }

    /// One message's way during the handshake.
    async fn travel(&self, route: Route, way: Way) -> Result<(), DialError> {
        let weather = self.weather(route);
        let fate = self.draw(|dice| weather.fate(dice));
        match fate.arrivals.first() {
            Some(time) => sleep(*time).await,
            None => return Err(failed("the connection was reset")),
        }
        if self.weather(route).blocks(way) {
            // Until the caller has no more patience.
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    /// Joins the session's end to a new one for the agent.
    fn join(&self, route: Route, path: &str, wire: Wire, server: &Server) -> AgentSocket {
        let from = route.from;
        let (number, cut) = self.register(from);
        tell!(self.0.trace, "{from} {path}: socket {number} stands");
        let (outgoing, to_server) = mpsc::channel(QUEUE);
        let (to_agent, incoming) = mpsc::channel(QUEUE);
        tokio::spawn(self.clone().carry_socket(
            route,
            number,
            cut,
            wire,
            to_server,
            to_agent,
            server.clone(),
        ));
        AgentSocket { outgoing, incoming }
    }

    #[expect(clippy::too_many_arguments, reason = "both ends of two lanes, named once")]
    async fn carry_socket(
        self,
        route: Route,
        number: u64,
        cut: CancellationToken,
        mut wire: Wire,
        mut from_agent: mpsc::Receiver<String>,
        to_agent: mpsc::Sender<Result<String, Hangup>>,
        server: Server,
    ) {
        let place = route.from;
        let (mut up, mut down) =
            (Lane::new(&self, route, Way::Up), Lane::new(&self, route, Way::Down));
        let ended = tokio::select! {
            biased;
            () = cut.cancelled() => Ended::Lost("the connection was cut".to_owned()),
            ended = up.carry(&mut from_agent, |frame| wire.incoming.send(frame)) => match ended {
                Ok(()) => Ended::Closed(None),
                Err(reason) => Ended::Lost(reason.to_owned()),
            },
            ended = down.carry(&mut wire.outgoing, |frame| to_agent.send(Ok(frame))) => match ended {
                Ok(()) => {
                    if let Ok(close) = (&mut wire.close).await {
                        // An agent that is gone needs no goodbye.
                        let _ = to_agent.send(Err(Hangup { code: close.code, reason: close.reason })).await;
                    }
                    Ended::Closed(None)
                }
                Err(reason) => Ended::Lost(reason.to_owned()),
            },
        };
        tell!(self.0.trace, "{place}: socket {number} is over: {ended:?}");
        wire.end(ended);
        self.forget(number);
        drop(server);
    }
}

fn failed(why: &'static str) -> DialError {
    DialError::Failed(anyhow!(why))
}

fn upgrade(endpoint: &str, query: &[(&'static str, String)]) -> Request<Bytes> {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    Request::get(format!("{endpoint}/ws?{}", query.join("&")))
        .body(Bytes::new())
        .expect("an escaped query is part of an address")
}
