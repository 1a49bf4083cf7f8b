//! Which of the instances that fit is preferred.

use std::fmt;

use crate::attributes::Attributes;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    Random,
    /// As evenly as can be over the values of a field.
    Spread(SpreadField),
    /// Where the least is left.
    Binpack(BinpackField),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpreadField {
    Instance,
    Attribute(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinpackField {
    Cpu,
    Memory,
}

/// Why a type and a field are not a strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyError {
    pub problem: String,
}

impl fmt::Display for StrategyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for StrategyError {}

impl Strategy {
    /// AWS: a task run without a strategy is placed at random.
    pub fn default_of_tasks() -> Vec<Strategy> {
        vec![Strategy::Random]
    }

    /// AWS: tasks of a service spread over zones first, then over the instances of a zone.
    pub fn default_of_services() -> Vec<Strategy> {
        let zone = SpreadField::Attribute(Attributes::AVAILABILITY_ZONE.to_owned());
        vec![Strategy::Spread(zone), Strategy::Spread(SpreadField::Instance)]
    }

    /// From the two members of the API's `PlacementStrategy`.
    ///
    /// AWS: API reference, PlacementStrategy: `instanceId` and `host` mean the same; `random` has no field.
    pub fn parse(kind: &str, field: Option<&str>) -> Result<Self, StrategyError> {
        let refuse = |problem: String| Err(StrategyError { problem });
        let field = field.filter(|field| !field.is_empty());
        match (kind, field) {
            ("random", None) => Ok(Strategy::Random),
            ("random", Some(field)) => {
                refuse(format!("the strategy random takes no field, but has `{field}`"))
            }
            ("spread", Some("instanceId" | "host")) => Ok(Strategy::Spread(SpreadField::Instance)),
            ("spread", Some(field)) => match field.strip_prefix("attribute:") {
                Some(name) if !name.is_empty() => {
                    Ok(Strategy::Spread(SpreadField::Attribute(name.to_owned())))
                }
                _ => refuse(format!(
                    "cannot spread over `{field}`: `instanceId`, `host` or `attribute:NAME` expected"
                )),
            },
            ("spread", None) => refuse(
                "the strategy spread needs a field: `instanceId`, `host` or `attribute:NAME`"
                    .to_owned(),
            ),
            ("binpack", Some(field)) if field.eq_ignore_ascii_case("cpu") => {
                Ok(Strategy::Binpack(BinpackField::Cpu))
            }
            ("binpack", Some(field)) if field.eq_ignore_ascii_case("memory") => {
                Ok(Strategy::Binpack(BinpackField::Memory))
            }
            ("binpack", Some(field)) => {
                refuse(format!("cannot binpack `{field}`: `cpu` or `memory` expected"))
            }
            ("binpack", None) => {
                refuse("the strategy binpack needs a field: `cpu` or `memory`".to_owned())
            }
            (kind, _) => refuse(format!(
                "`{kind}` is not a placement strategy: `random`, `spread` or `binpack` expected"
            )),
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strategy::Random => f.write_str("random"),
            Strategy::Spread(SpreadField::Instance) => f.write_str("spread(instanceId)"),
            Strategy::Spread(SpreadField::Attribute(name)) => write!(f, "spread(attribute:{name})"),
            Strategy::Binpack(BinpackField::Cpu) => f.write_str("binpack(cpu)"),
            Strategy::Binpack(BinpackField::Memory) => f.write_str("binpack(memory)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_ecs() {
        for (kind, field, rendered) in [
            ("random", None, "random"),
            ("random", Some(""), "random"),
            ("spread", Some("host"), "spread(instanceId)"),
            (
                "spread",
                Some("attribute:ecs.availability-zone"),
                "spread(attribute:ecs.availability-zone)",
            ),
            ("binpack", Some("MEMORY"), "binpack(memory)"),
            ("binpack", Some("cpu"), "binpack(cpu)"),
        ] {
            assert_eq!(Strategy::parse(kind, field).unwrap().to_string(), rendered);
        }
    }

    #[test]
    fn what_is_no_strategy_is_refused_by_name() {
        for (kind, field, word) in [
            ("best", None, "`best`"),
            ("random", Some("cpu"), "`cpu`"),
            ("spread", None, "needs a field"),
            ("spread", Some("zone"), "`zone`"),
            ("spread", Some("attribute:"), "`attribute:`"),
            ("binpack", Some("disk"), "`disk`"),
            ("binpack", None, "needs a field"),
        ] {
            let error = Strategy::parse(kind, field).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
