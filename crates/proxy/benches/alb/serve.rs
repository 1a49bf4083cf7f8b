//! Berth's proxy, as a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;

use berth_proxy::Options;
use berth_proxy_protocol::{Certificate, ListenerProtocol, Rule, Secret};

use crate::peers::NAME;
use crate::world::{World, forward, group, host, listener, path, rule};

/// The rules that count are the last ones.
pub fn serve(port: &str, tls_port: &str, target: &str, rules: &str, certificate: &Path) {
    let target: SocketAddr = target.parse().expect("an address");
    let rules: u32 = rules.parse().expect("a number");
    let worker_threads = thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(worker_threads)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let options = Options { most_connections: 20_000, ..World::options() };
        let groups = ["a", "b", "c"].map(|name| group(name, &[target])).into();
        let mut world = World::with(options, vec![forward("c")], groups);
        let read = |name: &str| fs::read_to_string(certificate.join(name)).expect("it was written");
        world.configuration.certificates = vec![Certificate {
            arn: "certificate".to_owned(),
            chain: read("certificate.pem"),
            private_key: Secret(read("key.pem")),
            names: vec![NAME.to_owned()],
        }];
        let plain = world.listener();
        plain.port = port.parse().expect("a port");
        plain.rules = self::rules(rules);
        let mut tls = listener("tls", vec![forward("c")]);
        tls.port = tls_port.parse().expect("a port");
        tls.protocol = ListenerProtocol::Https;
        tls.certificates = vec!["certificate".to_owned()];
        tls.rules = self::rules(rules);
        world.balancer().listeners.push(tls);
        world.apply();
        std::future::pending::<()>().await;
    });
}

fn rules(count: u32) -> Vec<Rule> {
    let others = (4..count).map(|number| {
        let conditions =
            vec![host(&format!("host-{number}.example")), path(&format!("/{number}/*"))];
        rule(number, conditions, forward("a"))
    });
    let own = [
        rule(50_000, vec![host("other.example"), path("/api/*")], forward("a")),
        rule(50_001, vec![host("other.example")], forward("b")),
        rule(50_002, vec![host(NAME), path("/images/*")], forward("b")),
        rule(50_003, vec![host(NAME), path("/api/*")], forward("a")),
    ];
    others.chain(own).collect()
}
