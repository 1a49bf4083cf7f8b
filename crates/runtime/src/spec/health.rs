//! Health checks, modelled or as Docker's JSON has them.

use std::time::Duration;

use serde_json::Value;

use super::{ContainerSpec, EngineConfig};

/// How the engine finds out whether the container is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    pub test: HealthTest,
    pub interval: Duration,
    pub timeout: Duration,
    /// Failures in a row that make it unhealthy.
    pub retries: u32,
    /// Failures this soon after the start do not count.
    pub start_period: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthTest {
    /// Program and arguments (`CMD`).
    Exec(Vec<String>),
    /// A line for the container's shell (`CMD-SHELL`).
    Shell(String),
}

impl HealthTest {
    /// Docker's form: the kind, then its words.
    pub fn to_words(&self) -> Vec<String> {
        match self {
            Self::Exec(words) => {
                std::iter::once("CMD").map(str::to_owned).chain(words.iter().cloned()).collect()
            }
            Self::Shell(line) => vec!["CMD-SHELL".to_owned(), line.clone()],
        }
    }

    /// `None` for Docker's `NONE`, and for what is no test.
    pub fn from_words(words: &[String]) -> Option<Self> {
        match words {
            [kind, program @ ..] if kind == "CMD" && !program.is_empty() => {
                Some(Self::Exec(program.to_vec()))
            }
            [kind, line] if kind == "CMD-SHELL" => Some(Self::Shell(line.clone())),
            _ => None,
        }
    }
}

impl ContainerSpec {
    /// The health check that the container gets, wherever it is said. (What the image says is not known here.)
    pub fn effective_health_check(&self) -> Option<HealthCheck> {
        self.health_check.clone().or_else(|| self.engine.health_check())
    }
}

impl EngineConfig {
    fn health_check(&self) -> Option<HealthCheck> {
        let check = self.config.get("Healthcheck")?;
        let words: Vec<String> = serde_json::from_value(check.get("Test")?.clone()).ok()?;
        // Zero and missing both mean Docker's default.
        let count = |name| check.get(name).and_then(Value::as_u64).filter(|count| *count > 0);
        let span = |name, default| count(name).map_or(default, Duration::from_nanos);
        Some(HealthCheck {
            test: HealthTest::from_words(&words)?,
            interval: span("Interval", Duration::from_secs(30)),
            timeout: span("Timeout", Duration::from_secs(30)),
            retries: count("Retries").and_then(|retries| u32::try_from(retries).ok()).unwrap_or(3),
            start_period: span("StartPeriod", Duration::ZERO),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec(check: Value) -> ContainerSpec {
        let mut spec = ContainerSpec::new("container", "image");
        spec.engine.config.insert("Healthcheck".to_owned(), check);
        spec
    }

    #[test]
    fn dockers_json_is_read_with_its_defaults() {
        let check = spec(json!({ "Test": ["CMD-SHELL", "true"], "Interval": 5_000_000_000_u64 }));
        assert_eq!(
            check.effective_health_check(),
            Some(HealthCheck {
                test: HealthTest::Shell("true".to_owned()),
                interval: Duration::from_secs(5),
                timeout: Duration::from_secs(30),
                retries: 3,
                start_period: Duration::ZERO,
            })
        );
    }

    #[test]
    fn none_switches_the_check_off() {
        assert_eq!(spec(json!({ "Test": ["NONE"] })).effective_health_check(), None);
    }
}
