use berth_proxy_protocol::{
    Algorithm, GroupAttributes, GroupProtocol, HealthCheck, HealthProtocol, HealthState,
    HttpVersion, Matcher, Target, TargetGroup,
};
use tokio::time::Instant;

use super::*;
use crate::group::{Groups, TargetIdentity, Wanted};

const SECOND: Duration = Duration::from_secs(1);

/// A group with one healthy target, and a flow that it has.
struct Story {
    groups: Groups,
    config: TargetGroup,
    ending: Ending,
}

impl Story {
    fn new(terminates: bool) -> Story {
        let config = group(terminates);
        let story = Story { groups: Groups::default(), config, ending: Ending::default() };
        story.apply();
        story.set_health(HealthState::Healthy);
        story
    }

    fn apply(&self) {
        self.groups.apply(std::slice::from_ref(&self.config), Instant::now());
    }

    fn set_health(&self, state: HealthState) {
        let group = self.groups.get("group").expect("it was applied");
        group.set_health(TargetIdentity::of("t", 80), state, Instant::now());
    }

    /// Begins a flow, and tells how long it may last once this has happened.
    async fn lasts(&mut self, happens: impl FnOnce(&mut Story)) -> Option<Duration> {
        let group = self.groups.get("group").expect("it was applied");
        let wanted = Wanted {
            sticky: None,
            flow_hash: Some(1),
            except: &[],
            chance: 0,
            now: Instant::now(),
        };
        let picked = group.pick(&wanted).expect("there is a target");
        let end = runs_out(&group, picked.target().standing(), self.ending.clone());
        let mut end = std::pin::pin!(end);
        assert!(futures_util::poll!(end.as_mut()).is_pending());
        let began = Instant::now();
        happens(self);
        tokio::time::timeout(1000 * SECOND, end).await.ok()?;
        Some(began.elapsed())
    }
}

fn group(terminates: bool) -> TargetGroup {
    TargetGroup {
        arn: "group".to_owned(),
        name: "group".to_owned(),
        protocol: GroupProtocol::Tcp,
        http_version: HttpVersion::Http1,
        attributes: GroupAttributes {
            algorithm: Algorithm::RoundRobin,
            anomaly_mitigation: false,
            slow_start_seconds: 0,
            stickiness: None,
            deregistration_delay_seconds: 30,
            terminate_on_deregistration: terminates,
            terminate_on_unhealthy: terminates,
            proxy_protocol_v2: false,
            preserve_client_ip: false,
            cross_zone: true,
            minimum_healthy_count: 1,
            minimum_healthy_percentage: 0,
        },
        health_check: Some(HealthCheck {
            protocol: HealthProtocol::Tcp,
            port: None,
            path: String::new(),
            interval_seconds: 30,
            timeout_seconds: 10,
            healthy_threshold: 3,
            unhealthy_threshold: 3,
            matcher: Matcher::Http(Vec::new()),
        }),
        targets: vec![Target {
            id: "t".to_owned(),
            address: [10, 0, 0, 1].into(),
            port: 80,
            zone: "a".to_owned(),
            is_draining: false,
        }],
    }
}

fn drain(story: &mut Story) {
    story.config.targets[0].is_draining = true;
    story.apply();
}

fn remove(story: &mut Story) {
    story.config.targets.clear();
    story.apply();
}

fn sicken(story: &mut Story) {
    story.set_health(HealthState::Unhealthy);
}

#[tokio::test(start_paused = true)]
async fn a_flow_ends_with_its_target_if_its_group_says_so() {
    assert_eq!(Story::new(true).lasts(sicken).await, Some(Duration::ZERO));
    assert_eq!(Story::new(true).lasts(drain).await, Some(30 * SECOND));
    assert_eq!(Story::new(true).lasts(remove).await, Some(Duration::ZERO));
    for happens in [sicken, drain, remove] {
        assert_eq!(Story::new(false).lasts(happens).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_an_unhealthy_target_got_for_want_of_others_may_stay() {
    let mut story = Story::new(true);
    sicken(&mut story);
    assert_eq!(story.lasts(|_| {}).await, None);
    let lasts = story.lasts(|story| story.set_health(HealthState::Healthy)).await;
    assert_eq!(lasts, None);
    assert_eq!(story.lasts(sicken).await, Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_flow_without_a_listener_has_as_long_as_one_without_a_target() {
    let lasts = Story::new(false).lasts(|story| story.ending.ask(Why::Closed)).await;
    assert_eq!(lasts, Some(30 * SECOND));
    let lasts = Story::new(false).lasts(|story| story.ending.ask(Why::Succeeded)).await;
    assert_eq!(lasts, None);
}
