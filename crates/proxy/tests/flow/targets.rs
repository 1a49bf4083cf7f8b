//! What is behind a balancer: targets that a test plays itself, or that answer on their own.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// A target whose connections a test accepts.
pub struct Target {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Target {
    pub async fn new() -> Target {
        Target::at(Ipv4Addr::LOCALHOST).await
    }

    pub async fn at(address: Ipv4Addr) -> Target {
        let listener = TcpListener::bind((address, 0)).await.expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        Target { listener, address }
    }

    pub async fn accept(&self) -> TcpStream {
        self.listener.accept().await.expect("a connection comes").0
    }
}

/// Greets each connection by a byte of its own, and repeats what it is told.
pub async fn echo(name: u8) -> SocketAddr {
    let target = Target::new().await;
    let address = target.address;
    tokio::spawn(async move {
        loop {
            let mut stream = target.accept().await;
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                to.write_all(&[name]).await?;
                tokio::io::copy(&mut from, &mut to).await?;
                to.shutdown().await
            });
        }
    });
    address
}

/// Repeats each datagram, with a byte of its own before it.
pub async fn datagram_echo(name: u8) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a port");
    let address = socket.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        buffer[0] = name;
        while let Ok((length, from)) = socket.recv_from(&mut buffer[1..]).await {
            let _ = socket.send_to(&buffer[..=length], from).await;
        }
    });
    address
}

/// Nobody listens there, and nobody else can get the port while this is kept.
pub fn nobody() -> (tokio::net::TcpSocket, SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().expect("there are sockets");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("there is a port");
    let address = socket.local_addr().expect("it is bound");
    (socket, address)
}

/// The byte that says which target it is.
pub async fn greeting(stream: &mut TcpStream) -> u8 {
    stream.read_u8().await.expect("the target greets")
}
