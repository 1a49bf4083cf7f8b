//! Aliases on their way in.

use berth_aws_api::kms as api;
use berth_control::pipeline::Failure;

use super::request::invalid;

/// A name that the account may give.
pub fn own_name(name: Option<String>) -> Result<String, Failure<api::Error>> {
    let name = name.unwrap_or_default();
    let Some(rest) = name.strip_prefix("alias/") else {
        return Err(invalid(
            "Alias must start with the prefix \"alias/\". Please see              https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    };
    if rest.is_empty() || rest.contains(':') {
        return Err(invalid(format!("`{name}` is not the name of an alias.")));
    }
    // AWS: the names of its own keys.
    match rest.starts_with("aws/") {
        true => Err(api::Error::invalid_alias_name(format!(
            "{name} is reserved: aliases that begin with alias/aws/ are AWS's own."
        ))
        .into()),
        false => Ok(name),
    }
}

/// AWS: an alias names a key, never another alias.
pub fn target(name: Option<String>) -> Result<String, Failure<api::Error>> {
    let name = name.unwrap_or_default();
    match name.starts_with("alias/") || name.contains(":alias/") {
        true => Err(invalid("Aliases must refer to keys. Not aliases")),
        false => Ok(name),
    }
}
