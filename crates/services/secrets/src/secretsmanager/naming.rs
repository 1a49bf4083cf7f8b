//! How secrets are called: names, ARNs and parts of ARNs.

use berth_aws_api::secretsmanager as api;
use berth_control::env::Env;
use berth_control::tables::View;
use berth_model::Scope;

use super::refusals::{Refusal, invalid_name, marked_for_deletion, no_such_secret};
use crate::tables::Secret;

/// Behind the hyphen at the end of an ARN.
const SUFFIX: usize = 6;
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub fn suffix(env: &Env) -> String {
    let letter = |_| char::from(LETTERS[env.ids.below(LETTERS.len() as u64) as usize]);
    (0..SUFFIX).map(letter).collect()
}

pub fn check_name(name: &str) -> Result<(), Refusal> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-/_+=.@!".contains(&byte);
    match !name.is_empty() && name.bytes().all(allowed) {
        true => Ok(()),
        false => Err(invalid_name()),
    }
}

/// What a `SecretId` says.
enum Said<'a> {
    Name(&'a str),
    /// An ARN with its six characters.
    Whole {
        name: &'a str,
        suffix: &'a str,
    },
}

/// The secret that is called so, marked for deletion or not.
pub fn find<'v>(view: &'v impl View, scope: &Scope, id: &str) -> Result<&'v Secret, Refusal> {
    let said = read(scope, id)?.ok_or_else(no_such_secret)?;
    let (Said::Name(name) | Said::Whole { name, .. }) = said;
    let secret = view.get::<Secret>(&(scope.clone(), name.to_owned()));
    let secret = secret.filter(|secret| match said {
        Said::Name(_) => true,
        Said::Whole { suffix, .. } => secret.suffix == suffix,
    });
    Ok(secret.ok_or_else(no_such_secret)?)
}

/// The secret that is called so and not marked for deletion.
pub fn find_live<'v>(view: &'v impl View, scope: &Scope, id: &str) -> Result<&'v Secret, Refusal> {
    let secret = find(view, scope, id)?;
    match secret.deletes_at {
        None => Ok(secret),
        Some(_) => Err(marked_for_deletion().into()),
    }
}

/// `None` for an ARN that is of another place or of something else.
///
/// AWS: an ARN may lack the hyphen and the six characters at its end; if what it ends with looks like them, it is taken
/// for whole.
fn read<'a>(scope: &Scope, id: &'a str) -> Result<Option<Said<'a>>, Refusal> {
    if !id.starts_with("arn:") {
        check_name(id)?;
        return Ok(Some(Said::Name(id)));
    }
    let Scope { partition, account, region } = scope;
    let home = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:");
    let Some(name) = id.strip_prefix(&home) else { return Ok(None) };
    check_name(name)?;
    Ok(Some(match name.rsplit_once('-') {
        Some((name, suffix)) if is_suffix(suffix) && !name.is_empty() => {
            Said::Whole { name, suffix }
        }
        _ => Said::Name(name),
    }))
}

fn is_suffix(text: &str) -> bool {
    text.len() == SUFFIX && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The ARN of what is not there: as far as it is known.
pub fn unknown_arn(scope: &Scope, id: &str) -> String {
    match id.starts_with("arn:") {
        true => id.to_owned(),
        false => {
            let Scope { partition, account, region } = scope;
            format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{id}")
        }
    }
}

/// AWS: an error of another kind, if the name is to be taken again.
pub fn check_free(view: &impl View, scope: &Scope, name: &str) -> Result<(), api::Error> {
    match view.get::<Secret>(&(scope.clone(), name.to_owned())) {
        None => Ok(()),
        Some(secret) if secret.deletes_at.is_some() => Err(api::Error::invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )),
        Some(_) => Err(api::Error::resource_exists(format!(
            "The operation failed because the secret {name} already exists."
        ))),
    }
}
