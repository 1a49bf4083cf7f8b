//! What containers of a task need of one another: `dependsOn`, `links` and `volumesFrom`.

use std::fmt;
use std::str::FromStr;

use crate::view::ContainerView;

/// Before this container starts, that one must have come so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub container: String,
    pub condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It exists. `volumesFrom` needs no more.
    Create,
    /// It runs or has run. `links` need this too.
    Start,
    /// It has run to its end.
    Complete,
    /// It has run to its end with exit code 0.
    Success,
    /// It runs and its health check passes.
    Healthy,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a condition: START, COMPLETE, SUCCESS or HEALTHY expected")]
pub struct UnknownCondition(String);

impl Condition {
    pub const fn as_str(self) -> &'static str {
        match self {
            Condition::Create => "CREATE",
            Condition::Start => "START",
            Condition::Complete => "COMPLETE",
            Condition::Success => "SUCCESS",
            Condition::Healthy => "HEALTHY",
        }
    }

    /// How `target` stands to the condition.
    pub(crate) fn judge(self, target: &ContainerView) -> Judgement {
        let ended = target.is_stopped();
        let (met, hopeless) = match self {
            Condition::Create => (target.exists && !ended || target.has_run(), ended),
            Condition::Start => (target.has_run(), ended),
            Condition::Complete => (ended && target.exit_code.is_some(), ended),
            Condition::Success => (ended && target.exit_code == Some(0), ended),
            Condition::Healthy => {
                (target.is_up() && target.health == berth_model::HealthStatus::Healthy, ended)
            }
        };
        match (met, hopeless) {
            (true, _) => Judgement::Met,
            (false, true) => Judgement::Hopeless,
            (false, false) => Judgement::Open,
        }
    }
}

/// As a task definition writes it. `CREATE` is not for task definitions.
impl FromStr for Condition {
    type Err = UnknownCondition;

    fn from_str(word: &str) -> Result<Self, UnknownCondition> {
        match word {
            "START" => Ok(Condition::Start),
            "COMPLETE" => Ok(Condition::Complete),
            "SUCCESS" => Ok(Condition::Success),
            "HEALTHY" => Ok(Condition::Healthy),
            _ => Err(UnknownCondition(word.to_owned())),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    Met,
    /// Not yet.
    Open,
    /// Not any more.
    Hopeless,
}

/// Why the needs of a task's containers cannot all be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    #[error("the container `{container}` needs `{needed}`, which the task does not have")]
    Unknown { container: String, needed: String },
    /// In the order of need; the last needs the first.
    #[error("the containers {} need one another in a circle", path.join(" → "))]
    Cycle { path: Vec<String> },
}

/// An order in which every container comes after those it needs; otherwise as the task lists them.
///
/// `needs` has each container's name and the names it needs.
pub fn start_order<'a>(needs: &[(&'a str, Vec<&'a str>)]) -> Result<Vec<&'a str>, GraphError> {
    let mut walk = Walk { needs, order: Vec::new(), path: Vec::new() };
    for &(name, _) in needs {
        walk.visit(name)?;
    }
    Ok(walk.order)
}

struct Walk<'n, 'a> {
    needs: &'n [(&'a str, Vec<&'a str>)],
    order: Vec<&'a str>,
    /// The containers whose needs are being looked into.
    path: Vec<&'a str>,
}

impl<'a> Walk<'_, 'a> {
    fn visit(&mut self, name: &'a str) -> Result<(), GraphError> {
        if self.order.contains(&name) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|&walked| walked == name) {
            let path = self.path[start..].iter().map(|&name| name.to_owned()).collect();
            return Err(GraphError::Cycle { path });
        }
        let needs = self.needs;
        let Some((_, needed)) = needs.iter().find(|(container, _)| *container == name) else {
            let container = self.path.last().copied().unwrap_or_default().to_owned();
            return Err(GraphError::Unknown { container, needed: name.to_owned() });
        };
        self.path.push(name);
        for needed in needed {
            self.visit(needed)?;
        }
        self.path.pop();
        self.order.push(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_needed_come_first() {
        let needs =
            [("web", vec!["db", "log"]), ("log", vec![]), ("db", vec!["init"]), ("init", vec![])];
        assert_eq!(start_order(&needs).unwrap(), ["init", "db", "log", "web"]);
    }

    #[test]
    fn a_circle_is_told_as_it_runs() {
        let needs = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["d"]), ("d", vec!["b"])];
        let error = start_order(&needs).unwrap_err();
        assert_eq!(error.to_string(), "the containers b → c → d need one another in a circle");
        assert_eq!(
            start_order(&[("a", vec!["a"])]),
            Err(GraphError::Cycle { path: vec!["a".to_owned()] })
        );
    }

    #[test]
    fn a_stranger_is_told_with_who_needs_it() {
        let error = start_order(&[("a", vec!["ghost"])]).unwrap_err();
        assert_eq!(
            error,
            GraphError::Unknown { container: "a".to_owned(), needed: "ghost".to_owned() }
        );
    }

    #[test]
    fn only_the_api_conditions_are_parsed() {
        for condition in
            [Condition::Start, Condition::Complete, Condition::Success, Condition::Healthy]
        {
            assert_eq!(condition.as_str().parse(), Ok(condition));
        }
        assert!("CREATE".parse::<Condition>().is_err());
    }
}
