//! The stages of a deployment that shifts traffic, and the hooks it stops at.
//!
//! AWS: developer guide, blue-green-deployment-how-it-works and deployment-lifecycle-hooks.

use std::time::Duration;

use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use crate::deployment::Progress;

/// How a deployment takes over from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Strategy {
    /// Task by task.
    #[default]
    Rolling,
    /// All tasks beside the old ones, then all traffic at once.
    BlueGreen,
    /// All tasks beside the old ones, then traffic in equal steps.
    Linear { step_percent: f64, step_bake: Duration },
    /// All tasks beside the old ones, then a little traffic, then the rest.
    Canary { percent: f64, bake: Duration },
}

/// In order of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum LifecycleStage {
    #[n(0)]
    ReconcileService,
    #[n(1)]
    PreScaleUp,
    #[n(2)]
    ScaleUp,
    #[n(3)]
    PostScaleUp,
    #[n(4)]
    TestTrafficShift,
    #[n(5)]
    PostTestTrafficShift,
    /// Before every step of the shift. AWS: hooks know this stage, service deployments do not show it.
    #[n(6)]
    PreProductionTrafficShift,
    #[n(7)]
    ProductionTrafficShift,
    #[n(8)]
    PostProductionTrafficShift,
    #[n(9)]
    BakeTime,
    #[n(10)]
    CleanUp,
}

impl LifecycleStage {
    /// AWS's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            LifecycleStage::ReconcileService => "RECONCILE_SERVICE",
            LifecycleStage::PreScaleUp => "PRE_SCALE_UP",
            LifecycleStage::ScaleUp => "SCALE_UP",
            LifecycleStage::PostScaleUp => "POST_SCALE_UP",
            LifecycleStage::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            LifecycleStage::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            LifecycleStage::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            LifecycleStage::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            LifecycleStage::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            LifecycleStage::BakeTime => "BAKE_TIME",
            LifecycleStage::CleanUp => "CLEAN_UP",
        }
    }

    pub(crate) const fn next(self) -> Option<LifecycleStage> {
        Some(match self {
            LifecycleStage::ReconcileService => LifecycleStage::PreScaleUp,
            LifecycleStage::PreScaleUp => LifecycleStage::ScaleUp,
            LifecycleStage::ScaleUp => LifecycleStage::PostScaleUp,
            LifecycleStage::PostScaleUp => LifecycleStage::TestTrafficShift,
            LifecycleStage::TestTrafficShift => LifecycleStage::PostTestTrafficShift,
            LifecycleStage::PostTestTrafficShift => LifecycleStage::PreProductionTrafficShift,
            LifecycleStage::PreProductionTrafficShift => LifecycleStage::ProductionTrafficShift,
            LifecycleStage::ProductionTrafficShift => LifecycleStage::PostProductionTrafficShift,
            LifecycleStage::PostProductionTrafficShift => LifecycleStage::BakeTime,
            LifecycleStage::BakeTime => LifecycleStage::CleanUp,
            LifecycleStage::CleanUp => return None,
        })
    }
}

/// Something that a deployment asks or waits for at certain stages. Hooks are known by their index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub stages: Vec<LifecycleStage>,
    pub target: HookTarget,
    pub timeout: Duration,
    pub on_timeout: HookAction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookTarget {
    /// The caller calls it when a plan says so, and answers with [`answer_hook`].
    Function,
    /// A person answers, by ContinueServiceDeployment.
    Pause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAction {
    Continue,
    Rollback,
}

/// Where a deployment with stages is.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct StageProgress {
    #[n(0)]
    pub stage: LifecycleStage,
    #[n(1)]
    pub entered_at: Timestamp,
    /// Percent of the traffic that goes to the new tasks.
    #[n(2)]
    pub test_weight: f64,
    #[n(3)]
    pub production_weight: f64,
    /// Those of the present stage.
    #[n(4)]
    pub hooks: Vec<HookProgress>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct HookProgress {
    /// Index among the deployment's hooks.
    #[n(0)]
    pub hook: u32,
    #[n(1)]
    pub status: HookStatus,
    #[n(2)]
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum HookStatus {
    /// A person has to say something.
    #[n(0)]
    AwaitingAction,
    #[n(1)]
    InProgress,
    #[n(2)]
    Succeeded,
    #[n(3)]
    Failed,
    #[n(4)]
    TimedOut,
}

impl HookStatus {
    /// AWS's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            HookStatus::AwaitingAction => "AWAITING_ACTION",
            HookStatus::InProgress => "IN_PROGRESS",
            HookStatus::Succeeded => "SUCCEEDED",
            HookStatus::Failed => "FAILED",
            HookStatus::TimedOut => "TIMED_OUT",
        }
    }
}

/// A hook's answer, from a function or a person. `false`: nobody waits for it.
pub fn answer_hook(progress: &mut Progress, hook: u32, answer: HookAction) -> bool {
    let waiting = progress.stage.iter_mut().flat_map(|stage| &mut stage.hooks).find(|state| {
        state.hook == hook
            && matches!(state.status, HookStatus::AwaitingAction | HookStatus::InProgress)
    });
    let Some(state) = waiting else { return false };
    state.status = match answer {
        HookAction::Continue => HookStatus::Succeeded,
        HookAction::Rollback => HookStatus::Failed,
    };
    true
}
