//! What users and sessions hold open: judged again when anything changes that it was allowed by.
//!
//! A call is judged once and over. A web socket lasts, so whoever loses a key, a policy or a role while it is open loses
//! it as well.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use berth_control::cell::Snapshot;
use berth_control::pipeline::{Call, Held, PrincipalKind};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::Change;
use tokio_util::sync::CancellationToken;

use crate::Identity;
use crate::tables::{AccessKey, Account, Group, Policy, Role, UniqueId, User};

/// Everything that is open.
#[derive(Default)]
pub struct HeldOpen(Mutex<Vec<(Held, CancellationToken)>>);

impl HeldOpen {
    /// Cancelled when it may be had no longer; to be cancelled by whoever has it when it is over.
    pub fn keep(&self, identity: &Identity, held: Held) -> CancellationToken {
        let token = CancellationToken::new();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, token)| !token.is_cancelled());
        // What changed between the decision and now would not be heard of again.
        if !may_still(identity, &held) {
            token.cancel();
        }
        all.push((held, token.clone()));
        token
    }

    fn judge_again(&self, identity: &Identity) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(held, token)| {
            if !token.is_cancelled() && !may_still(identity, held) {
                tracing::info!(principal = %held.call.principal, "what is open may be had no longer");
                token.cancel();
            }
            !token.is_cancelled()
        });
    }
}

fn may_still(identity: &Identity, held: &Held) -> bool {
    has_key(&identity.cell.snapshot(), &held.call) && held.judge(identity.env.now()).is_ok()
}

/// Whether the caller's key would be found today. What temporary keys are good for is a matter of policies.
fn has_key(view: &Snapshot, call: &Call) -> bool {
    let PrincipalKind::User(user) = &call.principal.kind else { return true };
    let key = (Account::of(&call.scope), UniqueId::from(user.id.as_str()));
    if view.table::<User>().get(&key).is_none() {
        return false;
    }
    if user.token_issued_at.is_some() {
        return true;
    }
    let key = call.principal.access_key_id.as_deref().map(str::to_owned);
    let key = key.and_then(|id| view.table::<AccessKey>().get(&id));
    key.is_some_and(|key| key.is_active)
}

/// Looks through all that is open when keys or policies change, and now and then for policies that look at the clock.
pub struct JudgeAgain(Arc<Identity>);

impl JudgeAgain {
    pub fn new(identity: Arc<Identity>) -> Self {
        JudgeAgain(identity)
    }
}

#[async_trait]
impl Reconciler for JudgeAgain {
    /// All of it together.
    type Key = ();

    fn name(&self) -> &'static str {
        "judge-again"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(())) {
        if change.of::<AccessKey>().is_some()
            || change.of::<User>().is_some()
            || change.of::<Group>().is_some()
            || change.of::<Role>().is_some()
            || change.of::<Policy>().is_some()
        {
            wake(());
        }
    }

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        self.0.held_open.judge_again(&self.0);
        Ok(Next::Done)
    }
}
