//! How long it takes until a client of a balancer meets what ELB's API was told.
//!
//!     cargo xtask bench listeners [-- RUNS]
//!
//! From the moment ModifyListener is answered until the listener's fixed response is the new one, asked for in a row on new
//! connections: first with nothing else there, then beside a thousand rules. Prints medians and the longest, asserts nothing.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use berth_test_server::{Api, Home, get, members, until};

const RUNS: usize = 50;
const OTHER_RULES: usize = 1000;
const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");
/// As many rules as a listener may have beside its default one.
const RULES_EACH: usize = 100;

fn main() {
    // cargo adds `--bench` to whatever it was given.
    let runs = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _up = home.serving("up").args(&["--runtime", "none", "--rate-limits", "off"]).start();
    let bench = Bench { api: home.api() };
    let subnets = bench.ask(("ec2", "2016-11-15"), "DescribeSubnets", &[], "subnetId");
    let balancer =
        [("Name", "front"), ("Subnets.member.1", &*subnets[0]), ("Subnets.member.2", &*subnets[1])];
    let balancer = bench.one("CreateLoadBalancer", &balancer, "LoadBalancerArn");
    let (arn, address) = bench.listener(&balancer);
    bench.measure("nothing else", runs, &arn, address);
    for _ in 0..OTHER_RULES / RULES_EACH {
        let (listener, _) = bench.listener(&balancer);
        (0..RULES_EACH).for_each(|number| bench.rule(&listener, number));
    }
    bench.measure(&format!("beside {OTHER_RULES} rules"), runs, &arn, address);
}

struct Bench {
    api: Api,
}

impl Bench {
    fn measure(&self, what: &str, runs: usize, listener: &str, address: SocketAddr) {
        let mut times: Vec<Duration> = (0..runs)
            .map(|run| {
                let body = format!("{what}, {run}");
                let input = [&[("ListenerArn", listener)], &fixed(&body)[..]].concat();
                self.one("ModifyListener", &input, "ListenerArn");
                let told = Instant::now();
                while get(address, "/").expect("it answers").body() != body.as_bytes() {
                    assert!(told.elapsed() < Duration::from_secs(10), "{body} does not come");
                }
                told.elapsed()
            })
            .collect();
        times.sort_unstable();
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, longest) = (times[runs / 2], times[runs - 1]);
        println!("{what:20} median {:6.2} ms, longest {:6.2} ms", millis(median), millis(longest));
    }

    /// One on a free port, and where it is.
    fn listener(&self, balancer: &str) -> (String, SocketAddr) {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
        let address = free.local_addr().expect("it is bound");
        drop(free);
        let port = address.port().to_string();
        let own = [("LoadBalancerArn", balancer), ("Protocol", "HTTP"), ("Port", &*port)];
        let input = [&own[..], &fixed("first")[..]].concat();
        let arn = self.one("CreateListener", &input, "ListenerArn");
        until("the listener answers", || {
            let answer = get(address, "/").map_err(|error| error.to_string())?;
            if answer.body() == "first" { Ok(()) } else { Err(format!("{answer:?}")) }
        });
        (arn, address)
    }

    fn rule(&self, listener: &str, number: usize) {
        let (priority, path) = ((number + 1).to_string(), format!("/{number}/*"));
        let input = [
            ("ListenerArn", listener),
            ("Priority", &*priority),
            ("Conditions.member.1.Field", "path-pattern"),
            ("Conditions.member.1.Values.member.1", &*path),
            ("Actions.member.1.Type", "fixed-response"),
            ("Actions.member.1.FixedResponseConfig.StatusCode", "200"),
        ];
        self.one("CreateRule", &input, "RuleArn");
    }

    fn one(&self, action: &str, input: &[(&str, &str)], member: &str) -> String {
        self.ask(ELB, action, input, member).remove(0)
    }

    /// What members of this name say in the answer.
    fn ask(
        &self,
        api: (&str, &str),
        action: &str,
        input: &[(&str, &str)],
        member: &str,
    ) -> Vec<String> {
        let answer = self.api.query(api.0, api.1, action, input);
        let said = members(&answer, member);
        assert!(!said.is_empty(), "{action}: no {member} in {answer}");
        said
    }
}

fn fixed(body: &str) -> [(&str, &str); 4] {
    [
        ("DefaultActions.member.1.Type", "fixed-response"),
        ("DefaultActions.member.1.FixedResponseConfig.StatusCode", "200"),
        ("DefaultActions.member.1.FixedResponseConfig.ContentType", "text/plain"),
        ("DefaultActions.member.1.FixedResponseConfig.MessageBody", body),
    ]
}
