//! A WebSocket that hears what it said.

use std::io::{self, Write};
use std::net::TcpStream;

use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;
use tungstenite::{Error, WebSocket};

/// What a client proves with that it speaks of WebSockets, if this line says so.
pub fn web_socket_key(header: &str) -> Option<String> {
    let (name, value) = header.split_once(':')?;
    name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
}

/// Agrees, and sends back every message until the client ends. `begun` is what it has said beside its request.
pub fn echo(mut connection: &TcpStream, key: &str, begun: Vec<u8>) -> io::Result<()> {
    write!(
        connection,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes()),
    )?;
    let mut socket = WebSocket::from_partially_read(connection, begun, Role::Server, None);
    loop {
        let heard = match socket.read() {
            Ok(message) if message.is_text() || message.is_binary() => socket.send(message),
            // Pings and closing are answered by the library.
            Ok(_) => socket.flush(),
            Err(error) => Err(error),
        };
        match heard {
            Ok(()) => {}
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Ok(()),
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_comes_back_until_the_client_ends() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let connection = listener.accept().unwrap().0;
            // As the page's server does it: the request is read, and nothing behind it.
            let mut head = Vec::new();
            let mut reader = io::BufReader::new(&connection);
            while io::BufRead::read_until(&mut reader, b'\n', &mut head).unwrap() > 2 {}
            let head = String::from_utf8(head).unwrap();
            let key = head.lines().find_map(web_socket_key).unwrap();
            echo(&connection, &key, reader.buffer().to_vec())
        });
        let connection = TcpStream::connect(address).unwrap();
        // The client checks what the handshake is answered with.
        let (mut client, _) = tungstenite::client("ws://demo/echo", connection).unwrap();
        for said in ["a", "bc"] {
            client.send(said.into()).unwrap();
            assert_eq!(client.read().unwrap().to_text().unwrap(), said);
        }
        client.close(None).unwrap();
        while client.read().is_ok() {}
        server.join().unwrap().unwrap();
    }
}
