//! What was decided when tasks were placed, for those who ask soon enough.
//!
//! It lives in memory: a server that was started anew has forgotten, and answers for today instead. A transaction that
//! is undone may leave a decision behind about a task that never was; nobody asks for it, and it goes its way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use berth_model::{TaskId, Timestamp};
use berth_scheduler::{Plan, Reason, Request, Standings};

/// Of so many tasks, some 200 bytes each.
const REMEMBERED: usize = 20_000;

#[derive(Clone)]
pub struct Decision {
    pub at: Timestamp,
    pub request: Arc<Request>,
    pub instances: usize,
    /// Before the first task of the request was placed: how many instances each cause ruled out.
    pub ruled_out: Arc<BTreeMap<Reason, usize>>,
    /// How the instance stood before this task came.
    pub standings: Standings,
    /// Which task of its request it was, from 1.
    pub number: usize,
}

#[derive(Default)]
pub struct Decisions {
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    by_task: BTreeMap<TaskId, Decision>,
    /// In the order in which they are forgotten.
    order: VecDeque<TaskId>,
}

impl Decisions {
    /// Of a plan whose placements these tasks take, in its order.
    pub fn note(
        &self,
        tasks: impl IntoIterator<Item = TaskId>,
        request: &Request,
        plan: &Plan,
        at: Timestamp,
    ) {
        let request = Arc::new(request.clone());
        let ruled_out = Arc::new(plan.explanation.ruled_out.clone());
        // Nothing is left half-way by a panic that matters more than a forgotten decision.
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, (task, choice)) in tasks.into_iter().zip(&plan.explanation.choices).enumerate()
        {
            let decision = Decision {
                at,
                request: request.clone(),
                instances: plan.explanation.instances,
                ruled_out: ruled_out.clone(),
                standings: choice.standings.clone(),
                number: index + 1,
            };
            if remembered.by_task.insert(task, decision).is_none() {
                remembered.order.push_back(task);
            }
        }
        while remembered.order.len() > REMEMBERED {
            let oldest = remembered.order.pop_front();
            oldest.and_then(|oldest| remembered.by_task.remove(&oldest));
        }
    }

    pub fn of(&self, task: TaskId) -> Option<Decision> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.by_task.get(&task).cloned()
    }
}
