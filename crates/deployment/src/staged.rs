//! A deployment that shifts traffic: blue/green, linear or canary.
//!
//! All new tasks run beside the old ones, untouched by floor and ceiling; then traffic moves, in one
//! step or several; then the old tasks go. What listener rules are to say meanwhile is worked out in
//! `traffic.rs`; without a load balancer a shift is a number. The deployment stops at hooks until they are answered.

use berth_model::{RolloutState, Timestamp};

use crate::census::{Census, healthy};
use crate::deployment::RolloutReason;
use crate::draft::Draft;
use crate::explanation::Note;
use crate::plan::{HookCall, StopReason};
use crate::replica;
use crate::rollout::last_completed;
use crate::stage::{
    HookAction, HookProgress, HookStatus, HookTarget, LifecycleStage, StageProgress, Strategy,
};

/// Takes the deployment as far as it goes. `false`: from here on it is an ordinary movement.
pub(crate) fn advance(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let in_stages = draft.service.deployments[primary].strategy != Strategy::Rolling
        && draft.progress[primary].rollout == RolloutState::InProgress
        && draft.progress[primary].reason == RolloutReason::InProgress;
    if !in_stages {
        return false;
    }
    if draft.progress[primary].stage.is_none() {
        let others = (0..draft.progress.len()).filter(|index| *index != primary);
        let several = others.filter(|index| census.has_tasks_of(*index)).count() > 1;
        let first =
            if several { LifecycleStage::ReconcileService } else { LifecycleStage::PreScaleUp };
        enter(draft, primary, first);
    }
    while let Some(next) = way_on(draft, census, primary) {
        enter(draft, primary, next);
    }
    let stage = here(draft, primary).stage;
    draft.note(Note::Stage { stage, waits_for_hooks: waits_for_hooks(draft, primary) });
    if stage == LifecycleStage::CleanUp {
        return false;
    }
    keep_both(draft, census, primary, stage);
    true
}

/// Whether it is in a stage before the last: nothing is over yet.
pub(crate) fn is_under_way(draft: &Draft<'_>, primary: usize) -> bool {
    let stage = draft.progress[primary].stage.as_ref();
    stage.is_some_and(|stage| stage.stage != LifecycleStage::CleanUp)
}

/// Why a deployment cannot go on, if a hook says so or its requests cannot be shifted.
pub(crate) fn failure(draft: &Draft<'_>, primary: usize) -> Option<RolloutReason> {
    let is_to_shift = draft.service.deployments[primary].strategy != Strategy::Rolling
        && draft.progress[primary].reason == RolloutReason::InProgress
        && (draft.progress[primary].stage.is_none() || is_under_way(draft, primary));
    if is_to_shift && draft.service.deployments[primary].obstacle.is_some() {
        return Some(RolloutReason::InvalidNetworking);
    }
    let hooks = &draft.service.deployments[primary].hooks;
    let states = &draft.progress[primary].stage.as_ref()?.hooks;
    let failed = states.iter().any(|state| {
        state.status == HookStatus::Failed
            || (is_overdue(state, draft.now)
                && hooks
                    .get(state.hook as usize)
                    .is_none_or(|hook| hook.on_timeout == HookAction::Rollback))
    });
    failed.then_some(RolloutReason::HookFailed)
}

fn is_waiting(state: &HookProgress) -> bool {
    matches!(state.status, HookStatus::AwaitingAction | HookStatus::InProgress)
}

fn is_overdue(state: &HookProgress, now: Timestamp) -> bool {
    is_waiting(state) && state.expires_at <= now
}

fn here<'d>(draft: &'d mut Draft<'_>, primary: usize) -> &'d mut StageProgress {
    draft.progress[primary].stage.as_mut().expect("entered before anything looks at it")
}

fn enter(draft: &mut Draft<'_>, primary: usize, stage: LifecycleStage) {
    let (now, deployment) = (draft.now, draft.id(primary));
    let mut hooks = Vec::new();
    for (hook, known) in (0_u32..).zip(&draft.service.deployments[primary].hooks) {
        if !known.stages.contains(&stage) {
            continue;
        }
        let expires_at = now + known.timeout;
        let status = match known.target {
            HookTarget::Function => HookStatus::InProgress,
            HookTarget::Pause => HookStatus::AwaitingAction,
        };
        if known.target == HookTarget::Function {
            draft.hooks.push(HookCall { deployment, hook, stage });
        }
        hooks.push(HookProgress { hook, status, expires_at });
    }
    let before = draft.progress[primary].stage.as_ref();
    let (test_weight, weight) =
        before.map_or((0.0, 0.0), |before| (before.test_weight, before.production_weight));
    let shifted = match (stage, draft.service.deployments[primary].strategy) {
        (LifecycleStage::ProductionTrafficShift, Strategy::Linear { step_percent, .. }) => {
            (weight + step_percent.max(0.1)).min(100.0)
        }
        (LifecycleStage::ProductionTrafficShift, Strategy::Canary { percent, .. })
            if weight == 0.0 =>
        {
            percent.min(100.0)
        }
        (LifecycleStage::ProductionTrafficShift, _) => 100.0,
        _ => weight,
    };
    draft.progress[primary].stage = Some(StageProgress {
        stage,
        entered_at: now,
        test_weight: if stage == LifecycleStage::TestTrafficShift { 100.0 } else { test_weight },
        production_weight: shifted,
        hooks,
    });
    let has_groups = draft.service.deployments[primary].lane.is_some();
    if stage == LifecycleStage::TestTrafficShift && draft.service.shifts_traffic && has_groups {
        draft.progress[primary].traffic.get_or_insert_default().test = Some(100.0);
    }
}

