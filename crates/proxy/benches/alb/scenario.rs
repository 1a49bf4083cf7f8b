//! What is compared, and how it is told.

use std::fs;
use std::path::Path;

use crate::clients::{Load, h2load, wrk};
use crate::peers::{NAME, Proxy};
use crate::process::{OTHER_CORE, Process, free_port, is_installed, on_core};
use crate::{flood, idle};

pub const PARTS: [&str; 8] =
    ["http", "close", "tls", "handshakes", "http2", "rules", "idle", "flood"];

const TURNS: usize = 5;

/// Ours, and those that it is compared to.
const PROXIES: [fn(&Path, u16) -> Proxy; 3] =
    [|folder, target| Proxy::berth(folder, target, 4), Proxy::nginx, Proxy::haproxy];

/// The best turn of a proxy.
#[derive(Clone, Copy, Debug)]
struct Best {
    per_second: f64,
    p99_ms: f64,
    /// Of the processor, for each request.
    microseconds: f64,
}

pub fn all(parts: &[&str]) {
    for part in parts {
        assert!(PARTS.contains(part), "`{part}` is none of {}", PARTS.join(", "));
    }
    for program in ["taskset", "wrk", "h2load", "nginx", "haproxy"] {
        if !is_installed(program) {
            println!("skipped: `{program}` is not installed");
            return;
        }
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    let key = rcgen::KeyPair::generate().expect("a key is made");
    let certificate = rcgen::CertificateParams::new([NAME.to_owned()]).expect("it is a name");
    let certificate = certificate.self_signed(&key).expect("it signs").pem();
    fs::write(folder.join("certificate.pem"), &certificate).expect("it can be written");
    fs::write(folder.join("key.pem"), key.serialize_pem()).expect("it can be written");
    let target = free_port();
    let mut command =
        on_core(OTHER_CORE, std::env::current_exe().expect("this program has a file"));
    command.args(["serve-as-target", &target.to_string()]);
    let _target = Process::listening(command, &[target]);

    let proxies = PROXIES.map(|start| start(folder, target));
    for part in parts {
        match *part {
            "http" => {
                compare("HTTP/1.1", &proxies, |proxy| wrk(&proxy.url(), false));
            }
            "close" => compare("HTTP/1.1, a connection for each request", &proxies, |proxy| {
                wrk(&proxy.url(), true)
            }),
            "tls" => compare("HTTP/1.1 with TLS", &proxies, |proxy| wrk(&proxy.tls_url(), false)),
            "handshakes" => {
                compare("TLS, a connection for each request", &proxies, |proxy| {
                    wrk(&proxy.tls_url(), true)
                });
            }
            "http2" => {
                compare("HTTP/2", &proxies, |proxy| h2load(&proxy.tls_url(), folder));
            }
            "rules" => rules(folder, target),
            "idle" => idle(folder, target, &certificate),
            _ => {
                println!("\nConnections that come to nothing");
                proxies.iter().for_each(flood::flood);
            }
        }
    }
}

fn compare(what: &str, proxies: &[Proxy], ask: impl Fn(&Proxy) -> Load) {
    let best = turns(proxies, ask);
    println!("\n{what}");
    for (proxy, best) in proxies.iter().zip(&best) {
        let Best { per_second, p99_ms, microseconds } = best;
        println!(
            "  {:8} {per_second:8.0} requests/s   p99 {p99_ms:6.2} ms   {microseconds:5.1} µs of processor each",
            proxy.name
        );
    }
    let ours = best[0];
    let fastest = best[1..].iter().map(|best| best.per_second).fold(0.0, f64::max);
    let leanest = best[1..].iter().map(|best| best.microseconds).fold(f64::MAX, f64::min);
    let soonest = best[1..].iter().map(|best| best.p99_ms).fold(f64::MAX, f64::min);
    println!(
        "  against the better: requests {:.2} x, p99 {:.2} x, processor {:.2} x",
        ours.per_second / fastest,
        ours.p99_ms / soonest,
        ours.microseconds / leanest,
    );
}

/// Everybody's turn, again and again: the best of each.
fn turns(proxies: &[Proxy], ask: impl Fn(&Proxy) -> Load) -> Vec<Best> {
    let nothing = Best { per_second: 0.0, p99_ms: f64::MAX, microseconds: f64::MAX };
    let mut best = vec![nothing; proxies.len()];
    for _ in 0..TURNS {
        for (proxy, best) in proxies.iter().zip(&mut best) {
            let before = proxy.process.processor_time();
            let load = ask(proxy);
            let used = proxy.process.processor_time() - before;
            best.per_second = best.per_second.max(load.per_second);
            best.p99_ms = best.p99_ms.min(load.p99_ms);
            let each = used.as_secs_f64() * 1e6 / load.requests;
            best.microseconds = best.microseconds.min(each);
        }
    }
    best
}

/// A thousand rules, of which the last is the one, beside four.
fn rules(folder: &Path, target: u16) {
    let proxies = [Proxy::berth(folder, target, 4), Proxy::berth(folder, target, 1000)];
    let best = turns(&proxies, |proxy| wrk(&proxy.url(), false));
    println!("\nRules");
    for (count, best) in [4, 1000].iter().zip(&best) {
        let Best { per_second, microseconds, .. } = best;
        println!(
            "  {count:4} rules {per_second:8.0} requests/s   {microseconds:5.1} µs of processor each"
        );
    }
    println!("  processor {:.3} x", best[1].microseconds / best[0].microseconds);
}

/// Each time by a process that did nothing before.
fn idle(folder: &Path, target: u16, certificate: &str) {
    println!("\nIdle connections, each after one answer");
    for start in PROXIES {
        for (what, tls) in [("plain", false), ("TLS", true)] {
            let proxy = start(folder, target);
            let bytes = idle::memory_of_each(&proxy, tls, certificate);
            println!(
                "  {:8} {what:5} {:6.1} KB each, {:5.0} MB for 10,000",
                proxy.name,
                bytes / 1e3,
                bytes * 1e4 / 1e6
            );
        }
    }
}
