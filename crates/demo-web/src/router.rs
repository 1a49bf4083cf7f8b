//! A log router: hears lines as Docker's `fluentd` driver sends them, prints them, and tells them by HTTP.
//!
//! Of the forward protocol only its plain message is known: a tag, an instant, a record, and options.

use std::fs;
use std::io::{self, BufReader, ErrorKind, Read};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::msgpack::Value;
use crate::server;

/// Where ECS has routers listen.
const SOCKET: &str = "/var/run/fluent.sock";
const PORT: u16 = 24224;

/// `tag: line` for every line.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

/// Routes for ever. `GET /logs` tells what was heard so far.
pub fn route(pages: &TcpListener) -> io::Result<ExitCode> {
    let heard = Heard::default();
    match fs::remove_file(SOCKET) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (socket, port) = (UnixListener::bind(SOCKET)?, TcpListener::bind(("0.0.0.0", PORT))?);
    println!("routing logs of {SOCKET} and port {PORT}");
    let ears = heard.clone();
    thread::Builder::new().spawn(move || {
        socket.incoming().flatten().for_each(|stream| ears.clone().listen(stream));
    })?;
    let ears = heard.clone();
    thread::Builder::new().spawn(move || {
        port.incoming().flatten().for_each(|stream| ears.clone().listen(stream));
    })?;
    server::serve(pages, move |path| (path == "/logs").then(|| heard.told()))
}

impl Heard {
    fn listen(self, stream: impl Read + Send + 'static) {
        let listening = move || {
            if let Err(error) = self.take_all(BufReader::new(stream)) {
                eprintln!("demo-web: {error}");
            }
        };
        if let Err(error) = thread::Builder::new().spawn(listening) {
            eprintln!("demo-web: {error}");
        }
    }

    fn take_all(&self, mut stream: impl Read) -> io::Result<()> {
        while let Some(message) = Value::read(&mut stream)? {
            let line = line(&message).ok_or_else(|| {
                io::Error::new(ErrorKind::InvalidData, format!("not a message: {message:?}"))
            })?;
            println!("{line}");
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.push_str(&line);
            all.push('\n');
        }
        Ok(())
    }

    fn told(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// `[tag, instant, {"log": line, …}, …]`.
fn line(message: &Value) -> Option<String> {
    let Value::List(parts) = message else { return None };
    let [tag, _instant, record, ..] = parts.as_slice() else { return None };
    Some(format!("{}: {}", tag.text()?, record.get("log")?.text()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_stream_are_told_with_their_tags() {
        let heard = Heard::default();
        let stream =
            b"\x94\xa1t\xd7\x00\0\0\0\x01\0\0\0\x02\x82\xa6source\xa6stdout\xa3log\xa2hi\xc0\
                       \x93\xa1u\x01\x81\xa3log\xc4\x02ho";
        heard.take_all(&stream[..]).unwrap();
        assert_eq!(heard.told(), "t: hi\nu: ho\n");
    }

    #[test]
    fn what_is_no_message_ends_the_conversation() {
        let heard = Heard::default();
        let error = heard.take_all(&b"\x01"[..]).unwrap_err().to_string();
        assert!(error.contains("not a message"), "{error}");
        assert_eq!(heard.told(), "");
    }
}
