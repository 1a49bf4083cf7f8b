use std::collections::BTreeSet;
use std::time::Duration;

use berth_control::metrics::Readings;
use berth_proxy::{Census, Counted, Counters, Histogram};

use super::names::{APPLICATION, GROUP, HOSTS, Metric, NETWORK};
use super::tell;

const GROUP_ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/1";

fn told(counters: &Counters, zone: &str) -> Vec<String> {
    let mut readings = Readings::default();
    tell(counters, zone, &mut readings);
    readings.as_str().lines().map(str::to_owned).collect()
}

fn counted(metric: &'static str, count: u64) -> Counted {
    Counted { metrics: [(metric, count)].into(), ..Counted::default() }
}

#[test]
fn whatever_a_proxy_counts_has_a_name_of_its_own() {
    let named = |table: &[Metric]| table.iter().map(|it| it.cloudwatch).collect::<BTreeSet<_>>();
    let counted = |metrics: &[&'static str]| metrics.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(named(APPLICATION), counted(Counters::OF_APPLICATION_BALANCERS));
    assert_eq!(named(GROUP), counted(Counters::OF_GROUPS));
    assert_eq!(named(NETWORK), counted(Counters::OF_NETWORK_BALANCERS));
    let tables = APPLICATION.iter().chain(GROUP).chain(NETWORK).map(|it| it.name);
    let names: Vec<_> = tables.chain(HOSTS.iter().map(|it| it.name)).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn a_balancer_has_all_metrics_of_its_kind_and_none_of_the_other() {
    let mut counters = Counters::default();
    counters.balancers.insert("net/edge/1".to_owned(), counted("NewFlowCount", 3));
    let lines = told(&counters, "us-east-1a");
    let of = r#"{load_balancer="net/edge/1",availability_zone="us-east-1a"}"#;
    assert!(lines.contains(&format!("berth_networkelb_new_flow_count_total{of} 3")), "{lines:?}");
    assert!(lines.contains(&format!("berth_networkelb_active_flow_count{of} 0")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("applicationelb")), "{lines:?}");
    assert!(told(&Counters::default(), "us-east-1a").is_empty());
}

#[test]
fn a_group_s_targets_are_told_by_their_own_zones_and_its_times_in_buckets() {
    let mut counters = Counters::default();
    let millis = Duration::from_millis;
    let response_time = Histogram {
        count: 6,
        sum: millis(1_250),
        buckets: vec![(millis(4), 3), (millis(30), 2), (Duration::from_secs(90), 1)],
    };
    let counted = Counted { response_time, ..counted("HTTPCode_Target_5XX_Count", 2) };
    let (balancer, group) = ("app/front/1".to_owned(), GROUP_ARN.to_owned());
    counters.groups.insert((balancer.clone(), group.clone()), counted);
    let census = Census { healthy: 2, unhealthy: 1, anomalous: 0 };
    counters.hosts.insert((balancer, group, "us-east-1b".to_owned()), census);
    let lines = told(&counters, "");
    let of = r#"load_balancer="app/front/1",target_group="targetgroup/web/1""#;
    for line in [
        format!(r#"httpcode_target_5xx_count_total{{{of},availability_zone=""}} 2"#),
        format!(r#"healthy_host_count{{{of},availability_zone="us-east-1b"}} 2"#),
        format!(r#"unhealthy_host_count{{{of},availability_zone="us-east-1b"}} 1"#),
        format!(r#"target_response_time_seconds_bucket{{{of},availability_zone="",le="0.005"}} 3"#),
        format!(r#"target_response_time_seconds_bucket{{{of},availability_zone="",le="0.025"}} 3"#),
        format!(r#"target_response_time_seconds_bucket{{{of},availability_zone="",le="0.05"}} 5"#),
        format!(r#"target_response_time_seconds_bucket{{{of},availability_zone="",le="60"}} 5"#),
        format!(r#"target_response_time_seconds_bucket{{{of},availability_zone="",le="+Inf"}} 6"#),
        format!(r#"target_response_time_seconds_sum{{{of},availability_zone=""}} 1.25"#),
    ] {
        let line = format!("berth_applicationelb_{line}");
        assert!(lines.contains(&line), "{line} in {lines:#?}");
    }
}
