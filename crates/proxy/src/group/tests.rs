use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use berth_proxy_protocol::{
    Algorithm, GroupAttributes, GroupProtocol, HealthCheck, HealthProtocol, HealthState,
    HttpVersion, Matcher, Target as Registered, TargetGroup,
};
use proptest::prelude::*;
use tokio::time::Instant;

use super::{Group, Groups, Picked, Standing, TargetIdentity, Wanted};

const HEALTHY: HealthState = HealthState::Healthy;
const UNHEALTHY: HealthState = HealthState::Unhealthy;

/// A group, and a place to stand in time.
struct Story {
    config: TargetGroup,
    groups: Groups,
    now: Instant,
    chance: u64,
}

impl Story {
    /// Targets are called `t0`, `t1` and so on, are in zones `a` and `b` by turns, and are healthy.
    fn new(targets: u8, algorithm: Algorithm) -> Self {
        let mut story = Self::unchecked(targets, algorithm);
        for target in 0..targets {
            story.set(target, HEALTHY);
        }
        story
    }

    fn unchecked(targets: u8, algorithm: Algorithm) -> Self {
        let config = group((0..targets).map(target).collect(), algorithm);
        let mut story = Self { config, groups: Groups::default(), now: Instant::now(), chance: 7 };
        story.apply();
        story
    }

    fn apply(&mut self) {
        self.groups.apply(std::slice::from_ref(&self.config), self.now);
    }

    fn group(&self) -> std::sync::Arc<Group> {
        self.groups.get("web").expect("it was applied")
    }

    fn set(&mut self, target: u8, state: HealthState) {
        self.group().set_health(identity(target), state, self.now);
    }

    fn wanted(&mut self) -> Wanted<'static> {
        self.chance += 1;
        Wanted { sticky: None, flow_hash: None, except: &[], chance: self.chance, now: self.now }
    }

    fn pick(&mut self) -> Option<Picked> {
        let wanted = self.wanted();
        self.group().pick(&wanted)
    }

    /// Who got how many of so many requests, each over before the next.
    fn shares(&mut self, requests: usize) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for _ in 0..requests {
            let picked = self.pick().expect("somebody gets it");
            *shares.entry(picked.target().id().to_owned()).or_default() += 1;
        }
        shares
    }
}

fn identity(target: u8) -> TargetIdentity {
    TargetIdentity::of(&format!("t{target}"), 80)
}

fn target(number: u8) -> Registered {
    Registered {
        id: format!("t{number}"),
        address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, number)),
        port: 80,
        zone: if number.is_multiple_of(2) { "a" } else { "b" }.to_owned(),
        is_draining: false,
    }
}

fn group(targets: Vec<Registered>, algorithm: Algorithm) -> TargetGroup {
    TargetGroup {
        arn: "web".to_owned(),
        name: "web".to_owned(),
        protocol: GroupProtocol::Http,
        http_version: HttpVersion::Http1,
        attributes: GroupAttributes {
            algorithm,
            anomaly_mitigation: false,
            slow_start_seconds: 0,
            stickiness: None,
            deregistration_delay_seconds: 300,
            terminate_on_deregistration: false,
            terminate_on_unhealthy: true,
            proxy_protocol_v2: false,
            preserve_client_ip: false,
            cross_zone: true,
            minimum_healthy_count: 1,
            minimum_healthy_percentage: 0,
        },
        health_check: Some(HealthCheck {
            protocol: HealthProtocol::Http,
            port: None,
            path: "/".to_owned(),
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: Matcher::Http(vec![(200, 200)]),
        }),
        targets,
    }
}

fn ids(shares: &BTreeMap<String, usize>) -> Vec<&str> {
    shares.keys().map(String::as_str).collect()
}

#[test]
fn an_unhealthy_target_gets_nothing_until_nobody_else_is_left() {
    let mut story = Story::new(3, Algorithm::RoundRobin);
    story.set(1, UNHEALTHY);
    assert_eq!(ids(&story.shares(30)), ["t0", "t2"]);
    story.set(0, UNHEALTHY);
    story.set(2, UNHEALTHY);
    assert_eq!(ids(&story.shares(30)), ["t0", "t1", "t2"]);
    story.set(1, HEALTHY);
    assert_eq!(ids(&story.shares(30)), ["t1"]);
}

