//! A rule of a listener: what is done with requests that its conditions hold for.

use berth_aws_api::elbv2 as api;
use berth_control::sealing::{Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::Tags;
use minicbor::{Decode, Encode};

use super::{Actions, BalancerRef, ElbId, Stored};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Rule {
    #[n(0)]
    pub id: ElbId,
    #[n(1)]
    pub of: BalancerRef,
    #[n(2)]
    pub listener: ElbId,
    /// 1 to 50,000; the first that holds is asked no further.
    #[n(3)]
    pub priority: u32,
    /// In ELB's form, as they are shown.
    #[n(4)]
    pub conditions: Vec<Stored<api::RuleCondition>>,
    #[n(5)]
    pub actions: Actions,
    #[n(6)]
    pub transforms: Vec<Stored<api::RuleTransform>>,
    #[n(7)]
    pub tags: Tags,
}

impl Record for Rule {
    const TABLE: TableId = TableId::new(262, "listener-rules");
    type Key = ElbId;
    type Indexes = RuleIndexes;

    fn key(&self) -> ElbId {
        self.id
    }

    berth_control::record_codec!();
}

impl Seals for Rule {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.actions.sealed()
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        self.actions.seal_anew(self.id, sealer)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleIndexes {
    pub by_priority: Index<(ElbId, u32), ElbId>,
    pub by_group: Index<ElbId, ElbId>,
}

impl RuleIndexes {
    /// Those of a listener, the first first.
    pub fn of(&self, listener: ElbId) -> impl Iterator<Item = ElbId> + use<'_> {
        self.by_priority.range((listener, 0)..=(listener, u32::MAX)).map(|(_, id)| *id)
    }

    pub fn at(&self, listener: ElbId, priority: u32) -> Option<ElbId> {
        self.by_priority.first(&(listener, priority)).copied()
    }
}

impl Indexes<Rule> for RuleIndexes {
    fn insert(&mut self, row: &Rule) {
        self.by_priority.insert((row.listener, row.priority), row.id);
        for group in row.actions.groups() {
            self.by_group.insert(group, row.id);
        }
    }

    fn remove(&mut self, row: &Rule) {
        self.by_priority.remove(&(row.listener, row.priority), &row.id);
        for group in row.actions.groups() {
            self.by_group.remove(&group, &row.id);
        }
    }
}
