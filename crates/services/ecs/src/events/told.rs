//! Which tables' changes are told, and what is told of one transaction.

use std::collections::BTreeSet;

use berth_control::tables::{Change, Changed, Record, TableId};
use berth_model::{ClusterId, ContainerInstanceId, ServiceId};

use crate::tables::{ContainerInstance, ServiceDeployment, ServiceEvent, Subject, Task};

/// A table whose changes are told.
pub trait Tells: Record {
    fn tell(change: Changed<'_, Self>, told: &mut Told);
}

/// What one transaction has changed, as far as anybody is told.
#[derive(Default)]
pub struct Told {
    pub subjects: Vec<(ClusterId, Subject)>,
    /// Of services, whose clusters are still to be found.
    pub of_services: Vec<(ServiceId, Subject)>,
    /// Instances that changed by themselves.
    pub instances: BTreeSet<ContainerInstanceId>,
    /// Instances of which tasks have taken, or given back.
    pub resources: BTreeSet<ContainerInstanceId>,
    /// Instances that are forgotten.
    pub gone: Vec<ContainerInstanceId>,
}

/// Of which tables there are events.
pub const SOURCES: &[Source] = &[
    Source::of::<Task>(),
    Source::of::<ContainerInstance>(),
    Source::of::<ServiceDeployment>(),
    Source::of::<ServiceEvent>(),
];

pub struct Source {
    pub table: TableId,
    pub tell: fn(&Change, &mut Told),
}

impl Source {
    const fn of<R: Tells>() -> Self {
        Self { table: R::TABLE, tell: tell::<R> }
    }
}

fn tell<R: Tells>(change: &Change, told: &mut Told) {
    if let Some(change) = change.of::<R>() {
        R::tell(change, told);
    }
}