#[test]
fn a_new_target_waits_for_its_first_checks_beside_healthy_ones() {
    let mut story = Story::new(1, Algorithm::RoundRobin);
    story.config.targets.push(target(1));
    story.apply();
    assert_eq!(ids(&story.shares(10)), ["t0"]);
    story.set(1, HEALTHY);
    assert_eq!(ids(&story.shares(10)), ["t0", "t1"]);
}

#[test]
fn too_few_healthy_targets_are_as_good_as_none() {
    let mut story = Story::new(4, Algorithm::RoundRobin);
    story.config.attributes.minimum_healthy_percentage = 50;
    story.apply();
    story.set(0, UNHEALTHY);
    story.set(1, UNHEALTHY);
    assert_eq!(ids(&story.shares(20)), ["t2", "t3"]);
    story.set(2, UNHEALTHY);
    assert_eq!(story.shares(20).len(), 4);

    story.config.attributes.minimum_healthy_percentage = 0;
    story.config.attributes.minimum_healthy_count = 2;
    story.apply();
    assert_eq!(story.shares(20).len(), 4);
    story.set(0, HEALTHY);
    assert_eq!(ids(&story.shares(20)), ["t0", "t3"]);
}

#[test]
fn a_draining_target_gets_nothing_new_not_even_from_who_was_there() {
    let mut story = Story::new(2, Algorithm::RoundRobin);
    let before = story.pick().expect("there are two");
    let drained = before.identity();
    let mut standing = before.target().standing();
    let position = story
        .config
        .targets
        .iter()
        .position(|target| TargetIdentity::of(&target.id, target.port) == drained)
        .expect("it is one of them");
    story.config.targets[position].is_draining = true;
    story.apply();
    assert_eq!(before.target().outstanding(), 1);
    let until = story.now + Duration::from_secs(300);
    assert_eq!(*standing.borrow_and_update(), Standing::Draining { until });
    let sticky = Wanted { sticky: Some(drained), ..story.wanted() };
    assert_ne!(story.group().pick(&sticky).expect("the other").identity(), drained);

    story.config.targets.remove(position);
    story.apply();
    assert_eq!(*standing.borrow(), Standing::Gone);
    story.config.targets.clear();
    story.apply();
    assert!(story.pick().is_none());
}

#[test]
fn what_a_target_has_and_how_it_stands_outlives_configurations() {
    let mut story = Story::new(2, Algorithm::LeastOutstandingRequests);
    let first = story.pick().expect("there are two");
    story.config.targets.push(target(2));
    story.config.attributes.deregistration_delay_seconds = 10;
    story.apply();
    assert_eq!(story.group().health_of(identity(0)), Some(HEALTHY));
    assert_eq!(story.group().health_of(identity(2)), Some(HealthState::Initial));
    let second = story.pick().expect("the other has nothing");
    assert_ne!(first.identity(), second.identity());
    drop(first);
    let again = story.pick().expect("there is one again");
    assert_ne!(again.identity(), second.identity());
}

#[test]
fn one_that_is_registered_anew_is_checked_anew() {
    let mut story = Story::new(2, Algorithm::RoundRobin);
    story.config.targets[0].is_draining = true;
    story.apply();
    story.config.targets[0].is_draining = false;
    story.apply();
    assert_eq!(story.group().health_of(identity(0)), Some(HealthState::Initial));
    assert_eq!(ids(&story.shares(10)), ["t1"]);
}

#[test]
fn one_in_another_zone_is_as_healthy_as_it_was_one_at_another_address_is_not() {
    let mut story = Story::new(2, Algorithm::RoundRobin);
    story.config.targets[0].zone = "c".to_owned();
    story.apply();
    assert_eq!(story.group().health_of(identity(0)), Some(HEALTHY));
    assert_eq!(story.group().census()["c"].healthy, 1);
    story.config.targets[0].address = [10, 0, 0, 99].into();
    story.apply();
    assert_eq!(story.group().health_of(identity(0)), Some(HealthState::Initial));
}

#[test]
fn whoever_was_there_comes_back_unless_it_was_just_tried() {
    let mut story = Story::new(4, Algorithm::RoundRobin);
    let sticky = Some(identity(2));
    for _ in 0..8 {
        let wanted = Wanted { sticky, ..story.wanted() };
        assert_eq!(story.group().pick(&wanted).expect("it is there").identity(), identity(2));
    }
    let tried = [identity(2)];
    let wanted = Wanted { sticky, except: &tried, ..story.wanted() };
    assert_ne!(story.group().pick(&wanted).expect("another").identity(), identity(2));
    story.set(2, UNHEALTHY);
    let wanted = Wanted { sticky, ..story.wanted() };
    assert_ne!(story.group().pick(&wanted).expect("another").identity(), identity(2));
}

