//! An application load balancer beside nginx and HAProxy, which do the same work: four rules by host and path, forwarded headers,
//! kept connections to one target, counters.
//!
//! Each proxy is a process of its own on the first core; the clients (wrk, h2load) and the target have the second. Turns are taken one
//! after the other, and the best of each counts: whatever else the machine does makes a turn worse, never better. Prints figures and ratios,
//! asserts nothing. Without nginx, HAProxy, wrk and h2load (`apt-get install nginx-light haproxy wrk nghttp2-client`) it says so.
//!
//!     cargo xtask bench alb                 everything
//!     cargo xtask bench alb tls             one part: http, close, tls, handshakes, http2, rules, idle, flood
//!
//! The program is its own proxy and target, too, started again with another word. Start with `scenario.rs`.

#[path = "../../tests/alb/authority.rs"]
#[allow(dead_code)]
mod authority;
mod clients;
mod flood;
mod idle;
mod peers;
mod process;
mod scenario;
mod serve;
mod target;
#[path = "../../tests/alb/world.rs"]
#[allow(dead_code)]
mod world;

use std::env;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve-as-proxy", port, tls_port, target, rules, certificate] => {
            serve::serve(port, tls_port, target, rules, certificate.as_ref());
        }
        ["serve-as-target", port] => target::serve(port.parse().expect("a port")),
        [] => scenario::all(&scenario::PARTS),
        ref parts => scenario::all(parts),
    }
}
