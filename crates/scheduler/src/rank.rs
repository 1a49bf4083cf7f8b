//! Which of the instances that fit is best: a strategy list is one key, compared in order.
//!
//! Spread over an attribute counts the tasks of the group over the whole fleet, also on instances that cannot
//! take another one: a zone whose only free instance is empty may still be the fullest. So that part of the key
//! is shared by all instances with the same value, and a task changes it for all of them. The rest is an
//! instance's own, and changes only with the tasks that it gets itself.

use smallvec::SmallVec;

use crate::strategy::{BinpackField, SpreadField, Strategy};

/// A strategy list without what can never matter: repetitions, and whatever follows a lot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    steps: SmallVec<[Step; 5]>,
    /// Attributes that are spread over.
    pub(crate) attributes: Vec<String>,
    /// Whether a lot decides between equals, rather than the lowest id.
    pub(crate) by_lot: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Tasks of the group where the attribute of this number has the same value.
    Shared(usize),
    Own(Own),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Tasks,
    Cpu,
    Memory,
}

/// What an instance has of its own to be compared by: see [`Order::own_key`].
pub(crate) type OwnKey = u128;

/// A number for each step, and last what tells equals apart. AWS: at most five strategies.
pub(crate) type FullKey = [u32; STEPS + 1];

/// Different steps before a lot. More strategies than that are accepted nowhere.
const STEPS: usize = 5;

/// An instance as it stands, in numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub(crate) group_tasks: u32,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
}

impl Order {
    pub(crate) fn new(strategies: &[Strategy]) -> Self {
        let mut order = Order::default();
        for strategy in strategies {
            let step = match strategy {
                Strategy::Random => {
                    order.by_lot = true;
                    break;
                }
                Strategy::Spread(SpreadField::Instance) => Step::Own(Own::Tasks),
                Strategy::Spread(SpreadField::Attribute(name)) => order.shared(name),
                Strategy::Binpack(BinpackField::Cpu) => Step::Own(Own::Cpu),
                Strategy::Binpack(BinpackField::Memory) => Step::Own(Own::Memory),
            };
            if !order.steps.contains(&step) && order.steps.len() < STEPS {
                order.steps.push(step);
            }
        }
        order
    }

    fn shared(&mut self, attribute: &str) -> Step {
        let known = self.attributes.iter().position(|known| known == attribute);
        Step::Shared(known.unwrap_or_else(|| {
            self.attributes.push(attribute.to_owned());
            self.attributes.len() - 1
        }))
    }

    /// Whether the tasks of the request's group make a difference.
    pub(crate) fn counts_tasks(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Shared(_) | Step::Own(Own::Tasks)))
    }

    /// The instance's own steps in order, the first in the highest bits: three words at most. The last word is its place in the
    /// order of ids, so that no two are equal; where a lot decides between equals they are.
    pub(crate) fn own_key(&self, stand: Stand, place: u32) -> OwnKey {
        let mut key = 0;
        for step in &self.steps {
            let Step::Own(own) = step else { continue };
            let word = match own {
                Own::Tasks => stand.group_tasks,
                Own::Cpu => stand.cpu,
                Own::Memory => stand.memory,
            };
            key = (key << 32) | OwnKey::from(word);
        }
        (key << 32) | OwnKey::from(if self.by_lot { 0 } else { place })
    }

    /// All steps: `shared` has the tasks for each attribute.
    pub(crate) fn full_key(&self, mut own: OwnKey, shared: impl Fn(usize) -> u32) -> FullKey {
        let mut key = [0; STEPS + 1];
        key[STEPS] = own as u32;
        own >>= 32;
        // From the last step to the first, as the words come off the own key.
        for (word, step) in key.iter_mut().zip(&self.steps).rev() {
            *word = match step {
                Step::Shared(attribute) => shared(*attribute),
                Step::Own(_) => {
                    let last = own as u32;
                    own >>= 32;
                    last
                }
            };
        }
        key
    }
}

/// Whose key it is, by its place in the order of ids, unless a lot decides.
pub(crate) fn place(key: &FullKey) -> u32 {
    key[STEPS]
}

/// Which of so many equals a lot falls on, counted from 0. `round` numbers the tasks of a request, so that each
/// draws anew.
pub(crate) fn draw(seed: u64, round: u32, equals: u32) -> u32 {
    let lot = stir(stir(seed) ^ u64::from(round));
    ((u128::from(lot) * u128::from(equals)) >> 64) as u32
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection on words.
fn stir(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