#[test]
fn zones_that_are_kept_apart_have_their_own_targets_and_fail_open_for_themselves() {
    let mut story = Story::new(4, Algorithm::RoundRobin);
    story.groups = Groups::of_zone(Some("a"));
    story.apply();
    for target in 0..4 {
        story.set(target, HEALTHY);
    }
    assert_eq!(ids(&story.shares(10)).len(), 4, "zones are of no account yet");
    story.config.attributes.cross_zone = false;
    story.apply();
    assert_eq!(ids(&story.shares(10)), ["t0", "t2"]);
    story.set(0, UNHEALTHY);
    assert_eq!(ids(&story.shares(10)), ["t2"]);
    story.set(2, UNHEALTHY);
    assert_eq!(ids(&story.shares(10)), ["t0", "t2"]);
    let census = story.group().census();
    assert_eq!((census["a"].healthy, census["a"].unhealthy), (0, 2));
    assert_eq!((census["b"].healthy, census["b"].unhealthy), (2, 0));
}

#[test]
fn a_zone_without_targets_gets_none_of_others_unless_it_is_a_network_balancer_s() {
    let mut story = Story::new(4, Algorithm::RoundRobin);
    story.groups = Groups::of_zone(Some("c"));
    story.config.attributes.cross_zone = false;
    story.apply();
    assert!(story.pick().is_none());
    story.config.targets[3].zone = "all".to_owned();
    story.apply();
    assert_eq!(ids(&story.shares(10)), ["t3"]);

    story.config.protocol = GroupProtocol::Tcp;
    story.apply();
    assert_eq!(ids(&story.shares(10)), ["t3"]);
    story.config.targets[3].is_draining = true;
    story.apply();
    assert_eq!(ids(&story.shares(10)), ["t0", "t1", "t2"]);
}

#[test]
fn a_proxy_that_knows_no_zone_crosses_all_of_them() {
    let mut story = Story::new(4, Algorithm::RoundRobin);
    story.config.attributes.cross_zone = false;
    story.apply();
    assert_eq!(story.shares(10).len(), 4);
}

#[test]
fn a_target_that_joins_others_warms_up_in_a_straight_line() {
    let mut story = Story::new(3, Algorithm::RoundRobin);
    story.config.attributes.slow_start_seconds = 100;
    story.config.targets.push(target(3));
    story.apply();
    story.set(3, HEALTHY);
    let mut last = 0;
    for (gone, least, most) in [(1, 5, 60), (25, 550, 680), (50, 1050, 1240), (100, 2000, 2000)] {
        story.now += Duration::from_secs(gone) - Duration::from_secs(last);
        last = gone;
        let shares = story.shares(8000);
        let got = shares.get("t3").copied().unwrap_or(0);
        assert!((least..=most).contains(&got), "after {gone} s it got {got}");
        let others: Vec<_> = (0..3).map(|t| shares[&format!("t{t}")]).collect();
        assert!(others.iter().max() <= others.iter().min().map(|n| n + 2).as_ref(), "{others:?}");
    }
}

#[test]
fn the_first_targets_of_a_group_start_at_once() {
    let mut story = Story::unchecked(2, Algorithm::RoundRobin);
    story.config.attributes.slow_start_seconds = 100;
    story.apply();
    story.set(0, HEALTHY);
    story.set(1, HEALTHY);
    assert_eq!(story.shares(100), [("t0".to_owned(), 50), ("t1".to_owned(), 50)].into());
}

#[test]
fn a_target_that_fails_gets_less_and_recovers_slowly() {
    let mut story = Story::new(4, Algorithm::WeightedRandom);
    story.config.attributes.anomaly_mitigation = true;
    story.apply();
    let window = |story: &mut Story, fails: bool| {
        let mut got = 0;
        for _ in 0..2000 {
            let picked = story.pick().expect("there are four");
            let is_bad = picked.identity() == identity(3);
            got += usize::from(is_bad);
            picked.answered(if is_bad && fails { 503 } else { 200 });
        }
        story.now += Duration::from_secs(5);
        got
    };
    let even = window(&mut story, true);
    assert!((400..600).contains(&even), "{even}");
    let halved = window(&mut story, true);
    assert!((200..350).contains(&halved), "{halved}");
    assert_eq!(story.group().census()["b"].anomalous, 1);
    for _ in 0..8 {
        window(&mut story, true);
    }
    let least = window(&mut story, true);
    assert!((1..40).contains(&least), "{least}");
    for _ in 0..30 {
        window(&mut story, false);
    }
    let whole = window(&mut story, false);
    assert!((400..600).contains(&whole), "{whole}");
    assert_eq!(story.group().census()["b"].anomalous, 0);
}

