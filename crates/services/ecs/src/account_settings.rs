//! Account settings: which there are, their values, and what is in force for a principal.
//!
//! A setting belongs to a principal, or to everyone in the account who has none of their own. AWS: what
//! the root user sets is that default, so the root user has no settings besides.

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{Arn, Scope};

use crate::identity::principal_arn;
use crate::tables::{AccountSetting, SettingOwner};

/// AWS's settings, in the order of their names.
///
/// What Berth acts on are the formats of ARNs. The others are kept and shown for the features to come.
/// `dualStackIPv6` is in AWS's guide but not in its model, so it is shown and cannot be set.
// DEVIATES: AWS ties the long formats to opt-in dates that have passed; here both values are always possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    AwsvpcTrunking,
    ContainerInsights,
    ContainerInstanceLongArnFormat,
    DefaultLogDriverMode,
    DualStackIPv6,
    FargateEventWindows,
    FargateFipsMode,
    FargateTaskRetirementWaitPeriod,
    GuardDutyActivate,
    ServiceLongArnFormat,
    TagResourceAuthorization,
    TaskLongArnFormat,
}

const SWITCH: &[&str] = &["enabled", "disabled"];

impl Setting {
    pub const ALL: [Self; 12] = [
        Self::AwsvpcTrunking,
        Self::ContainerInsights,
        Self::ContainerInstanceLongArnFormat,
        Self::DefaultLogDriverMode,
        Self::DualStackIPv6,
        Self::FargateEventWindows,
        Self::FargateFipsMode,
        Self::FargateTaskRetirementWaitPeriod,
        Self::GuardDutyActivate,
        Self::ServiceLongArnFormat,
        Self::TagResourceAuthorization,
        Self::TaskLongArnFormat,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AwsvpcTrunking => "awsvpcTrunking",
            Self::ContainerInsights => "containerInsights",
            Self::ContainerInstanceLongArnFormat => "containerInstanceLongArnFormat",
            Self::DefaultLogDriverMode => "defaultLogDriverMode",
            Self::DualStackIPv6 => "dualStackIPv6",
            Self::FargateEventWindows => "fargateEventWindows",
            Self::FargateFipsMode => "fargateFIPSMode",
            Self::FargateTaskRetirementWaitPeriod => "fargateTaskRetirementWaitPeriod",
            Self::GuardDutyActivate => "guardDutyActivate",
            Self::ServiceLongArnFormat => "serviceLongArnFormat",
            Self::TagResourceAuthorization => "tagResourceAuthorization",
            Self::TaskLongArnFormat => "taskLongArnFormat",
        }
    }

    /// The setting that a request means.
    pub fn named(name: Option<&api::SettingName>) -> Result<Self, api::Error> {
        let name = name.map(api::SettingName::as_str).unwrap_or_default();
        let found = Self::ALL.into_iter().find(|setting| setting.name() == name);
        found.ok_or_else(|| {
            invalid(format!("Invalid setting 'name'. There is no account setting `{name}`."))
        })
    }

    /// What is in force where nobody has set anything.
    pub fn default_value(self) -> &'static str {
        match self {
            Self::ContainerInstanceLongArnFormat
            | Self::ServiceLongArnFormat
            | Self::TaskLongArnFormat => "enabled",
            Self::AwsvpcTrunking
            | Self::ContainerInsights
            | Self::DualStackIPv6
            | Self::FargateEventWindows
            | Self::FargateFipsMode => "disabled",
            Self::DefaultLogDriverMode => "non-blocking",
            Self::FargateTaskRetirementWaitPeriod => "7",
            Self::GuardDutyActivate => "off",
            Self::TagResourceAuthorization => "on",
        }
    }

    fn values(self) -> &'static [&'static str] {
        match self {
            Self::ContainerInsights => &["enabled", "disabled", "enhanced"],
            Self::DefaultLogDriverMode => &["blocking", "non-blocking"],
            Self::FargateTaskRetirementWaitPeriod => &["0", "7", "14"],
            Self::GuardDutyActivate | Self::TagResourceAuthorization => &["on", "off"],
            Self::AwsvpcTrunking
            | Self::ContainerInstanceLongArnFormat
            | Self::DualStackIPv6
            | Self::FargateEventWindows
            | Self::FargateFipsMode
            | Self::ServiceLongArnFormat
            | Self::TaskLongArnFormat => SWITCH,
        }
    }

    fn kind(self) -> api::SettingType {
        match self {
            Self::GuardDutyActivate => api::SettingType::AwsManaged,
            _ => api::SettingType::User,
        }
    }

    /// Whether this owner may set this value.
    pub fn check(self, value: &str, owner: &SettingOwner) -> Result<(), api::Error> {
        let name = self.name();
        if self.kind() == api::SettingType::AwsManaged {
            return Err(invalid(format!(
                "Invalid setting 'name'. `{name}` is managed by AWS and cannot be changed."
            )));
        }
        // AWS: the time that Fargate gives is the account's as a whole.
        if self == Self::FargateTaskRetirementWaitPeriod && *owner != SettingOwner::Default {
            return Err(invalid(format!(
                "Invalid setting 'name'. `{name}` can only be set by the root user."
            )));
        }
        if !self.values().contains(&value) {
            let values = self.values().join(", ");
            return Err(invalid(format!(
                "Invalid setting 'value'. `{value}` is none of those of {name}: {values}."
            )));
        }
        Ok(())
    }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

