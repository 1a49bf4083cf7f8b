use super::*;

const THRESHOLDS: Thresholds = Thresholds { healthy: 3, unhealthy: 2, names_failures: true };

/// What a target's state is after each of these answers: `.` is good, `x` a 500, `t` a timeout, `b` no answer.
fn states(of: HealthState, answers: &str) -> String {
    let mut verdict = Verdict::new(THRESHOLDS, of);
    let state = |answer| {
        verdict.note(match answer {
            '.' => Ok(()),
            't' => Err(Failure::Timeout),
            'b' => Err(Failure::Broken),
            _ => Err(Failure::Code(500)),
        });
        match verdict.state() {
            HealthState::Initial => 'i',
            HealthState::Healthy => 'H',
            HealthState::Unhealthy => 'U',
        }
    };
    answers.chars().map(state).collect()
}

#[test]
fn states_follow_from_answers() {
    let table = [
        (HealthState::Initial, ".", "H"),
        (HealthState::Initial, "x.", "iH"),
        (HealthState::Initial, "xt", "iU"),
        (HealthState::Initial, "xx..x...", "iUUUUUUH"),
        (HealthState::Healthy, "x.x.xb", "HHHHHU"),
        (HealthState::Unhealthy, "..x...", "UUUUUH"),
        (HealthState::Unhealthy, "...x.xx", "UUHHHHU"),
    ];
    for (state, answers, expected) in table {
        assert_eq!(states(state, answers), expected, "{state:?} {answers}");
    }
}

fn words(thresholds: Thresholds, failures: &[Failure]) -> Option<(HealthReason, String)> {
    let mut verdict = Verdict::new(thresholds, HealthState::Initial);
    for failure in failures {
        verdict.note(Err(*failure));
    }
    verdict.reason()
}

#[test]
fn reasons_are_elbs() {
    use Failure::{Broken, Code, Timeout};
    let table: [(&[Failure], HealthReason, &str); 6] = [
        (&[Code(500)], HealthReason::InitialHealthChecking, "Initial health checks in progress"),
        (
            &[Code(500), Code(500)],
            HealthReason::ResponseCodeMismatch,
            "Health checks failed with these codes: [500]",
        ),
        (
            &[Code(404), Code(503), Code(500)],
            HealthReason::ResponseCodeMismatch,
            "Health checks failed with these codes: [500, 503]",
        ),
        (&[Code(500), Timeout], HealthReason::Timeout, "Request timed out"),
        (&[Timeout, Broken], HealthReason::FailedHealthChecks, "Health checks failed"),
        (
            &[Broken, Broken, Code(500)],
            HealthReason::ResponseCodeMismatch,
            "Health checks failed with these codes: [500]",
        ),
    ];
    for (failures, reason, description) in table {
        let expected = Some((reason, description.to_owned()));
        assert_eq!(words(THRESHOLDS, failures), expected, "{failures:?}");
    }
}

#[test]
fn a_network_balancer_has_one_reason_and_a_healthy_target_none() {
    let thresholds = Thresholds { names_failures: false, ..THRESHOLDS };
    let failed = (HealthReason::FailedHealthChecks, "Health checks failed".to_owned());
    assert_eq!(words(thresholds, &[Failure::Timeout, Failure::Timeout]), Some(failed));
    let mut verdict = Verdict::new(THRESHOLDS, HealthState::Initial);
    verdict.note(Ok(()));
    assert_eq!(verdict.reason(), None);
}

/// What failed before is not told of the next failure.
#[test]
fn a_target_that_was_healthy_in_between_has_only_new_codes() {
    let mut verdict = Verdict::new(THRESHOLDS, HealthState::Healthy);
    for answer in
        [Err(Failure::Code(404)), Ok(()), Err(Failure::Code(500)), Err(Failure::Code(502))]
    {
        verdict.note(answer);
    }
    let (_, description) = verdict.reason().expect("it is unhealthy");
    assert_eq!(description, "Health checks failed with these codes: [500, 502]");
}
