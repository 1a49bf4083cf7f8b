//! Account settings: which there are, their defaults, and what is in force for a principal.

use berth_control::tables::View;
use berth_model::Scope;

use crate::tables::{AccountSetting, SettingOwner};

/// The settings that Berth acts on or keeps. AWS's names, and what AWS sets for an account today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    AwsvpcTrunking,
    ContainerInsights,
    ContainerInstanceLongArnFormat,
    DefaultLogDriverMode,
    DualStackIPv6,
    FargateTaskRetirementWaitPeriod,
    GuardDutyActivate,
    ServiceLongArnFormat,
    TagResourceAuthorization,
    TaskLongArnFormat,
}

impl Setting {
    pub const ALL: [Self; 10] = [
        Self::AwsvpcTrunking,
        Self::ContainerInsights,
        Self::ContainerInstanceLongArnFormat,
        Self::DefaultLogDriverMode,
        Self::DualStackIPv6,
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
            Self::FargateTaskRetirementWaitPeriod => "fargateTaskRetirementWaitPeriod",
            Self::GuardDutyActivate => "guardDutyActivate",
            Self::ServiceLongArnFormat => "serviceLongArnFormat",
            Self::TagResourceAuthorization => "tagResourceAuthorization",
            Self::TaskLongArnFormat => "taskLongArnFormat",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// What is in force where nobody has set anything.
    pub fn default_value(self) -> &'static str {
        match self {
            Self::ContainerInstanceLongArnFormat | Self::ServiceLongArnFormat | Self::TaskLongArnFormat => "enabled",
            Self::AwsvpcTrunking | Self::ContainerInsights | Self::DualStackIPv6 => "disabled",
            Self::DefaultLogDriverMode => "non-blocking",
            Self::FargateTaskRetirementWaitPeriod => "7",
            Self::GuardDutyActivate | Self::TagResourceAuthorization => "off",
        }
    }
}

/// The value in force: the principal's own, else the account's, else AWS's.
pub fn effective(view: &impl View, scope: &Scope, principal: &str, setting: Setting) -> String {
    let stored = |owner: SettingOwner| {
        let key = (scope.clone(), owner.as_key(), setting.name().to_owned());
        view.get::<AccountSetting>(&key).map(|found| found.value.clone())
    };
    stored(SettingOwner::Principal(principal.to_owned()))
        .or_else(|| stored(SettingOwner::Default))
        .unwrap_or_else(|| setting.default_value().to_owned())
}

pub fn is_on(view: &impl View, scope: &Scope, principal: &str, setting: Setting) -> bool {
    matches!(effective(view, scope, principal, setting).as_str(), "enabled" | "on")
}
