//! The element `Condition`: one test of one key.
//!
//! All tests of a statement must hold. Within a test, one of the values is enough; a negated operator
//! holds when none of them fits. What a key without a value means depends on the operator
//! ([`Condition::without_value`]). `operator.rs` has the operators, `operand.rs` what a value is
//! compared with.

mod decimal;
pub(crate) mod instant;
mod network;
mod operand;
mod operator;

use crate::context::{Context, Key, Value};
use crate::document::Version;
use crate::malformed::Malformed;
use operand::Operand;
pub(crate) use operator::Operator;
use operator::{Comparison, Quantifier};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    operator: Operator,
    key: Key,
    written: Box<[Box<str>]>,
    operands: Box<[Operand]>,
}

impl Condition {
    pub(crate) fn compile(
        operator: Operator,
        key: &str,
        written: Vec<String>,
        version: Version,
    ) -> Result<Self, Malformed> {
        if !key.contains(':') {
            return Err(Malformed::new(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            )
            .with(format!("`{key}`")));
        }
        let operands = written.iter().map(|text| Operand::compile(operator, text, version));
        Ok(Self {
            operator,
            key: Key::new(key),
            operands: operands.collect::<Result<_, _>>()?,
            written: written.into_iter().map(Into::into).collect(),
        })
    }

    pub(crate) fn operator(&self) -> Operator {
        self.operator
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn written(&self) -> &[Box<str>] {
        &self.written
    }

    /// Its key and those of variables in its values.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.key).chain(self.operands.iter().flat_map(Operand::keys))
    }

    pub(crate) fn holds(&self, context: &dyn Context) -> bool {
        let found = context.values(&self.key.plain);
        let values = found.as_ref().map_or(&[][..], |values| values.as_slice());
        if self.operator.comparison == Comparison::Null {
            return self.operands.contains(&Operand::Absent(values.is_empty()));
        }
        if values.is_empty() || self.operator.quantifier.is_some() && are_null(values) {
            return self.without_value();
        }
        let fits = |value: &Value<'_>| {
            self.operands.iter().any(|operand| operand.fits(value, context))
                != self.operator.negated
        };
        match self.operator.quantifier {
            Some(Quantifier::ForAllValues) => values.iter().all(fits),
            Some(Quantifier::ForAnyValue) => values.iter().any(fits),
            // AWS leaves open what several values mean here. One that fits is enough, and a negation
            // is the contrary.
            None if self.operator.negated => values.iter().all(fits),
            None => values.iter().any(fits),
        }
    }

    /// The same by keys of which not all may be known.
    pub(crate) fn holds_by(&self, known: &dyn Context) -> Option<bool> {
        let all_known = self.keys().all(|key| known.values(&key.plain).is_some());
        all_known.then(|| self.holds(known))
    }

    /// AWS: for all of no values anything holds, for any of them nothing; otherwise what is not there
    /// differs from everything.
    fn without_value(&self) -> bool {
        match self.operator.quantifier {
            _ if self.operator.if_exists => true,
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => false,
            None => self.operator.negated,
        }
    }
}

/// AWS: to the set operators, nothing but empty texts is as good as no values.
fn are_null(values: &[Value<'_>]) -> bool {
    values.iter().all(|value| matches!(value, Value::Text(text) if text.is_empty()))
}

#[cfg(test)]
mod tests;
