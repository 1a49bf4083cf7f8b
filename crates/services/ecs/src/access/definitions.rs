//! The task definitions that requests mean, as policies speak of them: worked out once for each way to write one.

use std::sync::{Arc, Mutex, PoisonError};

use berth_control::cell::{Remembered, Snapshot};
use berth_control::pipeline::access::{Keys, Realm, Resource};
use berth_control::tables::{Record, TableId};
use berth_model::Scope;

use super::places::{IN_CLUSTER, Place, arn_text};
use crate::resolve::TaskDefinitionName;
use crate::tables::TaskDefinition;

static TABLES: [TableId; 1] = [TaskDefinition::TABLE];

/// As many ways to write task definitions as are remembered.
const MOST: usize = 4096;
/// As many clusters as are remembered with one that runs in them.
const MOST_CLUSTERS: usize = 64;

/// What callers lately meant by what they wrote, until any task definition changes.
pub struct Definitions(Remembered<String, Arc<Meant>>);

/// By what somebody wrote, in one account and region.
pub struct Meant {
    scope: Scope,
    /// What is judged, whether or not there is such a one.
    pub resource: Resource,
    pub row: Option<Arc<TaskDefinition>>,
    /// By the ARNs of clusters.
    run_in: Mutex<Vec<(Arc<str>, Arc<Realm>)>>,
}

impl Default for Definitions {
    fn default() -> Self {
        Definitions(Remembered::of(&TABLES, MOST))
    }
}

impl Definitions {
    pub fn of(&self, view: &Snapshot, scope: &Scope, given: &str) -> Arc<Meant> {
        let known = self.0.get(view, given).filter(|known| known.scope == *scope);
        known.unwrap_or_else(|| {
            let meant = Arc::new(Meant::of(view, scope, given));
            self.0.keep(view, given.to_owned(), meant.clone());
            meant
        })
    }
}

impl Meant {
    /// A family alone means its latest revision, and is judged as that. What is no definition's name, an ARN of something
    /// else included, is judged as a definition that does not exist.
    fn of(view: &Snapshot, scope: &Scope, given: &str) -> Self {
        let name = TaskDefinitionName::parse(scope, given).ok();
        let row = name.as_ref().and_then(|name| name.find(view, scope));
        let arn = match (&row, name) {
            (Some(row), _) => {
                let (family, revision) = (&row.family, row.revision);
                arn_text(scope, format_args!("task-definition/{family}:{revision}"))
            }
            (None, Some(TaskDefinitionName::Revision(revision))) => {
                arn_text(scope, format_args!("task-definition/{revision}"))
            }
            (None, Some(TaskDefinitionName::Latest(family))) => {
                arn_text(scope, format_args!("task-definition/{family}"))
            }
            (None, None) => arn_text(scope, format_args!("task-definition/{given}")),
        };
        let resource = Resource::named(Arc::<str>::from(arn));
        let resource = match &row {
            Some(row) => resource.tagged(&row.tags),
            None => resource,
        };
        Meant { scope: scope.clone(), resource, row, run_in: Mutex::default() }
    }

    /// Tasks of it in a cluster: judged by both.
    pub fn run_in(&self, place: &Place<'_>) -> Arc<Realm> {
        let cluster = &place.arn;
        let mut known = self.run_in.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, realm)) = known.iter().find(|(known, _)| known == cluster) {
            return realm.clone();
        }
        if known.len() >= MOST_CLUSTERS {
            known.clear();
        }
        let keys = Keys::new().with(IN_CLUSTER, cluster.clone());
        let realm = Arc::new(Realm::new(self.resource.arn().to_owned(), keys));
        known.push((cluster.clone(), realm.clone()));
        realm
    }
}
