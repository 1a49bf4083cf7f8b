//! What this host's balancers carried, as Prometheus reads it: CloudWatch's names in small letters, under its namespaces.
//!
//! What is counted is known to the proxy (`berth_proxy::Counters`), what it is called to `names.rs`; here are its labels. A
//! balancer that is gone has no series any more, nor has a group that it no longer forwards to (ADR 33).

mod names;
mod page;
#[cfg(test)]
mod tests;

use berth_control::metrics::{Collector, Readings};
use berth_proxy::{Census, Counted, Counters, Histogram, Meter};

pub use page::serve;

use names::{APPLICATION, AUTH_LATENCY, GROUP, HOSTS, HostMetric, Metric, NETWORK, RESPONSE_TIME};

/// What times are told in, in seconds.
const BOUNDS: [f64; 15] =
    [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Of one proxy.
pub struct BalancerMetrics(pub Meter);

type Labels<'a> = Vec<(&'static str, &'a str)>;

impl Collector for BalancerMetrics {
    fn collect(&self, readings: &mut Readings) {
        // Prometheus takes a label that says nothing for none.
        tell(&self.0.read(), self.0.zone().unwrap_or_default(), readings);
    }
}

fn tell(counters: &Counters, zone: &str, readings: &mut Readings) {
    for (table, kind) in [(APPLICATION, "app/"), (NETWORK, "net/")] {
        let balancers =
            counters.balancers.iter().filter(|(resource, _)| resource.starts_with(kind));
        let series: Vec<_> =
            balancers.map(|(resource, counted)| (labels(resource, None, zone), counted)).collect();
        of_table(table, &series, readings);
        if kind == "app/" {
            of_times(&AUTH_LATENCY, &series, |counted| &counted.auth_latency, readings);
        }
    }
    let groups = counters.groups.iter().map(|((resource, arn), counted)| {
        let labels = labels(resource, Some(arn), zone);
        (labels, counted)
    });
    let groups: Vec<_> = groups.collect();
    of_table(GROUP, &groups, readings);
    of_times(&RESPONSE_TIME, &groups, |counted| &counted.response_time, readings);
    for metric in HOSTS {
        of_hosts(metric, counters, readings);
    }
}

fn labels<'a>(resource: &'a str, group: Option<&'a str>, zone: &'a str) -> Labels<'a> {
    // CloudWatch's dimension is the end of the ARN.
    let group = group.map(|arn| arn.rsplit_once(':').map_or(arn, |(_, name)| name));
    let group = group.map(|group| ("target_group", group));
    let zone = [("availability_zone", zone)];
    [("load_balancer", resource)].into_iter().chain(group).chain(zone).collect()
}

fn of_table(table: &[Metric], series: &[(Labels, &Counted)], readings: &mut Readings) {
    for metric in table.iter().filter(|_| !series.is_empty()) {
        let mut family = match metric.grows {
            true => readings.counter(metric.name, metric.help),
            false => readings.gauge(metric.name, metric.help),
        };
        for (labels, counted) in series {
            let value = counted.metrics.get(metric.cloudwatch).copied();
            family.sample(labels, value.unwrap_or_default());
        }
    }
}

fn of_times(
    metric: &Metric,
    series: &[(Labels, &Counted)],
    times: fn(&Counted) -> &Histogram,
    readings: &mut Readings,
) {
    if series.is_empty() {
        return;
    }
    let mut family = readings.histogram(metric.name, metric.help);
    for (labels, counted) in series {
        let times = times(counted);
        family.distribution(labels, &within(times), times.count, times.sum.as_secs_f64());
    }
}

/// How many took no longer than each bound; one that took up to an eighth less may be with the next.
fn within(times: &Histogram) -> Vec<(f64, u64)> {
    let within = |bound: f64| {
        let buckets = times.buckets.iter().take_while(|(end, _)| end.as_secs_f64() <= bound);
        (bound, buckets.map(|(_, count)| count).sum())
    };
    BOUNDS.into_iter().map(within).collect()
}

/// Targets have zones of their own.
fn of_hosts(metric: &HostMetric, counters: &Counters, readings: &mut Readings) {
    let is_of_kind = |resource: &str| resource.starts_with(metric.kind);
    let series: Vec<(Labels, &Census)> = counters
        .hosts
        .iter()
        .filter(|((resource, ..), _)| is_of_kind(resource))
        .map(|((resource, arn, zone), census)| (labels(resource, Some(arn), zone), census))
        .collect();
    if series.is_empty() {
        return;
    }
    let mut family = readings.gauge(metric.name, metric.help);
    for (labels, census) in series {
        family.sample(&labels, (metric.count)(census));
    }
}
