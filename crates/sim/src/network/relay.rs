//! A server's wires to the other servers.

use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use berth_control::pipeline::following::{Relay, RelayError};
use bytes::Bytes;
use http::{Request, Response};
use tokio::time::sleep;

use super::{Network, Place, Route, Way, server_at};
use crate::trace::tell;

/// How long a server waits for another's answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct ServerRelay {
    network: Network,
    from: Place,
}

impl Network {
    /// The wires of the server of this number.
    pub fn relay(&self, server: usize) -> ServerRelay {
        ServerRelay { network: self.clone(), from: Place::Server(server) }
    }
}

#[async_trait]
impl Relay for ServerRelay {
    async fn relay(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, RelayError> {
        let number = server_at(server)
            .ok_or_else(|| RelayError::NotSent(anyhow!("there is no server at `{server}`")))?;
        let route = Route { from: self.from, server: number };
        let carried = carry(self.network.clone(), route, request);
        // What was sent is on its way, whoever waits for the answer.
        let answer = tokio::spawn(carried);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => Err(RelayError::Unknown(error.into())),
            Err(_) => Err(RelayError::Unknown(anyhow!("no answer came in time"))),
        }
    }
}

async fn carry(
    network: Network,
    route: Route,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, RelayError> {
    travel(&network, route, Way::Up).await?;
    let Some(server) = network.server(route.server) else {
        return Err(RelayError::NotSent(anyhow!("connection refused")));
    };
    let endpoint = server.endpoint.clone();
    let peer = route.from.peer();
    let served = server.life.run(async move { endpoint.handle(request, peer).await }).await;
    let died = || RelayError::Unknown(anyhow!("the server died over it"));
    let response = served.ok_or_else(died)?;
    travel(&network, route, Way::Down).await?;
    tell!(network.0.trace, "{} relayed to {}", route.from, Place::Server(route.server));
    Ok(response)
}

/// One message's way. What a partition holds up is held up until it is over.
async fn travel(network: &Network, route: Route, way: Way) -> Result<(), RelayError> {
    let weather = network.weather(route);
    let fate = network.draw(|dice| weather.fate(dice));
    match fate.arrivals.first() {
        Some(time) => sleep(*time).await,
        None => return Err(RelayError::Unknown(anyhow!("the connection was reset"))),
    }
    match network.opened(route, way, PATIENCE * 3).await {
        true => Ok(()),
        false => Err(RelayError::Unknown(anyhow!("nothing got through for too long"))),
    }
}
