//! AWS's library of managed policies: those that users of ECS name, and those that are commonly held by tasks. One file
//! each in this folder.
//!
//! DEVIATES: of AWS's own managed policies there are those that users of ECS name and that tasks commonly hold, each in
//! one version. Their ids are not AWS's, though the same everywhere; `ReadOnlyAccess` speaks of the services that there
//! are here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use berth_model::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::random;
use crate::tables::{PolicyText, UniqueId};

/// One policy of AWS's.
pub struct LibraryPolicy {
    pub name: &'static str,
    pub id: UniqueId,
    pub path: String,
    /// The number of its only version here.
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub document: PolicyText,
}

pub fn find(name: &str) -> Option<&'static LibraryPolicy> {
    LIBRARY.get(name)
}

pub fn all() -> impl Iterator<Item = &'static LibraryPolicy> {
    LIBRARY.values()
}

static LIBRARY: LazyLock<BTreeMap<&'static str, LibraryPolicy>> =
    LazyLock::new(|| FILES.iter().map(|(name, file)| (*name, read(name, file))).collect());

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!($name, ".json")))),*]
    };
}

/// By name.
const FILES: &[(&str, &str)] = files! {
    "AWSAppMeshEnvoyAccess"
    "AWSApplicationAutoscalingECSServicePolicy"
    "AWSBatchFullAccess"
    "AWSBatchServiceRole"
    "AWSCertificateManagerReadOnly"
    "AWSCloudFormationFullAccess"
    "AWSCloudFormationReadOnlyAccess"
    "AWSCloudMapDiscoverInstanceAccess"
    "AWSCloudMapFullAccess"
    "AWSCloudMapReadOnlyAccess"
    "AWSCloudMapRegisterInstanceAccess"
    "AWSCodeDeployRole"
    "AWSCodeDeployRoleForECS"
    "AWSCodeDeployRoleForECSLimited"
    "AWSDenyAll"
    "AWSElasticLoadBalancingServiceRolePolicy"
    "AWSGlueConsoleFullAccess"
    "AWSKeyManagementServicePowerUser"
    "AWSLambdaBasicExecutionRole"
    "AWSLambdaRole"
    "AWSLambda_FullAccess"
    "AWSLambda_ReadOnlyAccess"
    "AWSMarketplaceMeteringFullAccess"
    "AWSMarketplaceMeteringRegisterUsage"
    "AWSSecretsManagerClientReadOnlyAccess"
    "AWSStepFunctionsFullAccess"
    "AWSXRayDaemonWriteAccess"
    "AWSXrayFullAccess"
    "AWSXrayReadOnlyAccess"
    "AdministratorAccess"
    "AmazonAthenaFullAccess"
    "AmazonBedrockFullAccess"
    "AmazonBedrockReadOnly"
    "AmazonCognitoPowerUser"
    "AmazonCognitoReadOnly"
    "AmazonDynamoDBFullAccess"
    "AmazonDynamoDBFullAccess_v2"
    "AmazonDynamoDBReadOnlyAccess"
    "AmazonEC2ContainerRegistryFullAccess"
    "AmazonEC2ContainerRegistryPowerUser"
    "AmazonEC2ContainerRegistryPullOnly"
    "AmazonEC2ContainerRegistryReadOnly"
    "AmazonEC2ContainerServiceAutoscaleRole"
    "AmazonEC2ContainerServiceEventsRole"
    "AmazonEC2ContainerServiceRole"
    "AmazonEC2ContainerServiceforEC2Role"
    "AmazonEC2FullAccess"
    "AmazonEC2ReadOnlyAccess"
    "AmazonEC2RoleforSSM"
    "AmazonECSInfrastructureRolePolicyForLoadBalancers"
    "AmazonECSInfrastructureRolePolicyForManagedInstances"
    "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity"
    "AmazonECSInfrastructureRolePolicyForVolumes"
    "AmazonECSInfrastructureRolePolicyForVpcLattice"
    "AmazonECSInstanceRolePolicyForManagedInstances"
    "AmazonECSServiceRolePolicy"
    "AmazonECSTaskExecutionRolePolicy"
    "AmazonECS_FullAccess"
    "AmazonElastiCacheFullAccess"
    "AmazonElastiCacheReadOnlyAccess"
    "AmazonElasticFileSystemClientFullAccess"
    "AmazonElasticFileSystemClientReadOnlyAccess"
    "AmazonElasticFileSystemClientReadWriteAccess"
    "AmazonElasticFileSystemFullAccess"
    "AmazonElasticFileSystemReadOnlyAccess"
    "AmazonElasticTranscoder_FullAccess"
    "AmazonEventBridgeFullAccess"
    "AmazonEventBridgeReadOnlyAccess"
    "AmazonEventBridgeSchedulerFullAccess"
    "AmazonEventBridgeSchedulerReadOnlyAccess"
    "AmazonKeyspacesFullAccess"
    "AmazonKeyspacesReadOnlyAccess"
    "AmazonKinesisFirehoseFullAccess"
    "AmazonKinesisFullAccess"
    "AmazonKinesisReadOnlyAccess"
    "AmazonMQFullAccess"
    "AmazonMSKReadOnlyAccess"
    "AmazonOpenSearchServiceFullAccess"
    "AmazonOpenSearchServiceReadOnlyAccess"
    "AmazonPollyReadOnlyAccess"
    "AmazonPrometheusRemoteWriteAccess"
    "AmazonRDSDataFullAccess"
    "AmazonRDSFullAccess"
    "AmazonRDSReadOnlyAccess"
    "AmazonRekognitionReadOnlyAccess"
    "AmazonRoute53FullAccess"
    "AmazonRoute53ReadOnlyAccess"
    "AmazonS3FullAccess"
    "AmazonS3ReadOnlyAccess"
    "AmazonSESFullAccess"
    "AmazonSNSFullAccess"
    "AmazonSNSReadOnlyAccess"
    "AmazonSQSFullAccess"
    "AmazonSQSReadOnlyAccess"
    "AmazonSSMAutomationRole"
    "AmazonSSMDirectoryServiceAccess"
    "AmazonSSMFullAccess"
    "AmazonSSMMaintenanceWindowRole"
    "AmazonSSMManagedInstanceCore"
    "AmazonSSMReadOnlyAccess"
    "AmazonTextractFullAccess"
    "AmazonTimestreamFullAccess"
    "AmazonTranscribeReadOnlyAccess"
    "AmazonVPCFullAccess"
    "AmazonVPCReadOnlyAccess"
    "AutoScalingConsoleFullAccess"
    "AutoScalingFullAccess"
    "AutoScalingReadOnlyAccess"
    "AutoScalingServiceRolePolicy"
    "CloudWatchAgentAdminPolicy"
    "CloudWatchAgentServerPolicy"
    "CloudWatchEventsFullAccess"
    "CloudWatchEventsReadOnlyAccess"
    "CloudWatchFullAccess"
    "CloudWatchLambdaInsightsExecutionRolePolicy"
    "CloudWatchLogsFullAccess"
    "CloudWatchLogsReadOnlyAccess"
    "CloudWatchReadOnlyAccess"
    "ComprehendReadOnly"
    "ElasticLoadBalancingFullAccess"
    "ElasticLoadBalancingReadOnly"
    "IAMFullAccess"
    "IAMReadOnlyAccess"
    "IAMUserChangePassword"
    "PowerUserAccess"
    "ReadOnlyAccess"
    "ResourceGroupsandTagEditorFullAccess"
    "ResourceGroupsandTagEditorReadOnlyAccess"
    "SecretsManagerReadWrite"
    "TranslateReadOnly"
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct File<'a> {
    path: String,
    version: String,
    created: &'a str,
    updated: &'a str,
    #[serde(borrow)]
    document: &'a RawValue,
}