/// A setting as the API shows it.
pub fn render(scope: &Scope, setting: Setting, value: &str, owner: &SettingOwner) -> api::Setting {
    api::Setting {
        name: Some(setting.name().into()),
        value: Some(value.to_owned()),
        principal_arn: Some(match owner {
            SettingOwner::Default => root(scope),
            SettingOwner::Principal(arn) => arn.clone(),
        }),
        r#type: Some(setting.kind()),
    }
}

fn root(scope: &Scope) -> String {
    format!("arn:{}:iam::{}:root", scope.partition, scope.account)
}

/// Whose setting a request means: the one it names, else the caller's.
pub fn owner(call: &Call, given: Option<&str>) -> Result<SettingOwner, api::Error> {
    let (caller, root) = (principal_arn(call), root(&call.scope));
    let wanted = given.filter(|given| !given.is_empty()).unwrap_or(&caller);
    if wanted == root {
        // Only root can be here without naming anyone, so this is about the others.
        return if caller == root {
            Ok(SettingOwner::Default)
        } else {
            Err(denied(&caller, wanted))
        };
    }
    let arn: Arn =
        wanted.parse().map_err(|error| invalid(format!("Invalid principalArn: {error}.")))?;
    let is_principal = matches!(arn.service.as_str(), "iam" | "sts")
        && ["user/", "role/", "assumed-role/", "federated-user/"]
            .iter()
            .any(|kind| arn.resource.starts_with(kind));
    if !is_principal
        || arn.account != Some(call.scope.account)
        || arn.partition != call.scope.partition
    {
        return Err(invalid(format!(
            "Invalid principalArn: `{wanted}` is not a user or role of this account."
        )));
    }
    if caller != root && caller != wanted {
        return Err(denied(&caller, wanted));
    }
    Ok(SettingOwner::Principal(wanted.to_owned()))
}

fn denied(caller: &str, wanted: &str) -> api::Error {
    api::Error::access_denied(format!(
        "{caller} is neither the root user nor {wanted}, whose settings these are."
    ))
}

/// What this owner has set, without asking anyone else.
pub fn own(
    view: &impl View,
    scope: &Scope,
    owner: &SettingOwner,
    setting: Setting,
) -> Option<String> {
    let key = (scope.clone(), owner.as_key(), setting.name().to_owned());
    view.get::<AccountSetting>(&key).map(|found| found.value.clone())
}

/// The value in force and who has set it: the principal, else the account, else AWS for the account.
pub fn in_force(
    view: &impl View,
    scope: &Scope,
    owner: &SettingOwner,
    setting: Setting,
) -> (String, SettingOwner) {
    if let Some(value) = own(view, scope, owner, setting) {
        return (value, owner.clone());
    }
    let default = own(view, scope, &SettingOwner::Default, setting);
    (default.unwrap_or_else(|| setting.default_value().to_owned()), SettingOwner::Default)
}

/// Whether a setting is switched on for a principal.
pub fn is_on(view: &impl View, scope: &Scope, principal: &str, setting: Setting) -> bool {
    let owner = SettingOwner::Principal(principal.to_owned());
    matches!(in_force(view, scope, &owner, setting).0.as_str(), "enabled" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_in_order_and_their_defaults_are_values_of_theirs() {
        assert!(Setting::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        assert!(
            Setting::ALL.iter().all(|setting| setting.values().contains(&setting.default_value()))
        );
    }

    #[test]
    fn every_setting_of_the_model_is_known() {
        for name in api::SettingName::VALUES {
            assert_eq!(Setting::named(Some(&(*name).into())).map(Setting::name), Ok(*name));
        }
    }
}
