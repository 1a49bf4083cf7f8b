//! Target groups that a test makes and takes away: whatever is registered with them is healthy. There is nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use berth_control::cell::{Sight, Transaction};
use berth_control::ports::{
    LoadBalancing, NoBalancers, NoSuchTargetGroup, NotShared, Share, Standing, TargetChange,
    TargetGroupFacts, TargetRef, TargetType,
};
use berth_control::tables::Change;
use berth_model::{Scope, Timestamp};

#[derive(Default)]
pub struct Balancers(Mutex<BTreeMap<String, Targets>>);

type Targets = BTreeSet<(String, u16)>;

impl Balancers {
    pub fn add_group(&self, arn: &str) {
        self.lock().insert(arn.to_owned(), Targets::new());
    }

    pub fn remove_group(&self, arn: &str) {
        self.lock().remove(arn).expect("it was there");
    }

    pub fn targets(&self, arn: &str) -> Vec<(String, u16)> {
        self.lock()[arn].iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Targets>> {
        self.0.lock().expect("nobody panics with it")
    }
}

impl LoadBalancing for Balancers {
    fn target_group(&self, _: Sight<'_>, _: &Scope, arn: &str) -> Option<TargetGroupFacts> {
        self.lock().contains_key(arn).then(|| TargetGroupFacts {
            target_type: TargetType::Instance,
            protocol: "HTTP",
            balancer: Some("arn:aws:elasticloadbalancing:x".to_owned()),
        })
    }

    fn register(
        &self,
        _: &mut Transaction,
        target: &TargetRef,
        _: Timestamp,
    ) -> Result<(), NoSuchTargetGroup> {
        let mut groups = self.lock();
        let targets = groups.get_mut(&target.group);
        let targets = targets.ok_or_else(|| NoSuchTargetGroup(target.group.clone()))?;
        targets.insert((target.id.clone(), target.port));
        Ok(())
    }

    fn deregister(&self, _: &mut Transaction, target: &TargetRef, _: Timestamp) {
        if let Some(targets) = self.lock().get_mut(&target.group) {
            targets.remove(&(target.id.clone(), target.port));
        }
    }

    fn standing(&self, _: Sight<'_>, target: &TargetRef) -> Standing {
        let key = (target.id.clone(), target.port);
        match self.lock().get(&target.group).is_some_and(|targets| targets.contains(&key)) {
            true => Standing::Healthy,
            false => Standing::Gone,
        }
    }

    fn reason(&self, view: Sight<'_>, target: &TargetRef) -> Option<String> {
        NoBalancers.reason(view, target)
    }

    fn shares(&self, view: Sight<'_>, scope: &Scope, rule: &str) -> Option<Vec<Share>> {
        NoBalancers.shares(view, scope, rule)
    }

    fn share(
        &self,
        tx: &mut Transaction,
        scope: &Scope,
        rule: &str,
        shares: &[Share],
    ) -> Result<(), NotShared> {
        NoBalancers.share(tx, scope, rule, shares)
    }

    fn changed(&self, change: &Change) -> Option<TargetChange> {
        NoBalancers.changed(change)
    }
}
