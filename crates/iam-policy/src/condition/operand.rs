//! What a policy compares a value with.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use berth_model::Timestamp;

use super::decimal::Decimal;
use super::instant;
use super::network::Network;
use super::operator::{Comparison, Operator, Relation};
use crate::context::{Context, Key, Value};
use crate::document::Version;
use crate::malformed::Malformed;
use crate::pattern::{Pattern, Wildcards};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Text(Pattern),
    TextIgnoringCase(Pattern),
    Number(Relation, Decimal),
    Instant(Relation, Timestamp),
    Network(Network),
    Binary(Box<[u8]>),
    /// Of `Null`: true if there must be no value.
    Absent(bool),
}

impl Operand {
    pub(super) fn compile(
        operator: Operator,
        text: &str,
        version: Version,
    ) -> Result<Self, Malformed> {
        let pattern = |wildcards| Pattern::compile(text, wildcards, version);
        let refused =
            |what: &str| Malformed::legacy(format!("`{text}` of {operator} is not {what}"));
        Ok(match operator.comparison {
            Comparison::Text { ignore_case: false } => Operand::Text(pattern(Wildcards::Literal)?),
            Comparison::Text { ignore_case: true } => {
                Operand::TextIgnoringCase(pattern(Wildcards::Literal)?)
            }
            Comparison::Like => Operand::Text(pattern(Wildcards::Free)?),
            Comparison::Arn => Operand::Text(pattern(Wildcards::PerPart)?),
            Comparison::Bool => {
                let pattern = pattern(Wildcards::Literal)?;
                let fixed = pattern.keys().next().is_none();
                if fixed && parse_bool(text).is_none() {
                    return Err(refused("true or false"));
                }
                Operand::TextIgnoringCase(pattern)
            }
            Comparison::Numeric(relation) => {
                Operand::Number(relation, Decimal::parse(text).ok_or_else(|| refused("a number"))?)
            }
            Comparison::Date(relation) => {
                let instant = instant::parse(text)
                    .ok_or_else(|| refused("a date of ISO 8601 or seconds since 1970"))?;
                Operand::Instant(relation, instant)
            }
            Comparison::Binary => {
                let bytes = BASE64_STANDARD.decode(text).map_err(|_| refused("base64"))?;
                Operand::Binary(bytes.into())
            }
            Comparison::IpAddress => {
                let network =
                    Network::parse(text).ok_or_else(|| refused("an address or a CIDR block"))?;
                Operand::Network(network)
            }
            Comparison::Null => {
                Operand::Absent(parse_bool(text).ok_or_else(|| refused("true or false"))?)
            }
        })
    }

    /// Whether the value is what is meant, before any negation. What cannot be compared does not fit.
    pub(super) fn fits(&self, value: &Value<'_>, context: &dyn Context) -> bool {
        match self {
            Operand::Text(pattern) => pattern.matches(&value.as_text(), context),
            Operand::TextIgnoringCase(pattern) => pattern
                .resolve(context)
                .is_some_and(|text| equal_ignoring_case(&text, &value.as_text())),
            Operand::Number(relation, operand) => {
                number(value).is_some_and(|number| relation.holds(&number, operand))
            }
            Operand::Instant(relation, operand) => {
                moment(value).is_some_and(|moment| relation.holds(&moment, operand))
            }
            Operand::Network(network) => match value {
                Value::Address(address) => network.contains(*address),
                other => other.as_text().parse().is_ok_and(|address| network.contains(address)),
            },
            Operand::Binary(operand) => match value {
                Value::Binary(bytes) => **bytes == **operand,
                other => other.as_text().as_bytes() == &**operand,
            },
            Operand::Absent(absent) => !absent,
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        let pattern = match self {
            Operand::Text(pattern) | Operand::TextIgnoringCase(pattern) => Some(pattern),
            _ => None,
        };
        pattern.into_iter().flat_map(Pattern::keys)
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

fn equal_ignoring_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

fn number(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(number) => Some(Decimal::from(*number)),
        Value::Text(text) => Decimal::parse(text),
        _ => None,
    }
}

fn moment(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Instant(instant) => Some(*instant),
        Value::Integer(seconds) => seconds.checked_mul(1_000).map(Timestamp::from_millis),
        Value::Text(Cow::Borrowed(text)) => instant::parse(text),
        Value::Text(Cow::Owned(text)) => instant::parse(text),
        _ => None,
    }
}
