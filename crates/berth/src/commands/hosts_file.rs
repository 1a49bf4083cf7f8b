//! `berth hosts-file`: lines that make the DNS names of load balancers work where nothing else answers for them.
//!
//! A balancer's own address is one of the loopback network: it leads to the proxy of the host that asks. A host without
//! a proxy has to go where one listens for everybody (`--lb-address`), and finds there, of all that want a port, the
//! listener that was the first to want it (ADR 29). A balancer of which it would find less than all has no line.

use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, Result};
use berth_agent::JsonService;
use berth_balancing::ADDRESSES_PATH;
use clap::Args;
use serde::Deserialize;

use crate::administrator;
use crate::data_dir::DataDir;
use crate::settings::EndpointOptions;

const SERVICE: JsonService = JsonService { signing_name: "elasticloadbalancing", target: "" };

#[derive(Debug, Args)]
pub struct HostsFileOptions {
    /// For hosts without a proxy: where one listens, its --lb-address [default: each load balancer's own loopback address]
    #[arg(long, value_name = "ADDR")]
    address: Option<IpAddr>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    load_balancers: Vec<Balancer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Balancer {
    dns_name: String,
    address: IpAddr,
    listeners: Vec<Listener>,
}

#[derive(Deserialize)]
struct Listener {
    port: u16,
    everywhere: bool,
}

pub async fn run(
    data_dir: &Path,
    endpoint: EndpointOptions,
    options: HostsFileOptions,
    out: &mut impl Write,
) -> Result<()> {
    let server = administrator::client(endpoint, &DataDir::create(data_dir)?)?;
    let answer = server.get(SERVICE, ADDRESSES_PATH).await;
    let answer = answer.context("asking where load balancers are failed")?;
    let answer: Answer = serde_json::from_value(answer).context("the answer cannot be read")?;
    for balancer in answer.load_balancers {
        writeln!(out, "{}", line(&balancer, options.address))?;
    }
    Ok(())
}

fn line(balancer: &Balancer, address: Option<IpAddr>) -> String {
    let name = &balancer.dns_name;
    let Some(address) = address else { return format!("{} {name}", balancer.address) };
    let elsewhere = balancer.listeners.iter().filter(|listener| !listener.everywhere);
    let ports: Vec<String> = elsewhere.map(|listener| listener.port.to_string()).collect();
    if ports.is_empty() {
        return format!("{address} {name}");
    }
    let ports = ports.join(", ");
    format!("# {name}: port {ports} of {address} is another load balancer's")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer(listeners: &[(u16, bool)]) -> Balancer {
        let listener =
            |(port, everywhere): &(u16, bool)| Listener { port: *port, everywhere: *everywhere };
        Balancer {
            dns_name: "web-1.elb.berth.internal".to_owned(),
            address: [127, 64, 0, 7].into(),
            listeners: listeners.iter().map(listener).collect(),
        }
    }

    #[test]
    fn elsewhere_only_what_is_found_whole_has_a_line() {
        let front = Some(IpAddr::from([10, 0, 0, 5]));
        for (listeners, address, expected) in [
            (&[(80, true), (443, false)][..], None, "127.64.0.7 web-1.elb.berth.internal"),
            (&[(80, true), (443, true)], front, "10.0.0.5 web-1.elb.berth.internal"),
            (
                &[(80, true), (443, false)],
                front,
                "# web-1.elb.berth.internal: port 443 of 10.0.0.5 is another load balancer's",
            ),
        ] {
            assert_eq!(line(&balancer(listeners), address), expected);
        }
    }
}
