//! A running server on a free port, and the plainest of clients.

use std::net::SocketAddr;
use std::ops::Deref;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::pipeline::tests::world::World;
use crate::server::{Listeners, Server, ServerOptions};

pub(super) struct Running {
    pub world: World,
    pub server: Server,
}

impl Deref for Running {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl Running {
    pub async fn open() -> Running {
        Running::with(World::open(), |_| {}).await
    }

    pub async fn with(world: World, change: impl FnOnce(&mut ServerOptions)) -> Running {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listeners = Listeners::bind(&[any]).await.unwrap();
        let mut options = ServerOptions::default();
        change(&mut options);
        let server = Server::serve(world.endpoint.clone(), listeners, options);
        Running { world, server }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.addresses()[0]
    }

    pub async fn connect(&self) -> Client {
        Client::connect(self.address()).await
    }
}

/// One HTTP/1.1 connection.
pub(super) struct Client {
    pub stream: TcpStream,
    /// What came and is not understood yet.
    read: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        Client { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads one response with a known length; `None` when the connection has ended.
    pub async fn reply(&mut self) -> Option<Reply> {
        let end = loop {
            match self.read.windows(4).position(|part| part == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.more().await?,
            }
        };
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap().to_ascii_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        while self.read.len() < end + length {
            self.more().await?;
        }
        let body = String::from_utf8_lossy(&self.read[end..end + length]).into_owned();
        self.read.drain(..end + length);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Reply { status, head, body })
    }

    pub async fn call(&mut self, bytes: impl AsRef<[u8]>) -> Reply {
        self.send(bytes).await;
        self.reply().await.expect("the connection is open")
    }

    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}

/// A JSON request for the fixture's `PutText`.
pub(super) fn post(body: &str) -> String {
    format!("{}Content-Length: {}\r\n\r\n{body}", head(), body.len())
}

/// The same up to the header that tells the body's length.
pub(super) fn head() -> &'static str {
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
     X-Amz-Target: Fixture_20260131.PutText\r\n"
}

pub(super) fn text(name: &str, text: &str) -> String {
    serde_json::json!({ "Name": name, "Text": text }).to_string()
}
