//! What both sessions do with a web socket.

use anyhow::anyhow;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::failure::End;
use super::wire::WebSocket;

/// Waits for text; what else comes is dealt with.
pub(super) async fn hear(socket: &mut WebSocket) -> Result<Utf8Bytes, End> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text),
            // AWS: these close codes are nobody's fault, and neither is a connection that breaks without one.
            Some(Ok(Message::Close(frame))) => {
                let code = frame.as_ref().map(|frame| u16::from(frame.code));
                return Err(match code {
                    None | Some(1000 | 1001 | 1006 | 1011) => End::Closed,
                    Some(code) => End::Failed(anyhow!("closed with code {code}")),
                });
            }
            // Pings are answered by the library.
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(End::Failed(error.into())),
            None => return Err(End::Closed),
        }
    }
}

pub(super) async fn tell(socket: &mut WebSocket, text: String) -> Result<(), End> {
    socket.send(Message::text(text)).await.map_err(|error| End::Failed(error.into()))
}
