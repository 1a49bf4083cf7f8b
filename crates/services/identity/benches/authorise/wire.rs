//! A connection that stays open, and what its server's threads have run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use bytes::Bytes;
use http::{Request, Response};
use rustix::time::{ClockId, clock_gettime};

/// Of a client that has no thread but the one that asks.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("a socket can");
        Wire(BufReader::new(stream))
    }

    /// Sends what [`written`] wrote.
    pub fn ask(&mut self, request: &[u8]) {
        self.0.get_mut().write_all(request).expect("it stays open");
    }

    /// Reads an answer, whose length its head tells.
    pub fn hear(&mut self) -> Response<Bytes> {
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            self.0.read_line(&mut line).expect("an answer");
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once([' ', ':']) {
                None => break,
                Some(("http/1.1", rest)) => status = rest[..3].parse().expect("a status"),
                Some(("content-length", rest)) => length = rest.trim().parse().expect("a number"),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a whole answer");
        Response::builder().status(status).body(body.into()).expect("a status")
    }
}

pub fn written(request: &Request<Bytes>) -> Vec<u8> {
    let mut out =
        format!("{} {} HTTP/1.1\r\n", request.method(), request.uri().path()).into_bytes();
    for (name, value) in request.headers() {
        out.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if !request.headers().contains_key("content-length") {
        out.extend(format!("content-length: {}\r\n", request.body().len()).into_bytes());
    }
    out.extend(b"\r\n");
    out.extend_from_slice(request.body());
    out
}

/// Microseconds that the threads of this process have run, but for this one.
pub fn others_ran() -> f64 {
    let microseconds = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
    };
    microseconds(ClockId::ProcessCPUTime) - microseconds(ClockId::ThreadCPUTime)
}
