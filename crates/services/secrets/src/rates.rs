//! How often each call about keys, secrets and parameters may be made, with AWS's numbers where it tells them.
//!
//! AWS tells what may be done in a second, and nothing of bursts: a bucket holds what comes back in a second.

use berth_control::pipeline::throttle::Category;

/// AWS: KMS developer guide, "Request quotas". What has the same number there and is as seldom shares a bucket here.
pub static KMS: &[Category] = &[
    Category::new(
        "Cryptographic operations (symmetric)",
        (10000, 10000),
        &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateRandom",
            "ReEncrypt",
        ],
    ),
    Category::new(
        "Data key pairs",
        (100, 100),
        &["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"],
    ),
    Category::new("Key descriptions", (2000, 2000), &["DescribeKey", "ListResourceTags"]),
    Category::new("Key settings", (1000, 1000), &["GetKeyPolicy", "GetKeyRotationStatus"]),
    Category::new("Lists of keys and aliases", (500, 500), &["ListAliases", "ListKeys"]),
    Category::new(
        "Lists of policies and rotations",
        (100, 100),
        &["ListKeyPolicies", "ListKeyRotations"],
    ),
    Category::new(
        "Key changes, quick ones",
        (15, 15),
        &["DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"],
    ),
    Category::new("Tagging", (10, 10), &["TagResource"]),
    Category::new(
        "Key changes",
        (5, 5),
        &[
            "CancelKeyDeletion",
            "CreateAlias",
            "CreateKey",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "RotateKeyOnDemand",
            "UntagResource",
            "UpdateAlias",
            "UpdateKeyDescription",
            "RotateDataKey",
        ],
    ),
];

/// AWS: Secrets Manager user guide, "AWS Secrets Manager quotas".
pub static SECRETS_MANAGER: &[Category] = &[
    Category::new("GetSecretValue", (10000, 10000), &["GetSecretValue"]),
    Category::new("DescribeSecret", (40000, 40000), &["DescribeSecret"]),
    Category::new("BatchGetSecretValue", (100, 100), &["BatchGetSecretValue"]),
    Category::new("ListSecrets", (100, 100), &["ListSecrets"]),
    Category::new("CreateSecret", (50, 50), &["CreateSecret"]),
    Category::new("DeleteSecret", (50, 50), &["DeleteSecret"]),
    Category::new("GetRandomPassword", (50, 50), &["GetRandomPassword"]),
    Category::new("ListSecretVersionIds", (50, 50), &["ListSecretVersionIds"]),
    Category::new(
        "Secret updates",
        (50, 50),
        &[
            "PutSecretValue",
            "RemoveRegionsFromReplication",
            "ReplicateSecretToRegions",
            "StopReplicationToReplica",
            "UpdateSecret",
            "UpdateSecretVersionStage",
        ],
    ),
    Category::new(
        "Resource policies",
        (50, 50),
        &[
            "DeleteResourcePolicy",
            "GetResourcePolicy",
            "ListResourcePolicies",
            "PutResourcePolicy",
            "ValidateResourcePolicy",
        ],
    ),
    Category::new("RestoreSecret", (50, 50), &["RestoreSecret"]),
    Category::new("Rotation", (50, 50), &["CancelRotateSecret", "RotateSecret"]),
    Category::new("Tagging", (50, 50), &["TagResource", "UntagResource"]),
];

/// AWS: general reference, "AWS Systems Manager endpoints and quotas": 40 values a second, 3 changes. The rest is of that size.
pub static PARAMETER_STORE: &[Category] = &[
    Category::new(
        "Parameter values",
        (40, 40),
        &["GetParameter", "GetParameters", "GetParametersByPath"],
    ),
    Category::new(
        "Parameter modify actions",
        (3, 3),
        &[
            "DeleteParameter",
            "DeleteParameters",
            "LabelParameterVersion",
            "PutParameter",
            "UnlabelParameterVersion",
        ],
    ),
    Category::new(
        "Parameter searches",
        (3, 3),
        &["DescribeParameters", "GetParameterHistory", "ListTagsForResource"],
    ),
    Category::new("Tag modify actions", (10, 10), &["AddTagsToResource", "RemoveTagsFromResource"]),
];
