//! A way to etcd on which answers get lost when it is told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

pub struct MuteProxy {
    address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    mute: AtomicBool,
    swallowed: AtomicU64,
}

impl MuteProxy {
    pub async fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let state = Arc::new(State::default());
        tokio::spawn(serve(listener, target.to_owned(), state.clone()));
        MuteProxy { address, state }
    }

    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Requests go through from now on, and answers do not.
    pub fn mute(&self) {
        self.state.mute.store(true, Ordering::SeqCst);
    }

    /// Whether an answer got lost.
    pub fn swallowed(&self) -> bool {
        self.state.swallowed.load(Ordering::SeqCst) > 0
    }
}

async fn serve(listener: TcpListener, target: String, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(&target).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(copy(from_client, to_server, None));
        tokio::spawn(copy(from_server, to_client, Some(state.clone())));
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, answers: Option<Arc<State>>) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else { return };
        if let Some(state) = answers.as_ref().filter(|state| state.mute.load(Ordering::SeqCst)) {
            state.swallowed.fetch_add(1, Ordering::SeqCst);
        } else if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
