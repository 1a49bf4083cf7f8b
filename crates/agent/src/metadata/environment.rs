//! What a container's environment tells it of its surroundings.

use std::collections::BTreeMap;

use crate::doors::TASKS_ADDRESS;

/// Adds it to what the task definition says, which keeps the last word where ECS leaves it to it.
pub(crate) fn add_surroundings(environment: &mut BTreeMap<String, String>, region: Option<&str>) {
    environment.entry("AWS_EXECUTION_ENV".to_owned()).or_insert_with(|| "AWS_ECS_EC2".to_owned());
    let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    // AWS: whoever says one of the two means what they do not say by the other.
    // DEVIATES: ECS leaves an image's own region alone, too; here it is the host's region that counts.
    if names.iter().any(|name| environment.contains_key(*name)) {
        return;
    }
    if let Some(region) = region {
        environment.extend(names.map(|name| (name.to_owned(), region.to_owned())));
    }
}

/// Adds where the container can ask its agent. A task definition cannot say otherwise.
pub(crate) fn add_endpoints(environment: &mut BTreeMap<String, String>, id: &str) {
    let address = format!("http://{TASKS_ADDRESS}");
    environment.extend([
        ("ECS_CONTAINER_METADATA_URI".to_owned(), format!("{address}/v3/{id}")),
        ("ECS_CONTAINER_METADATA_URI_V4".to_owned(), format!("{address}/v4/{id}")),
        ("ECS_AGENT_URI".to_owned(), format!("{address}/api/{id}")),
    ]);
}

/// Adds where the container finds the credentials of its task's role.
pub(crate) fn add_credentials(environment: &mut BTreeMap<String, String>, credentials_id: &str) {
    environment.insert(
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI".to_owned(),
        format!("/v2/credentials/{credentials_id}"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut environment = given.iter().map(pair).collect();
        add_surroundings(&mut environment, Some("eu-west-1"));
        environment
    }

    #[test]
    fn a_task_definition_has_the_last_word_on_the_region() {
        let plain = with(&[]);
        assert_eq!(plain["AWS_REGION"], "eu-west-1");
        assert_eq!(plain["AWS_DEFAULT_REGION"], "eu-west-1");
        assert_eq!(plain["AWS_EXECUTION_ENV"], "AWS_ECS_EC2");
        let own = with(&[("AWS_DEFAULT_REGION", "us-east-2"), ("AWS_EXECUTION_ENV", "mine")]);
        assert_eq!(own["AWS_DEFAULT_REGION"], "us-east-2");
        assert!(!own.contains_key("AWS_REGION"));
        assert_eq!(own["AWS_EXECUTION_ENV"], "mine");
    }

    #[test]
    fn endpoints_are_where_the_agent_listens() {
        let mut environment = [("ECS_AGENT_URI".to_owned(), "forged".to_owned())].into();
        add_endpoints(&mut environment, "0a");
        add_credentials(&mut environment, "1b");
        assert_eq!(environment["ECS_CONTAINER_METADATA_URI"], "http://169.254.170.2/v3/0a");
        assert_eq!(environment["ECS_CONTAINER_METADATA_URI_V4"], "http://169.254.170.2/v4/0a");
        assert_eq!(environment["ECS_AGENT_URI"], "http://169.254.170.2/api/0a");
        assert_eq!(environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], "/v2/credentials/1b");
    }
}
