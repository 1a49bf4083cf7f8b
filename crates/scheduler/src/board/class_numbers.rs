//! Which class an instance is of.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::fleet::survey::Values;

/// Finds the class of an instance by its values.
pub(super) enum ClassNumbers {
    /// Nothing is spread over: there is one class.
    One,
    /// By the value of the only attribute that is.
    ByValue(Vec<Option<u32>>),
    ByValues(BTreeMap<SmallVec<[u32; 2]>, u32>),
}

impl ClassNumbers {
    pub(super) fn new(columns: &[&Values]) -> Self {
        match columns {
            [] => ClassNumbers::One,
            [only] => ClassNumbers::ByValue(vec![None; only.bound()]),
            _ => ClassNumbers::ByValues(BTreeMap::new()),
        }
    }

    /// The class of an instance; `next` if it is the first one of its class.
    pub(super) fn of(&mut self, columns: &[&Values], index: usize, next: u32) -> u32 {
        match self {
            ClassNumbers::One => 0,
            ClassNumbers::ByValue(numbers) => {
                *numbers[columns[0].of(index) as usize].get_or_insert(next)
            }
            ClassNumbers::ByValues(numbers) => {
                let values = columns.iter().map(|column| column.of(index)).collect();
                *numbers.entry(values).or_insert(next)
            }
        }
    }
}
