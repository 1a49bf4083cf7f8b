//! The operators of conditions.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(super) quantifier: Option<Quantifier>,
    name: &'static str,
    pub(super) comparison: Comparison,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

/// How the values of a multivalued key are to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Text { ignore_case: bool },
    Like,
    Numeric(Relation),
    Date(Relation),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    pub(super) fn holds<T: Ord>(self, value: &T, operand: &T) -> bool {
        match self {
            Relation::Equal => value == operand,
            Relation::Less => value < operand,
            Relation::LessOrEqual => value <= operand,
            Relation::Greater => value > operand,
            Relation::GreaterOrEqual => value >= operand,
        }
    }
}

/// Name, what is compared, whether it is negated.
const OPERATORS: [(&str, Comparison, bool); 27] = {
    use Comparison::{Arn, Binary, Bool, Date, IpAddress, Like, Null, Numeric, Text};
    use Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    [
        ("StringEquals", Text { ignore_case: false }, false),
        ("StringNotEquals", Text { ignore_case: false }, true),
        ("StringEqualsIgnoreCase", Text { ignore_case: true }, false),
        ("StringNotEqualsIgnoreCase", Text { ignore_case: true }, true),
        ("StringLike", Like, false),
        ("StringNotLike", Like, true),
        ("NumericEquals", Numeric(Equal), false),
        ("NumericNotEquals", Numeric(Equal), true),
        ("NumericLessThan", Numeric(Less), false),
        ("NumericLessThanEquals", Numeric(LessOrEqual), false),
        ("NumericGreaterThan", Numeric(Greater), false),
        ("NumericGreaterThanEquals", Numeric(GreaterOrEqual), false),
        ("DateEquals", Date(Equal), false),
        ("DateNotEquals", Date(Equal), true),
        ("DateLessThan", Date(Less), false),
        ("DateLessThanEquals", Date(LessOrEqual), false),
        ("DateGreaterThan", Date(Greater), false),
        ("DateGreaterThanEquals", Date(GreaterOrEqual), false),
        ("Bool", Bool, false),
        ("BinaryEquals", Binary, false),
        ("IpAddress", IpAddress, false),
        ("NotIpAddress", IpAddress, true),
        // AWS: equality of ARNs understands wildcards, too.
        ("ArnEquals", Arn, false),
        ("ArnNotEquals", Arn, true),
        ("ArnLike", Arn, false),
        ("ArnNotLike", Arn, true),
        ("Null", Null, false),
    ]
};

impl Operator {
    /// `None` if there is no such operator.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            None => (None, text),
            Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(_) => return None,
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (name, comparison, negated) = *OPERATORS.iter().find(|(known, _, _)| *known == name)?;
        let alone = !if_exists && quantifier.is_none();
        if comparison == Comparison::Null && !alone {
            return None;
        }
        Some(Self { quantifier, name, comparison, negated, if_exists })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.quantifier {
            None => "",
            Some(Quantifier::ForAllValues) => "ForAllValues:",
            Some(Quantifier::ForAnyValue) => "ForAnyValue:",
        })?;
        f.write_str(self.name)?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATORS, Operator};

    #[test]
    fn every_form_of_every_operator_has_its_name_back() {
        for (name, _, _) in OPERATORS {
            for set in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let text = format!("{set}{name}{suffix}");
                    let parsed = Operator::parse(&text).map(|operator| operator.to_string());
                    let expected = (name != "Null" || text == "Null").then_some(text);
                    assert_eq!(parsed, expected);
                }
            }
        }
        for unknown in ["", "stringEquals", "StringEqual", "ForNoValue:Bool", "IfExists", "Bool:"] {
            assert_eq!(Operator::parse(unknown), None, "{unknown}");
        }
    }
}