fn waits_for_hooks(draft: &Draft<'_>, primary: usize) -> bool {
    draft.progress[primary].stage.iter().flat_map(|stage| &stage.hooks).any(is_waiting)
}

/// The stage after this one, if this one is done.
fn way_on(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) -> Option<LifecycleStage> {
    let now = draft.now;
    let current = here(draft, primary);
    for state in current.hooks.iter_mut().filter(|state| is_overdue(state, now)) {
        // One that should lead to a rollback has done so before.
        state.status = HookStatus::TimedOut;
    }
    let StageProgress { stage, entered_at, production_weight, .. } = *current;
    let expiry =
        current.hooks.iter().filter(|state| is_waiting(state)).map(|state| state.expires_at);
    if let Some(expiry) = expiry.min() {
        draft.ask_again(expiry);
        return None;
    }
    let wait = match (stage, draft.service.deployments[primary].strategy) {
        (LifecycleStage::ProductionTrafficShift, _) if production_weight >= 100.0 => None,
        (LifecycleStage::ProductionTrafficShift, Strategy::Linear { step_bake, .. }) => {
            Some(step_bake)
        }
        (LifecycleStage::ProductionTrafficShift, Strategy::Canary { bake, .. }) => Some(bake),
        (LifecycleStage::BakeTime, _) => Some(draft.service.bake_time),
        _ => None,
    };
    if let Some(until) = wait.map(|wait| entered_at + wait)
        && now < until
    {
        draft.ask_again(until);
        return None;
    }
    match stage {
        LifecycleStage::ReconcileService => {
            let done =
                strays(draft, census, primary).is_empty() || !can_grow(draft, census, primary);
            if done { stage.next() } else { None }
        }
        LifecycleStage::ScaleUp => {
            let up = healthy(&census.of(primary).live) >= draft.service.desired_count;
            if up { stage.next() } else { None }
        }
        LifecycleStage::ProductionTrafficShift if production_weight < 100.0 => {
            Some(LifecycleStage::PreProductionTrafficShift)
        }
        _ => stage.next(),
    }
}

/// The deployment that serves while the new one is prepared: the last completed one, or if there is
/// none, the newest that ever served and still has tasks, one that has failed last.
pub(crate) fn blue(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> Option<usize> {
    let serves = |index: &usize| {
        draft.progress[*index].healthy_mark.is_some() && census.has_tasks_of(*index)
    };
    last_completed(draft, primary).or_else(|| {
        (0..draft.progress.len()).filter(|index| *index != primary && serves(index)).max_by_key(
            |&index| {
                let has_failed = draft.progress[index].rollout == RolloutState::Failed;
                (!has_failed, draft.service.deployments[index].created_at, draft.id(index))
            },
        )
    })
}

/// Deployments with tasks that are neither the new one nor the one before.
fn strays(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> Vec<usize> {
    let blue = blue(draft, census, primary);
    (0..draft.progress.len())
        .filter(|&index| index != primary && Some(index) != blue && census.has_tasks_of(index))
        .collect()
}

/// Whether the deployment that serves would start tasks: one that was stopped or has failed starts none.
fn can_grow(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let blue = blue(draft, census, primary);
    blue.is_none_or(|blue| draft.progress[blue].rollout != RolloutState::Failed)
}

/// None of these has ever served.
fn stop_all(draft: &mut Draft<'_>, census: &Census<'_>, strays: &[usize]) {
    let now = draft.now;
    for &index in strays {
        draft.progress[index].desired_count = 0;
        for live in census.of(index).live.into_iter().filter(|live| !live.is_spared(now)) {
            draft.stop(live, StopReason::Scaling(live.task.deployment));
        }
    }
}

fn keep_both(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize, stage: LifecycleStage) {
    let desired = draft.service.desired_count;
    let strays = strays(draft, census, primary);
    match blue(draft, census, primary) {
        Some(blue) if strays.is_empty() => replica::roll_alone(draft, census, blue, desired),
        // What a rolling deployment left half done still serves until the one before has grown back; if that never
        // will, until the new one takes over from both.
        Some(blue) if can_grow(draft, census, primary) => {
            replica::roll_among(draft, &census.without(primary), blue, &strays);
        }
        Some(_) => {}
        None => stop_all(draft, census, &strays),
    }
    if stage >= LifecycleStage::ScaleUp {
        replica::roll_alone(draft, census, primary, desired);
    }
}
