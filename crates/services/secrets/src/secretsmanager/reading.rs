//! Values on their way out, and the day on which that happened.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::tables::{Record, View};
use berth_model::{Scope, Timestamp};

use super::refusals::Refusal;
use super::value::SecretValue;
use super::{naming, value, versions};
use crate::service::Secrets;
use crate::tables::{Secret, SecretVersion};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A value that was read, with all that an answer says of it.
pub struct Read {
    pub secret: Secret,
    pub version: SecretVersion,
    pub value: SecretValue,
}

pub fn read(
    view: &impl View,
    secrets: &Secrets,
    scope: &Scope,
    id: &str,
    version: Option<&str>,
    label: Option<&str>,
) -> Result<Read, Refusal> {
    let secret = naming::find_live(view, scope, id)?;
    let version = versions::choose(view, secret, version, label)?;
    let value = value::open(view, secrets, secret, version)?;
    Ok(Read { secret: secret.clone(), version: version.clone(), value })
}

/// Remembers that these were read today. Only the first reading of a day writes anything.
pub async fn remember(secrets: &Secrets, read: &[Read], now: Timestamp) -> Result<(), Refusal> {
    let today = day(now);
    let is_news = |read: &&Read| {
        read.secret.accessed_on != Some(today) || read.version.accessed_on != Some(today)
    };
    let keys: Vec<_> = read.iter().filter(is_news).map(|read| read.version.key()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let note = move |tx: &mut Transaction| {
        for key in keys {
            // Whoever was deleted meanwhile is not there to be noted.
            if tx.update::<SecretVersion>(&key, |version| version.accessed_on = Some(today)) {
                tx.update::<Secret>(&key.0, |secret| secret.accessed_on = Some(today));
            }
        }
        Ok::<_, api::Error>(())
    };
    Ok(secrets.cell.write(note).await?)
}

/// AWS: tells the day of a reading, not its time.
fn day(now: Timestamp) -> Timestamp {
    let length = DAY.as_millis() as i64;
    Timestamp::from_millis(now.as_millis().div_euclid(length) * length)
}

impl Read {
    /// `None` for a version without labels, as AWS leaves them out.
    pub fn labels(&self) -> Option<Vec<String>> {
        Some(self.secret.stages.of(&self.version.id)).filter(|labels| !labels.is_empty())
    }
}
