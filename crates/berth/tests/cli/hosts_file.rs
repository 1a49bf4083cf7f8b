//! `berth hosts-file`, and what is found where its lines lead.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::time::Duration;

use berth_test_server::{Api, Home, until};

use crate::home;

fn printed(home: &Home, arguments: &[&str]) -> Vec<String> {
    let output = home.command(&[&["hosts-file"], arguments].concat()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::to_owned).collect()
}

/// All that stands between such tags.
fn all(answer: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let parts = answer.split(&open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&close)?.0.to_owned())).collect()
}

fn elb(api: &Api, action: &str, input: &[(&str, &str)], tag: &str) -> String {
    let answer = api.query("elasticloadbalancing", "2015-12-01", action, input);
    all(&answer, tag).pop().unwrap_or_else(|| panic!("{action}: no {tag} in {answer}"))
}

/// Its DNS name; to all that comes to this port it answers its own name.
fn balancer(api: &Api, name: &str, port: u16) -> String {
    let subnets = all(&api.query("ec2", "2016-11-15", "DescribeSubnets", &[]), "subnetId");
    let input =
        [("Name", name), ("Subnets.member.1", &*subnets[0]), ("Subnets.member.2", &*subnets[1])];
    let arn = elb(api, "CreateLoadBalancer", &input, "LoadBalancerArn");
    let (port, answer) = (port.to_string(), "DefaultActions.member.1.FixedResponseConfig");
    let listener = [
        ("LoadBalancerArn", &*arn),
        ("Protocol", "HTTP"),
        ("Port", &*port),
        ("DefaultActions.member.1.Type", "fixed-response"),
        (&*format!("{answer}.StatusCode"), "200"),
        (&*format!("{answer}.MessageBody"), name),
    ];
    elb(api, "CreateListener", &listener, "ListenerArn");
    elb(api, "DescribeLoadBalancers", &[("LoadBalancerArns.member.1", &*arn)], "DNSName")
}

fn body(address: &str, port: u16) -> Result<String, String> {
    let address: IpAddr = address.parse().expect("an address");
    let mut connection = TcpStream::connect((address, port)).map_err(|error| error.to_string())?;
    connection.set_read_timeout(Some(Duration::from_secs(10))).expect("it can be set");
    let request = b"GET / HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n";
    connection.write_all(request).map_err(|error| error.to_string())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer.split_once("\r\n\r\n").ok_or("no answer")?.1.to_owned())
}

#[test]
fn names_lead_to_their_balancers() {
    let home = home();
    let _up = home.up("none");
    assert_eq!(printed(&home, &[]), Vec::<String>::new());
    let api = home.api();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = free.local_addr().expect("it has an address").port();
    drop(free);
    let (first, second) = (balancer(&api, "first", port), balancer(&api, "second", port));

    let lines = printed(&home, &[]);
    for (line, name, answer) in [(&lines[0], &first, "first"), (&lines[1], &second, "second")] {
        let (address, named) = line.split_once(' ').expect("an address and a name");
        assert_eq!(named, name);
        assert!(address.starts_with("127.64."), "{line}");
        until("the proxy listens", || body(address, port));
        assert_eq!(body(address, port).as_deref(), Ok(answer));
    }
    assert_eq!(lines.len(), 2);

    let elsewhere = printed(&home, &["--address", "192.0.2.5"]);
    let other = format!("# {second}: port {port} of 192.0.2.5 is another load balancer's");
    assert_eq!(elsewhere, [format!("192.0.2.5 {first}"), other]);
    assert_eq!(body("127.0.0.1", port).as_deref(), Ok("first"), "who is everywhere");

    assert_eq!(printed(&home, &["--region", "eu-west-1"]), Vec::<String>::new());
    let wrong = home.command(&["hosts-file", "--address", "here"]).output().expect("it runs");
    assert_eq!(wrong.status.code(), Some(2));
}
