//! Opening the two sockets: a refusal is answered before the upgrade, in the agent's own form.

use std::sync::Arc;

use berth_agent_protocol::{Exception, ExceptionKind};
use berth_control::pipeline::Call;
use berth_control::pipeline::websocket::{Opening, Session, SocketRefusal};
use http::StatusCode;

use super::acs::AcsSession;
use super::tcs::TcsSession;
use crate::service::Ecs;

pub async fn open_acs(
    ecs: Arc<Ecs>,
    call: Call,
    opening: Opening,
) -> Result<Session, SocketRefusal> {
    let session = AcsSession::open(ecs, &call, &opening).await.map_err(refusal)?;
    Ok(Session::new(|socket| session.run(socket)))
}

pub async fn open_tcs(
    ecs: Arc<Ecs>,
    call: Call,
    opening: Opening,
) -> Result<Session, SocketRefusal> {
    let session = TcsSession::open(ecs, &call, &opening).map_err(refusal)?;
    Ok(Session::new(|socket| session.run(socket)))
}

fn refusal(exception: Exception) -> SocketRefusal {
    let status = match exception.kind {
        ExceptionKind::Server => StatusCode::INTERNAL_SERVER_ERROR,
        ExceptionKind::AccessDenied => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    SocketRefusal::new(status, exception.kind.as_str(), exception.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<A, B, F: Future>(_: fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// A server has two sessions for each of thousands of agents: what is needed for a moment only should not be kept in
    /// them for ever.
    #[test]
    fn sessions_are_small() {
        let sizes = [size(AcsSession::run), size(TcsSession::run)];
        assert!(sizes.iter().all(|size| *size <= 2048), "{sizes:?}");
    }
}
