//! Activations as the API tells them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use berth_agent::JoinGrant;
use berth_model::Timestamp;
use serde_json::Value;

/// `ExpirationDate` so long from now: seconds since the epoch.
pub fn ends_in(time: Duration) -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (Timestamp::EPOCH + now + time).as_secs_f64()
}

/// What CreateActivation answered, for a host of EC2 type.
pub fn grant(made: &Value) -> Result<JoinGrant> {
    let text = |name: &str| made[name].as_str().with_context(|| format!("no {name} in {made}"));
    Ok(format!("{}.{}", text("ActivationId")?, text("ActivationCode")?).parse()?)
}