#[test]
fn what_fails_everywhere_is_no_anomaly() {
    let mut story = Story::new(4, Algorithm::WeightedRandom);
    story.config.attributes.anomaly_mitigation = true;
    story.apply();
    for _ in 0..5 {
        for _ in 0..400 {
            story.pick().expect("there are four").failed();
        }
        story.now += Duration::from_secs(5);
    }
    assert_eq!(story.shares(4000).values().filter(|got| **got > 800).count(), 4);
}

#[test]
fn the_end_of_a_group_is_the_end_of_its_targets() {
    let mut story = Story::new(1, Algorithm::RoundRobin);
    let picked = story.pick().expect("there is one");
    let standing = picked.target().standing();
    let group = story.group();
    story.groups.apply(&[], story.now);
    assert_eq!(*standing.borrow(), Standing::Gone);
    assert!(story.groups.get("web").is_none());
    assert!(group.pick(&story.wanted()).is_none());
}

proptest! {
    /// Nobody gets more than one request ahead of anybody else.
    #[test]
    fn round_robin_is_even(targets in 1_u8..40, requests in 1_usize..200) {
        let mut story = Story::new(targets, Algorithm::RoundRobin);
        let shares = story.shares(requests);
        let least = if shares.len() < usize::from(targets) { 0 } else { *shares.values().min().unwrap() };
        prop_assert!(shares.values().max().unwrap() - least <= 1, "{shares:?}");
    }

    /// Requests that do not end spread as evenly as can be, whatever ends in between.
    #[test]
    fn least_outstanding_is_level(targets in 1_u8..40, ends in prop::collection::vec(any::<u8>(), 1..100)) {
        let mut story = Story::new(targets, Algorithm::LeastOutstandingRequests);
        let mut held = Vec::new();
        for end in ends {
            let before: Vec<_> = held.iter().map(|p: &Picked| p.identity()).collect();
            let load = |id| before.iter().filter(|b| **b == id).count();
            let picked = story.pick().expect("there are some");
            let least = (0..targets).map(|t| load(identity(t))).min().unwrap();
            prop_assert_eq!(load(picked.identity()), least);
            held.push(picked);
            if end.is_multiple_of(3) {
                held.swap_remove(usize::from(end) % held.len());
            }
        }
    }

    /// Far from even is as good as impossible for so many.
    #[test]
    fn weighted_random_is_even_enough(targets in 1_u8..8, chance in any::<u32>()) {
        let mut story = Story::new(targets, Algorithm::WeightedRandom);
        story.chance = u64::from(chance);
        let shares = story.shares(usize::from(targets) * 400);
        prop_assert_eq!(shares.len(), usize::from(targets));
        prop_assert!(shares.values().all(|got| (280..=520).contains(got)), "{:?}", shares);
    }

    /// A flow keeps its target when another one comes or goes, and flows spread.
    #[test]
    fn flows_move_only_with_their_target(targets in 2_u8..20, gone in any::<u8>(), salt in any::<u64>()) {
        let mut story = Story::new(targets, Algorithm::RoundRobin);
        let gone = gone % targets;
        let pick = |story: &mut Story, flow: u64| {
            let wanted = Wanted { flow_hash: Some(flow.wrapping_mul(salt | 1)), ..story.wanted() };
            story.group().pick(&wanted).map(|picked| picked.identity())
        };
        let before: Vec<_> = (0..200).map(|flow| pick(&mut story, flow)).collect();
        story.set(gone, UNHEALTHY);
        let mut moved = 0;
        for (flow, before) in before.iter().enumerate() {
            let after = pick(&mut story, flow as u64);
            if *before == Some(identity(gone)) {
                moved += 1;
                prop_assert_ne!(&after, before);
            } else {
                prop_assert_eq!(&after, before);
            }
        }
        prop_assert!(moved < 200 * 3 / usize::from(targets) + 30, "{} of 200 moved", moved);
    }
}
