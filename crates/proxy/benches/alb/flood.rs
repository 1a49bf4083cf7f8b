//! A hundred thousand connections that come to nothing, and what they leave behind.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::idle;
use crate::peers::Proxy;

const ATTEMPTS: u32 = 100_000;
const THREADS: u32 = 4;
/// Each thread leaves so many open until that many others have come.
const HELD: usize = 2_000;

/// Connections that say nothing, a part of a request, or nonsense, to both listeners, while a client asks properly all the time.
pub fn flood(proxy: &Proxy) {
    idle::ask_once(proxy.port);
    let before = proxy.process.memory();
    let (most, longest, is_over) =
        (AtomicU64::new(before), AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    let refused: u32 = thread::scope(|scope| {
        let floods: Vec<_> =
            (0..THREADS).map(|number| scope.spawn(move || attempts(proxy, number))).collect();
        let (most, longest, is_over) = (&most, &longest, &is_over);
        scope.spawn(move || {
            for number in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let asked = Instant::now();
                let mut stream = connect(from(200, number), proxy.port).expect("it listens");
                idle::ask(&mut stream);
                longest.fetch_max(asked.elapsed().as_millis() as u64, Ordering::Relaxed);
                most.fetch_max(proxy.process.memory(), Ordering::Relaxed);
            }
        });
        let refused = floods.into_iter().map(|flood| flood.join().expect("it ends")).sum();
        is_over.store(true, Ordering::Relaxed);
        refused
    });
    let took = began.elapsed();
    idle::ask_once(proxy.port);
    let mib = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "  {:8} {ATTEMPTS} attempts in {:4.1} s, {refused} not taken; memory {:4.0} MB before, {:4.0} at most, {:4.0} after; \
         a proper request took {} ms at most",
        proxy.name,
        took.as_secs_f64(),
        mib(before),
        mib(most.load(Ordering::Relaxed)),
        mib(proxy.process.memory()),
        longest.load(Ordering::Relaxed),
    );
}

/// A port of a client is in use for a while after it: there are more with more addresses.
fn from(thread: u32, number: u32) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, thread as u8, (number / 20_000) as u8 + 1)
}

/// How many of them nobody took.
fn attempts(proxy: &Proxy, thread: u32) -> u32 {
    let says: [&[u8]; 4] =
        [b"", b"GET / HTTP/1.1\r\nHo", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00\xff\r\n\r\n"];
    let mut refused = 0;
    let mut held = std::collections::VecDeque::with_capacity(HELD);
    for number in 0..ATTEMPTS / THREADS {
        let port = if number % 2 == 0 { proxy.port } else { proxy.tls_port };
        match connect(from(thread, number), port) {
            Err(_) => refused += 1,
            Ok(mut stream) => {
                // Whoever was sent away need not hear it.
                let _ = stream.write_all(says[number as usize / 2 % says.len()]);
                held.push_back(stream);
                if held.len() > HELD {
                    held.pop_front();
                }
            }
        }
    }
    refused
}

fn connect(from: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    socket.connect_timeout(&to.into(), Duration::from_secs(10))?;
    Ok(socket.into())
}
