//! Which of the instances that fit is best: a strategy list is one key, compared in order.
//!
//! Spread counts the tasks of the group over the whole fleet, also on instances that cannot take
//! another one: a zone whose only free instance is empty may still be the fullest.

use std::collections::BTreeMap;

use berth_model::ContainerInstanceId;
use smallvec::SmallVec;

use crate::explanation::Standing;
use crate::fleet::Fleet;
use crate::instance::Instance;
use crate::request::Request;
use crate::strategy::{BinpackField, SpreadField, Strategy};

/// One standing per strategy. The lowest key wins; the instance's id decides between equals.
pub(crate) type Key = SmallVec<[Standing; 4]>;

/// What keys are made of, kept true as tasks are placed. Instances go by their index in the fleet.
pub(crate) struct Ranking<'a> {
    request: &'a Request,
    tasks: Vec<TasksByValue>,
}

/// For a strategy that spreads over an attribute: the tasks of the group at each of its values.
/// Instances without the attribute, or without a value, share one more value.
#[derive(Default)]
struct TasksByValue {
    value_of: Vec<usize>,
    tasks: Vec<u32>,
}

impl TasksByValue {
    fn count(fleet: &Fleet, attribute: &str, group: &str) -> Self {
        let mut values: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut counted = TasksByValue::default();
        for instance in fleet.iter() {
            let next = values.len();
            let value = *values.entry(instance.attributes.value(attribute)).or_insert(next);
            counted.value_of.push(value);
            counted.tasks.resize(values.len(), 0);
            counted.tasks[value] += instance.tasks_in(group);
        }
        counted
    }
}

impl<'a> Ranking<'a> {
    pub(crate) fn new(fleet: &Fleet, request: &'a Request) -> Self {
        let count = |strategy: &Strategy| match strategy {
            Strategy::Spread(SpreadField::Attribute(name)) => {
                TasksByValue::count(fleet, name, &request.group)
            }
            Strategy::Spread(SpreadField::Instance) | Strategy::Binpack(_) | Strategy::Random => {
                TasksByValue::default()
            }
        };
        Ranking { request, tasks: request.strategies.iter().map(count).collect() }
    }

    /// `round` numbers the tasks of the request, so that each draws anew.
    pub(crate) fn key(&self, index: usize, instance: &Instance, round: u32) -> Key {
        let standing = |(strategy, tasks): (&Strategy, &TasksByValue)| match strategy {
            Strategy::Random => Standing::Drawn(draw(self.request.seed, round, instance.id)),
            Strategy::Spread(SpreadField::Instance) => {
                Standing::Tasks(instance.tasks_in(&self.request.group))
            }
            Strategy::Spread(SpreadField::Attribute(_)) => {
                Standing::Tasks(tasks.tasks[tasks.value_of[index]])
            }
            Strategy::Binpack(BinpackField::Cpu) => Standing::CpuLeft(instance.remaining.cpu),
            Strategy::Binpack(BinpackField::Memory) => {
                Standing::MemoryLeft(instance.remaining.memory)
            }
        };
        self.request.strategies.iter().zip(&self.tasks).map(standing).collect()
    }

    pub(crate) fn placed(&mut self, index: usize) {
        for tasks in &mut self.tasks {
            if let Some(&value) = tasks.value_of.get(index) {
                tasks.tasks[value] += 1;
            }
        }
    }
}

/// A lot for one instance in one round: the seed, stirred until neighbours have nothing in common.
pub(crate) fn draw(seed: u64, round: u32, id: ContainerInstanceId) -> u64 {
    let (high, low) = id.as_bytes().split_at(8);
    let half = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    [u64::from(round), half(high), half(low)]
        .into_iter()
        .fold(stir(seed), |state, word| stir(state ^ word))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection on words.
fn stir(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
