//! Connections on which nothing happens, and the memory that they take.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::peers::{NAME, PATH, Proxy};
use crate::process::Process;

pub const CONNECTIONS: usize = 8_000;

/// Whose memory stays the same for so long is at rest.
const REST: Duration = Duration::from_secs(5);

enum Idle {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// Bytes of memory that each connection takes which has had one answer.
pub fn memory_of_each(proxy: &Proxy, tls: bool, certificate: &str) -> f64 {
    let config = trusting(certificate);
    let open = || {
        let port = if tls { proxy.tls_port } else { proxy.port };
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
        let mut idle = match tls {
            false => Idle::Plain(stream),
            true => {
                let name = ServerName::try_from(NAME).expect("it is a name");
                let session = ClientConnection::new(config.clone(), name).expect("it is right");
                Idle::Tls(Box::new(StreamOwned::new(session, stream)))
            }
        };
        match &mut idle {
            Idle::Plain(stream) => ask(stream),
            Idle::Tls(stream) => ask(stream.as_mut()),
        }
        idle
    };
    // What comes with the first ones stays.
    drop((0..100).map(|_| open()).collect::<Vec<_>>());
    let before = at_rest(&proxy.process);
    let open: Vec<Idle> = (0..CONNECTIONS).map(|_| open()).collect();
    let after = at_rest(&proxy.process);
    drop(open);
    after.saturating_sub(before) as f64 / CONNECTIONS as f64
}

/// Its memory once that does not change any more: buffers are given back when nothing was asked for a while.
fn at_rest(process: &Process) -> u64 {
    let (mut memory, mut since) = (process.memory(), Instant::now());
    while since.elapsed() < REST {
        thread::sleep(REST / 10);
        let now = process.memory();
        if now != memory {
            (memory, since) = (now, Instant::now());
        }
    }
    memory
}

/// On a connection of its own.
pub fn ask_once(port: u16) {
    ask(&mut TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens"));
}

pub fn ask(stream: &mut (impl Read + Write)) {
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let (mut heard, mut some) = (Vec::new(), [0; 4096]);
    while !heard.ends_with(b"----") {
        let count = stream.read(&mut some).expect("it answers");
        assert!(count > 0, "{}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&some[..count]);
    }
}

fn trusting(certificate: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
    roots.add(certificate).expect("it is one");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
