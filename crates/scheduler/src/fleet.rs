//! The instances of a cluster, and what has been worked out about them.
//!
//! A fleet is kept beside the tables and told of what changes. It remembers, of earlier requests, which instances
//! suit them ([`survey`]) and how they rank ([`Board`]), and brings these up to date by what has changed since. None of that is
//! seen from outside: a plan depends on the instances and the request alone.

pub(crate) mod bits;
pub(crate) mod figures;
mod journal;
pub(crate) mod survey;

use std::sync::Arc;

use berth_model::ContainerInstanceId;

use crate::board::{Board, Ground};
use crate::instance::Instance;
use crate::request::Request;
use figures::Figures;
use journal::{Journal, Since};
use survey::Survey;

/// Boards that are kept: those used last, and no more than this many rows (of some 80 bytes) on them.
const BOARDS: usize = 32;
const ROWS: usize = 1 << 17;

/// Instances in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    instances: Vec<Arc<Instance>>,
    /// Of the same instances: side by side, where the instances themselves lie all over memory.
    ids: Vec<ContainerInstanceId>,
    figures: Vec<Figures>,
    survey: Survey,
    journal: Journal,
    /// The last one used comes first.
    boards: Vec<(Board, Since)>,
}

impl Fleet {
    pub fn new() -> Self {
        Fleet::default()
    }

    pub fn len(&self) -> usize {
        self.instances.len()
    }

    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    pub fn get(&self, id: ContainerInstanceId) -> Option<&Instance> {
        self.find(id).ok().map(|index| &*self.instances[index])
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Instance> {
        self.instances.iter().map(|instance| &**instance)
    }

    /// Adds an instance, or takes the place of the one with its id.
    pub fn put(&mut self, instance: Instance) {
        let figures = Figures::of(&instance);
        match self.find(instance.id) {
            Ok(index) => {
                if self.instances[index].is_alike(&instance) {
                    self.journal.changed(index);
                } else {
                    self.survey.replace(index, &instance);
                    self.journal.reshaped();
                }
                (self.instances[index], self.figures[index]) = (Arc::new(instance), figures);
            }
            Err(index) => {
                self.survey.insert(index, &instance);
                self.ids.insert(index, instance.id);
                self.instances.insert(index, Arc::new(instance));
                self.figures.insert(index, figures);
                self.journal.reshaped();
            }
        }
    }

    pub fn remove(&mut self, id: ContainerInstanceId) {
        if let Ok(index) = self.find(id) {
            self.survey.remove(index);
            self.ids.remove(index);
            self.instances.remove(index);
            self.figures.remove(index);
            self.journal.reshaped();
        }
    }

    /// The board for requests of this kind, up to date, and what it stands on.
    pub(crate) fn board(&mut self, request: &Request) -> (&mut Board, Ground<'_>) {
        let ground = Ground { instances: &self.instances, ids: &self.ids, figures: &self.figures };
        let kept = self.boards.iter().position(|(board, _)| board.serves(request));
        let up_to_date = kept.map(|at| self.boards.remove(at)).and_then(|(mut board, since)| {
            let changed = self.journal.since(since, self.instances.len())?;
            changed.for_each(|index| board.refresh(index, ground));
            Some(board)
        });
        let board = up_to_date.unwrap_or_else(|| Board::new(request, ground, &mut self.survey));
        self.boards.insert(0, (board, self.journal.now()));
        while self.boards.len() > BOARDS
            || self.boards.len() > 1
                && self.boards.iter().map(|(it, _)| it.len()).sum::<usize>() > ROWS
        {
            self.boards.pop();
        }
        (&mut self.boards[0].0, ground)
    }

    fn find(&self, id: ContainerInstanceId) -> Result<usize, usize> {
        self.ids.binary_search(&id)
    }
}

/// Of several instances with one id, the last counts.
impl FromIterator<Instance> for Fleet {
    fn from_iter<I: IntoIterator<Item = Instance>>(instances: I) -> Self {
        let mut instances: Vec<Arc<Instance>> = instances.into_iter().map(Arc::new).collect();
        instances.reverse();
        instances.sort_by_key(|instance| instance.id);
        instances.dedup_by_key(|instance| instance.id);
        let figures = instances.iter().map(|instance| Figures::of(instance)).collect();
        let ids = instances.iter().map(|instance| instance.id).collect();
        Fleet { instances, ids, figures, ..Fleet::default() }
    }
}
