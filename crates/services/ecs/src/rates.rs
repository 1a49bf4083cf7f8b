//! How often each call of ECS may be made: its categories, with AWS's numbers.
//!
//! AWS: API reference, "Request throttling for the Amazon ECS API". Calls that are not listed there are with those
//! most like them: task sets with services, what agents ask for with what they report.

use berth_control::pipeline::throttle::Category;

use crate::{events, explain};

/// Burst, and how many a second come back.
pub static RATES: &[Category] = &[
    Category::new(
        "Cluster modify actions",
        (20, 1),
        &[
            "CreateCluster",
            "DeleteCluster",
            "PutClusterCapacityProviders",
            "UpdateCluster",
            "UpdateClusterSettings",
        ],
    ),
    Category::new("Cluster read actions", (50, 20), &["DescribeClusters", "ListClusters"]),
    Category::new(
        "Task definition modify actions",
        (20, 1),
        &["DeregisterTaskDefinition", "RegisterTaskDefinition"],
    ),
    Category::new(
        "Task definition read actions",
        (50, 20),
        &["DescribeTaskDefinition", "ListTaskDefinitionFamilies", "ListTaskDefinitions"],
    ),
    Category::new("Task definition deletion actions", (5, 1), &["DeleteTaskDefinitions"]),
    Category::new(
        "Capacity provider modify actions",
        (10, 1),
        &["CreateCapacityProvider", "DeleteCapacityProvider", "UpdateCapacityProvider"],
    ),
    Category::new("Capacity provider read actions", (50, 20), &["DescribeCapacityProviders"]),
    Category::new("Tag modify actions", (20, 10), &["TagResource", "UntagResource"]),
    Category::new("Tag read actions", (50, 20), &["ListTagsForResource"]),
    Category::new(
        "Setting modify actions",
        (10, 1),
        &["DeleteAccountSetting", "PutAccountSetting", "PutAccountSettingDefault"],
    ),
    Category::new("Setting read actions", (50, 20), &["ListAccountSettings"]),
    Category::new(
        "Cluster resource modify actions",
        (100, 40),
        &[
            "DeleteAttributes",
            "DeregisterContainerInstance",
            "PutAttributes",
            "RunTask",
            "StartTask",
            "StopTask",
            "UpdateContainerAgent",
            "UpdateContainerInstancesState",
        ],
    ),
    Category::new(
        "Cluster resource read actions",
        (100, 20),
        &[
            "DescribeContainerInstances",
            "DescribeTasks",
            "ListAttributes",
            "ListContainerInstances",
            "ListTasks",
            explain::ACTION,
            events::ACTION,
        ],
    ),
    Category::new(
        "Agent modify actions",
        (200, 120),
        &[
            "DiscoverPollEndpoint",
            "Poll",
            "RegisterContainerInstance",
            "StartTelemetrySession",
            "SubmitAttachmentStateChanges",
            "SubmitContainerStateChange",
            "SubmitTaskStateChange",
        ],
    ),
    Category::new(
        "Service modify actions",
        (50, 5),
        &[
            "ContinueServiceDeployment",
            "CreateService",
            "CreateTaskSet",
            "DeleteService",
            "DeleteTaskSet",
            "StopServiceDeployment",
            "UpdateService",
            "UpdateServicePrimaryTaskSet",
            "UpdateTaskSet",
        ],
    ),
    Category::new(
        "Service read actions",
        (100, 20),
        &["DescribeServices", "DescribeTaskSets", "ListServices"],
    ),
    Category::new(
        "Service deployment actions",
        (50, 20),
        &["DescribeServiceDeployments", "ListServiceDeployments"],
    ),
    Category::new("Service revision actions", (50, 20), &["DescribeServiceRevisions"]),
    Category::new(
        "Task protection actions",
        (200, 80),
        &["GetTaskProtection", "UpdateTaskProtection"],
    ),
    Category::new("Cluster service resource read actions", (10, 1), &["ListServicesByNamespace"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use berth_control::cell::Cell;
    use berth_control::env::Env;
    use berth_control::tables::Schema;
    use berth_model::Timestamp;
    use berth_store::MemoryStore;

    use super::*;
    use crate::{Ecs, Limits};

    /// An endpoint refuses to be built without a category of each call; nothing would notice one too many.
    #[tokio::test(start_paused = true)]
    async fn each_row_is_of_something_that_is_served() {
        let env = Env::seeded(1, Timestamp::EPOCH);
        let mut schema = Schema::new();
        crate::register_tables(&mut schema, &env);
        let store = std::sync::Arc::new(MemoryStore::new());
        let cell = Cell::open(store, schema).await.expect("it is empty");
        let service = Ecs::new(cell, env, Limits::default(), "http://localhost").service();
        let mut served: BTreeSet<_> = service.operations().map(|served| served.name).collect();
        served.extend([explain::ACTION, events::ACTION, "Poll", "StartTelemetrySession"]);
        let rated: BTreeSet<_> = RATES.iter().flat_map(|row| row.actions).copied().collect();
        assert_eq!(rated, served);
    }
}
