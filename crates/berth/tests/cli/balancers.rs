//! Load balancers of real processes: where traffic goes, and what is told of it.

use std::net::SocketAddr;

use berth_test_server::{Home, get, until};

use crate::BERTH;
use crate::balancer::{Balancer, PORT, Target};

/// Lines of a page of metrics, once they are as wished.
fn metrics(server: SocketAddr, wished: impl Fn(&[&str]) -> bool) -> String {
    until("metrics tell it", || {
        let page = get(server, "/metrics").map_err(|error| error.to_string())?;
        let page = String::from_utf8_lossy(page.body()).into_owned();
        let lines: Vec<&str> = page.lines().filter(|line| line.contains("elb_")).collect();
        if wished(&lines) { Ok(page.clone()) } else { Err(lines.join("\n")) }
    })
}

#[test]
fn what_a_balancer_carries_is_told_until_it_is_gone() {
    let home = Home::at_known_address(BERTH);
    let address = home.address().ip();
    let arguments = ["--runtime", "none", "--lb-address", &address.to_string()];
    let _up = home.serving("up").args(&arguments).start();
    let target = Target::start(address, "one");
    let balancer = Balancer::new(&home, "application", "HTTP");
    balancer.register(target.address, "all");
    let front = SocketAddr::new(address, PORT);
    for _ in 0..3 {
        let page = until("the listener is there", || get(front, "/").map_err(|it| it.to_string()));
        assert_eq!((page.status().as_u16(), &page.body()[..]), (200, &b"one"[..]));
    }
    let of = format!(r#"load_balancer="{}""#, balancer.resource());
    let group = balancer.group.rsplit_once(':').expect("an ARN").1;
    let zone = r#"availability_zone="us-east-1a""#;
    let expected = [
        format!("berth_applicationelb_request_count_total{{{of},{zone}}} 3"),
        format!("berth_applicationelb_httpcode_elb_5xx_count_total{{{of},{zone}}} 0"),
        format!(
            "berth_applicationelb_httpcode_target_2xx_count_total{{{of},target_group=\"{group}\",{zone}}} 3"
        ),
        format!(
            "berth_applicationelb_healthy_host_count{{{of},target_group=\"{group}\",availability_zone=\"all\"}} 1"
        ),
    ];
    metrics(home.address(), |lines| expected.iter().all(|line| lines.contains(&line.as_str())));
    balancer.delete();
    metrics(home.address(), |lines| lines.is_empty());
}

#[test]
fn a_network_balancer_s_proxy_keeps_to_its_zone_unless_nobody_is_there() {
    let home = Home::at_known_address(BERTH);
    let address = home.address().ip();
    let _server = home.server();
    let (token, endpoint) = (home.token(&[]), format!("https://{}", home.address()));
    let metrics_at = SocketAddr::new(address, 9566);
    let proxy_home = crate::home();
    let arguments = [
        "--token",
        &token,
        "--lb-address",
        &address.to_string(),
        "--availability-zone",
        "us-east-1b",
        "--lb-metrics",
        &metrics_at.to_string(),
    ];
    let proxy = proxy_home.balancing_at(&endpoint).args(&arguments).start();
    let balancer = Balancer::new(&home, "network", "TCP");
    let front = SocketAddr::new(address, PORT);
    let asked = || until("the listener is there", || get(front, "/").map_err(|it| it.to_string()));
    let there = Target::start(address, "there");
    balancer.register(there.address, "us-east-1a");
    assert_eq!(asked().body(), "there", "better than nobody");

    let here = Target::start(address, "here");
    balancer.register(here.address, "us-east-1b");
    // Another proxy's view of a target's health is as good as this one's, and may come first.
    until("this proxy finds it healthy", || {
        let answers: Vec<_> = (0..4).map(|_| asked().into_body()).collect();
        if answers.iter().all(|it| it == "here") { Ok(()) } else { Err(format!("{answers:?}")) }
    });
    for _ in 0..30 {
        assert_eq!(asked().body(), "here");
    }
    let zone = |zone, count| {
        let group = balancer.group.rsplit_once(':').expect("an ARN").1;
        let labels = format!(
            r#"{{load_balancer="{}",target_group="{group}",availability_zone="{zone}"}}"#,
            balancer.resource()
        );
        format!("berth_networkelb_healthy_host_count{labels} {count}")
    };
    let counted = [zone("us-east-1a", 1), zone("us-east-1b", 1)];
    let page = metrics(metrics_at, |lines| counted.iter().all(|it| lines.contains(&it.as_str())));
    let flows = format!(
        r#"berth_networkelb_new_flow_count_total{{load_balancer="{}",availability_zone="us-east-1b"}}"#,
        balancer.resource()
    );
    assert!(page.lines().any(|line| line.starts_with(&flows)), "{page}");
    assert_eq!(proxy.terminate().code(), Some(0));
}
