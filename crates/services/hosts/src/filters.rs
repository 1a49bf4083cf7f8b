//! DescribeInstanceInformation's filters, which AWS takes in an older form and in a newer one.

use berth_aws_api::ssm as api;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub key: String,
    values: Vec<String>,
}

/// Of those that AWS has, the ones that ask about something that is known here.
const KEYS: [&str; 7] = [
    "InstanceIds",
    "ActivationIds",
    "IamRole",
    "PingStatus",
    "PlatformTypes",
    "ResourceType",
    "tag-key",
];

impl Filter {
    pub fn takes(&self, value: &str) -> bool {
        self.values.iter().any(|wanted| wanted == value)
    }
}

pub fn parse(
    older: Vec<api::InstanceInformationFilter>,
    newer: Vec<api::InstanceInformationStringFilter>,
) -> Result<Vec<Filter>, api::Error> {
    // AWS: one or the other.
    if !older.is_empty() && !newer.is_empty() {
        let message = "InstanceInformationFilterList and Filters exclude each other.";
        return Err(api::Error::invalid_parameters(message));
    }
    let older = older.into_iter().map(|filter| Filter {
        key: filter.key.map(|key| key.to_string()).unwrap_or_default(),
        values: filter.value_set.unwrap_or_default(),
    });
    let newer = newer.into_iter().map(|filter| Filter {
        key: filter.key.unwrap_or_default(),
        values: filter.values.unwrap_or_default(),
    });
    older.chain(newer).map(known).collect()
}

fn known(filter: Filter) -> Result<Filter, api::Error> {
    if KEYS.contains(&filter.key.as_str()) || filter.key.starts_with("tag:") {
        return Ok(filter);
    }
    // AWS: this error has no message.
    tracing::debug!(key = filter.key, "a filter that is not known");
    Err(api::InvalidFilterKey {}.into())
}