fn read(name: &'static str, file: &str) -> LibraryPolicy {
    let file: File<'_> = serde_json::from_str(file).expect("a test reads every file");
    let number = file.version.strip_prefix('v').and_then(|number| number.parse().ok());
    LibraryPolicy {
        name,
        id: id(name),
        path: file.path,
        version: number.expect("a test reads every file"),
        created_at: instant(file.created),
        updated_at: instant(file.updated),
        document: PolicyText::new(file.document.get()),
    }
}

fn instant(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().expect("a test reads every file");
    Timestamp::from_millis(instant.as_millisecond())
}

/// Always the same for the same name.
fn id(name: &str) -> UniqueId {
    let digest = Sha256::digest(name);
    UniqueId::from(format!("ANPA{}", random::letters(random::UPPER, &digest[..17])).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_policy() {
        for policy in all() {
            assert!(policy.path.starts_with('/') && policy.path.ends_with('/'), "{}", policy.name);
            assert!(
                policy.version > 0 && policy.created_at <= policy.updated_at,
                "{}",
                policy.name
            );
            assert_eq!(policy.id.as_str().len(), 21);
            assert_eq!(policy.document.as_permissions().err(), None, "{}", policy.name);
        }
        let ids: std::collections::BTreeSet<_> = all().map(|policy| &policy.id).collect();
        assert_eq!(ids.len(), FILES.len());
    }
}
