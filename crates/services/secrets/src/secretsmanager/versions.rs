//! New versions of a secret: which request makes one, and which old ones go.

use std::collections::BTreeSet;
use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_model::Timestamp;

use super::refusals::{Refusal, no_such_version, nothing_staged, token_in_use};
use super::rotation;
use super::value::{self, SecretValue};
use crate::service::Secrets;
use crate::tables::{CURRENT, MOST_LABELS, PENDING, PREVIOUS, Secret, SecretVersion};

/// AWS: as many versions as a secret is to have; older ones without labels make room for new ones.
const MOST_VERSIONS: usize = 100;
/// AWS: and so long a version stays, labels or not.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A version that a request brings.
#[derive(Clone)]
pub struct NewVersion {
    /// The request's client token, which becomes the version's id.
    pub token: String,
    pub value: SecretValue,
    pub labels: BTreeSet<String>,
}

impl NewVersion {
    /// `None` if the request brings no value.
    pub fn of(
        token: Option<String>,
        value: Option<SecretValue>,
        labels: impl IntoIterator<Item = String>,
    ) -> Result<Option<Self>, api::Error> {
        let Some(value) = value else { return Ok(None) };
        // AWS: SDKs make one for each request.
        let token = token.ok_or_else(|| {
            api::Error::invalid_request(
                "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
            )
        })?;
        Ok(Some(Self { token, value, labels: labels.into_iter().collect() }))
    }
}

/// Gives a secret, which is not yet back in its table, a new version by the request's token. A request that is sent
/// again changes nothing.
pub fn put(
    tx: &mut Transaction,
    secrets: &Secrets,
    secret: &mut Secret,
    new: &NewVersion,
    now: Timestamp,
) -> Result<(), Refusal> {
    let NewVersion { token, value, labels } = new;
    if is_made(tx, secrets, secret, token, value)? {
        return Ok(());
    }
    if labels.len() > MOST_LABELS {
        return Err(too_many_labels().into());
    }
    make_room(tx, secret, now)?;
    let version = value::seal(tx, secrets, secret, token, value, now)?;
    secret.changed_at = version.created_at;
    secret.stages.put(token, labels);
    if secret.stages.current() == Some(token)
        && let Some(rotation) = &mut secret.rotation
    {
        rotation::renewed_by_hand(rotation, now);
    }
    tx.put(version);
    Ok(())
}

/// Whether the request has made its version already. The token of another request is refused.
pub fn is_made(
    view: &impl View,
    secrets: &Secrets,
    secret: &Secret,
    token: &str,
    value: &SecretValue,
) -> Result<bool, Refusal> {
    let Some(version) = find(view, secret, token) else { return Ok(false) };
    match value::open(view, secrets, secret, version)?.is(value) {
        true => Ok(true),
        false => Err(token_in_use(token, secret).into()),
    }
}

pub fn find<'v>(view: &'v impl View, secret: &Secret, id: &str) -> Option<&'v SecretVersion> {
    let key = (secret.scope.clone(), secret.name.clone());
    view.get::<SecretVersion>(&(key, id.to_owned()))
}

/// Every version, oldest first.
pub fn of<'v>(view: &'v impl View, secret: &Secret) -> Vec<&'v SecretVersion> {
    let key = (secret.scope.clone(), secret.name.clone());
    let mut versions: Vec<&SecretVersion> = view.table::<SecretVersion>().within(&key).collect();
    versions.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    versions
}

/// The version that a request is about: by its id, by a label, or the one in force.
pub fn choose<'v>(
    view: &'v impl View,
    secret: &Secret,
    id: Option<&str>,
    label: Option<&str>,
) -> Result<&'v SecretVersion, api::Error> {
    let Some(id) = id else {
        let label = label.unwrap_or(CURRENT);
        let version = secret.stages.version(label).and_then(|id| find(view, secret, id));
        return version.ok_or_else(|| nothing_staged(label));
    };
    let version = find(view, secret, id).ok_or_else(|| no_such_version(id))?;
    match label.is_none_or(|label| secret.stages.version(label) == Some(id)) {
        true => Ok(version),
        false => Err(api::Error::invalid_request(
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )),
    }
}

/// Encrypts anew, under the key that the secret names now, what is or may come in force.
///
/// AWS: other versions stay under the key that they were made with.
pub fn seal_anew(tx: &mut Transaction, secrets: &Secrets, secret: &Secret) -> Result<(), Refusal> {
    let labels = [CURRENT, PENDING, PREVIOUS];
    let ids: BTreeSet<&str> =
        labels.iter().filter_map(|label| secret.stages.version(label)).collect();
    for id in ids {
        let Some(version) = find(tx, secret, id).cloned() else { continue };
        let value = value::open(tx, secrets, secret, &version)?;
        let anew = value::seal(tx, secrets, secret, id, &value, version.created_at)?;
        tx.put(SecretVersion { accessed_on: version.accessed_on, ..anew });
    }
    Ok(())
}

/// Deletes as many old versions as must go for one more.
fn make_room(tx: &mut Transaction, secret: &Secret, now: Timestamp) -> Result<(), api::Error> {
    let versions = of(tx, secret);
    let surplus = (versions.len() + 1).saturating_sub(MOST_VERSIONS);
    let may_go = |version: &&&SecretVersion| {
        !secret.stages.has_labels(&version.id) && version.created_at + KEPT <= now
    };
    let going: Vec<_> = versions
        .iter()
        .filter(may_go)
        .take(surplus)
        .map(|v| (v.secret_key(), v.id.clone()))
        .collect();
    if going.len() < surplus {
        return Err(api::Error::limit_exceeded(format!(
            "The secret has {} versions, and none of them can go: each has a label or is younger than 24 hours.",
            versions.len()
        )));
    }
    for key in going {
        tx.delete::<SecretVersion>(&key);
    }
    Ok(())
}

pub fn too_many_labels() -> api::Error {
    api::Error::limit_exceeded(format!(
        "You can't attach more than {MOST_LABELS} staging labels to a version."
    ))
}

/// Deletes the secret and every version at once.
pub fn forget(tx: &mut Transaction, secret: &Secret) {
    let key = (secret.scope.clone(), secret.name.clone());
    let versions = tx.table::<SecretVersion>().within(&key).map(|version| version.id.clone());
    for id in versions.collect::<Vec<_>>() {
        tx.delete::<SecretVersion>(&(key.clone(), id));
    }
    tx.delete::<Secret>(&key);
}
