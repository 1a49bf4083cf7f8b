//! What callers of RunTask and StartTask say, as a [`Launch`].

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{LaunchType, Scope, Tags, TaskDefinitionStatus, Word};

use super::overrides_input;
use crate::account_settings::{self, Setting};
use crate::identity::principal_arn;
use crate::launch::{self, Launch};
use crate::resolve::TaskDefinitionName;
use crate::tables::{Cluster, TaskDefinition};
use crate::tagging;

const LONGEST_STARTED_BY: usize = 128;
const LONGEST_REFERENCE: usize = 1024;
const LONGEST_GROUP: usize = 255;

/// What a caller asks for, whichever way the instances are found.
pub struct TaskRequest {
    pub call: Call,
    pub task_definition: String,
    pub launch_type: LaunchType,
    pub group: Option<String>,
    pub started_by: Option<String>,
    pub overrides: Option<api::TaskOverride>,
    pub tags: Option<Vec<api::Tag>>,
    pub propagate_tags: Option<api::PropagateTags>,
    pub managed_tags: bool,
    pub reference_id: Option<String>,
}

pub fn launch_type(given: Option<&api::LaunchType>) -> Result<LaunchType, api::Error> {
    match given {
        None | Some(api::LaunchType::Ec2) => Ok(LaunchType::Ec2),
        Some(api::LaunchType::External) => Ok(LaunchType::External),
        Some(other) => Err(api::Error::unsupported_feature(format!(
            "launchType {other} is not supported by this version of Berth; EC2 and EXTERNAL are."
        ))),
    }
}

/// Refuses by name what this version does not do.
pub fn refuse(parameter: &str, given: bool) -> Result<(), api::Error> {
    if given {
        let message =
            format!("{parameter} is not supported by this version of Berth; leave it out.");
        return Err(api::Error::unsupported_feature(message));
    }
    Ok(())
}

pub fn has_any<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}

/// AWS: versions are of Fargate's platform.
pub fn refuse_platform_version(given: Option<&String>) -> Result<(), api::Error> {
    if given.is_some() {
        return Err(api::Error::invalid_parameter(
            "The platform version must be null when specifying an EC2 launch type.",
        ));
    }
    Ok(())
}

pub fn refuse_network_configuration(
    given: Option<&api::NetworkConfiguration>,
) -> Result<(), api::Error> {
    if given.is_some_and(|configuration| configuration.awsvpc_configuration.is_some()) {
        return Err(api::Error::invalid_parameter(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ));
    }
    Ok(())
}

/// An ACTIVE task definition of that name, or ClientException.
pub fn definition(
    view: &impl View,
    call: &Call,
    given: &str,
) -> Result<Arc<TaskDefinition>, api::Error> {
    active_definition(view, &call.scope, given)
}

/// The same for whoever serves no call.
pub fn active_definition(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<Arc<TaskDefinition>, api::Error> {
    let name = TaskDefinitionName::parse(scope, given)?;
    let definition =
        name.find(view, scope).ok_or_else(|| api::Error::client("TaskDefinition not found."))?;
    if definition.status != TaskDefinitionStatus::Active {
        return Err(api::Error::client("TaskDefinition is inactive"));
    }
    Ok(definition)
}

impl TaskRequest {
    /// `asked` is the launch type that the task definition must be made for, where the caller names one.
    pub fn launch(
        &self,
        view: &impl View,
        cluster: &Cluster,
        asked: Option<LaunchType>,
    ) -> Result<Launch, api::Error> {
        let definition = definition(view, &self.call, &self.task_definition)?;
        let overrides = self
            .overrides
            .clone()
            .map(|given| overrides_input::check(given, &definition.content))
            .transpose()?;
        if let Some(launch_type) = asked {
            launch::suits(&definition, launch_type)?;
        }
        let tags = self.tags(&definition, cluster)?;
        let principal = principal_arn(&self.call);
        let long_arn =
            account_settings::is_on(view, &self.call.scope, &principal, Setting::TaskLongArnFormat);
        if !long_arn && !tags.is_empty() {
            // AWS: a tag is found by its resource's ARN, and only the long ones are unique enough.
            return Err(api::Error::invalid_parameter(
                "The new ARN and resource ID format must be enabled to add tags to the task. \
                 Opt in to the new format and try again.",
            ));
        }
        Ok(Launch {
            launch_type: self.launch_type,
            group: self.group(&definition)?.into(),
            started_by: self.started_by.as_deref().map(Word::from),
            overrides,
            tags: tags.into(),
            long_arn,
            reference_id: self.reference_id.as_deref().map(Word::from),
            of_service: None,
            enable_execute_command: false,
            holds: Default::default(),
            now: self.call.now,
            definition,
        })
    }

    /// AWS: `family:NAME` unless the caller says otherwise; `service:` belongs to services.
    fn group(&self, definition: &TaskDefinition) -> Result<String, api::Error> {
        match &self.group {
            None => Ok(format!("family:{}", definition.family)),
            Some(group) if group.starts_with("service:") => Err(api::Error::invalid_parameter(
                format!("group: `{group}` begins with `service:`, which only services may use."),
            )),
            Some(group) => Ok(group.clone()),
        }
    }

    fn tags(&self, definition: &TaskDefinition, cluster: &Cluster) -> Result<Tags, api::Error> {
        let mut tags = match &self.propagate_tags {
            None | Some(api::PropagateTags::None) => Tags::new(),
            Some(api::PropagateTags::TaskDefinition) => definition.tags.clone(),
            Some(other) => {
                return Err(api::Error::invalid_parameter(format!(
                    "propagateTags: {other} is not possible here; TASK_DEFINITION and NONE are."
                )));
            }
        };
        // The caller's own tags weigh more than those that come along.
        for (key, value) in tagging::new_tags(self.tags.clone())? {
            tags.insert(key, value);
        }
        if self.managed_tags {
            tags.insert("aws:ecs:clusterName".to_owned(), cluster.name.to_string());
        }
        Ok(tags)
    }

    /// Checks what needs no tables.
    pub fn check(&self) -> Result<(), api::Error> {
        let too_long = |name: &str, text: &Option<String>, longest: usize| match text {
            Some(text) if text.chars().count() > longest => {
                Err(api::Error::invalid_parameter(format!("{name} longer than {longest}.")))
            }
            _ => Ok(()),
        };
        too_long("group", &self.group, LONGEST_GROUP)?;
        too_long("startedBy", &self.started_by, LONGEST_STARTED_BY)?;
        too_long("referenceId", &self.reference_id, LONGEST_REFERENCE)?;
        let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"-_/".contains(*letter);
        match self.started_by.iter().flat_map(|by| by.chars()).find(odd) {
            Some(letter) => Err(api::Error::invalid_parameter(format!(
                "startedBy: `{letter}` is not possible; letters, digits, hyphens, slashes and underscores are."
            ))),
            None => Ok(()),
        }
    }
}
