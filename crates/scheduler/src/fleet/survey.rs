//! What has been asked of all instances: answered once, and kept true as instances come, go and change.
//!
//! A question is about what an instance *is* (its attributes, its launch type), never about its tasks, so an
//! answer lasts as long as the instance says the same of itself. Requests of one kind ask the same questions
//! again and again: `memberOf` with the same expression, the same capabilities.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_model::LaunchType;

use super::bits::Bits;
use crate::instance::Instance;
use crate::query::Expression;
use crate::request::RequiredAttribute;

/// Columns kept of either sort; those that nobody has asked for the longest go first.
const KEPT: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    LaunchType(LaunchType),
    CapacityProvider(Arc<str>),
    Attribute(RequiredAttribute),
    /// An expression that [stands](Expression::is_standing).
    Member(Arc<Expression>),
}

impl Question {
    pub(crate) fn answer(&self, instance: &Instance) -> bool {
        match self {
            Question::LaunchType(launch_type) => instance.launch_type == *launch_type,
            Question::CapacityProvider(provider) => {
                instance.capacity_provider.as_ref() == Some(provider)
            }
            Question::Attribute(required) => required.is_met_by(&instance.attributes),
            Question::Member(expression) => expression.matches(instance),
        }
    }
}

/// Every instance's value of one attribute, as a small number. Those without a value share one more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    of: Vec<u32>,
    numbers: BTreeMap<Option<String>, u32>,
}

impl Values {
    fn number(&mut self, value: Option<&str>) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(value.map(str::to_owned)).or_insert(next)
    }

    pub(crate) fn of(&self, index: usize) -> u32 {
        self.of[index]
    }

    /// One more than the highest number.
    pub(crate) fn bound(&self) -> usize {
        self.numbers.len()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    answers: BTreeMap<Question, Kept<Bits>>,
    values: BTreeMap<String, Kept<Values>>,
    /// Counts requests, to know which columns were asked for last.
    asked: u64,
}

#[derive(Debug, Clone)]
struct Kept<C> {
    column: C,
    asked: u64,
}

impl Survey {
    /// Sees to it that there are columns for all of these.
    pub(crate) fn prepare(
        &mut self,
        instances: &[Arc<Instance>],
        questions: &[Question],
        attributes: &[String],
    ) {
        self.asked += 1;
        let asked = self.asked;
        for question in questions {
            let answers = self.answers.entry(question.clone()).or_insert_with(|| Kept {
                column: instances.iter().map(|instance| question.answer(instance)).collect(),
                asked,
            });
            answers.asked = asked;
        }
        for attribute in attributes {
            let values = self.values.entry(attribute.clone()).or_insert_with(|| {
                let mut column = Values::default();
                for instance in instances {
                    let number = column.number(instance.attributes.value(attribute));
                    column.of.push(number);
                }
                Kept { column, asked }
            });
            values.asked = asked;
        }
        forget_oldest(&mut self.answers);
        forget_oldest(&mut self.values);
    }

    /// # Panics
    /// If it has not been prepared.
    pub(crate) fn answers(&self, question: &Question) -> &Bits {
        &self.answers.get(question).expect("what is looked up has been prepared").column
    }

    /// # Panics
    /// If it has not been prepared.
    pub(crate) fn values(&self, attribute: &str) -> &Values {
        &self.values.get(attribute).expect("what is looked up has been prepared").column
    }

    pub(crate) fn insert(&mut self, index: usize, instance: &Instance) {
        for (question, kept) in &mut self.answers {
            kept.column.insert(index, question.answer(instance));
        }
        for (attribute, kept) in &mut self.values {
            let number = kept.column.number(instance.attributes.value(attribute));
            kept.column.of.insert(index, number);
        }
    }

    pub(crate) fn remove(&mut self, index: usize) {
        for kept in self.answers.values_mut() {
            kept.column.remove(index);
        }
        for kept in self.values.values_mut() {
            kept.column.of.remove(index);
        }
    }

    /// The instance says something else of itself than before.
    pub(crate) fn replace(&mut self, index: usize, instance: &Instance) {
        for (question, kept) in &mut self.answers {
            kept.column.set(index, question.answer(instance));
        }
        for (attribute, kept) in &mut self.values {
            let number = kept.column.number(instance.attributes.value(attribute));
            kept.column.of[index] = number;
        }
        // Values that nobody has any more keep their numbers; a column full of such is made anew when asked for.
        self.values.retain(|_, kept| kept.column.bound() <= 2 * kept.column.of.len().max(32));
    }
}

fn forget_oldest<K: Ord + Clone, C>(kept: &mut BTreeMap<K, Kept<C>>) {
    while kept.len() > KEPT {
        let oldest = kept.iter().min_by_key(|(_, kept)| kept.asked).map(|(key, _)| key.clone());
        oldest.map(|oldest| kept.remove(&oldest));
    }
}
