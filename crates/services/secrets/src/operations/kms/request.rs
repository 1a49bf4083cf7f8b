//! What requests of KMS have in common: which key they mean, what of them is refused, and whether they only ask.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, CommonError, Failure};
use berth_model::Scope;

use crate::keys::{self, KeyOfService, KeyRefusal, find};
use crate::service::Secrets;
use crate::tables::{Key, KeyState, Manager};

type Refused = Failure<api::Error>;

/// The key of this name. AWS: its own keys are made when they are first named by their alias.
pub async fn find_or_make(
    secrets: &Arc<Secrets>,
    scope: &Scope,
    name: &str,
) -> Result<Key, Refused> {
    let found = find(&secrets.cell.snapshot(), scope, name).cloned();
    match (found, KeyOfService::named(scope, name)) {
        (Err(KeyRefusal::NotFound(_)), Some(service)) => {
            let (secrets, scope) = (secrets.clone(), scope.clone());
            let cell = secrets.cell.clone();
            let make = move |tx: &mut Transaction| {
                keys::key_or_default(tx, &secrets.vault, &secrets.env, &scope, None, service)
                    .map_err(Refused::from)
            };
            Ok(cell.write(make).await?)
        }
        (found, _) => Ok(found?),
    }
}

/// What a change of a key asks of the state it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Whatever it is.
    Nothing,
    /// Not one that is about to go.
    Lasting,
    Enabled,
}

/// Changes a key that the account manages.
pub async fn change<T: Send + 'static>(
    secrets: &Arc<Secrets>,
    call: &Call,
    name: Option<String>,
    needs: Needs,
    change: impl FnOnce(&mut Key) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let (call, name) = (call.clone(), name.unwrap_or_default());
    let changed = secrets.cell.write(move |tx: &mut Transaction| {
        let mut key = of_customer(&call, find(tx, &call.scope, &name)?)?.clone();
        check(&key, needs)?;
        let told = change(&mut key)?;
        tx.put(key);
        Ok::<_, Refused>(told)
    });
    Ok(changed.await?)
}

pub fn check(key: &Key, needs: Needs) -> Result<(), KeyRefusal> {
    match key.state {
        KeyState::PendingDeletion { .. } if needs != Needs::Nothing => {
            Err(KeyRefusal::PendingDeletion(key.arn()))
        }
        KeyState::Disabled if needs == Needs::Enabled => Err(KeyRefusal::Disabled(key.arn())),
        _ => Ok(()),
    }
}

/// AWS: the policies of AWS's own keys let nobody change them.
pub fn of_customer<'k>(call: &Call, key: &'k Key) -> Result<&'k Key, Refused> {
    match key.manager {
        Manager::Customer => Ok(key),
        Manager::Aws => Err(Failure::common(CommonError::AccessDenied(format!(
            "{} is not authorized to perform this operation on resource {}: it is an AWS managed key, which only AWS \
             changes",
            call.principal_arn(),
            key.arn()
        )))),
    }
}

/// DEVIATES: KMS's grants are not supported: policies say who may use a key.
pub fn no_grants(tokens: &Option<Vec<String>>) -> Result<(), api::Error> {
    match tokens.as_ref().is_some_and(|tokens| !tokens.is_empty()) {
        true => {
            Err(api::Error::invalid_grant_token("There are no grants: they are not supported."))
        }
        false => Ok(()),
    }
}

/// Answers for enclaves are encrypted for them.
pub fn no_recipient(recipient: &Option<api::RecipientInfo>) -> Result<(), api::Error> {
    match recipient {
        Some(_) => Err(api::Error::unsupported_operation("Recipient is not supported.")),
        None => Ok(()),
    }
}

/// The one algorithm of symmetric keys.
pub fn algorithm(wanted: &Option<api::EncryptionAlgorithmSpec>) -> Result<(), api::Error> {
    match wanted {
        None | Some(api::EncryptionAlgorithmSpec::SymmetricDefault) => Ok(()),
        Some(other) => Err(api::Error::invalid_key_usage(format!(
            "You cannot use {} with a symmetric key.",
            other.as_str()
        ))),
    }
}

/// AWS: an error says that all is well.
pub fn dry_run(wanted: Option<bool>) -> Result<(), api::Error> {
    match wanted {
        Some(true) => Err(api::Error::dry_run_operation(
            "The request would have succeeded, but the DryRun option is set.",
        )),
        _ => Ok(()),
    }
}

/// AWS: without a ciphertext, only a dry run can ask.
pub fn no_modifiers(modifiers: &Option<Vec<api::DryRunModifierType>>) -> Result<(), api::Error> {
    match modifiers.as_ref().is_some_and(|modifiers| !modifiers.is_empty()) {
        true => Err(api::Error::unsupported_operation("DryRunModifiers is not supported.")),
        false => Ok(()),
    }
}

pub fn invalid(message: impl Into<String>) -> Refused {
    let (code, message) = ("ValidationException", message.into());
    Failure::common(CommonError::Invalid { code, message })
}
