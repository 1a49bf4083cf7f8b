//! Whatever is reported in whatever order: the first digest of a container counts, for good.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::tables::Schema;
use berth_model::{
    ContainerId, ContainerStatus, HealthStatus, ServiceId, TaskDefinitionId, TaskSetId,
};
use berth_store::MemoryStore;
use proptest::prelude::*;

use super::*;
use crate::tables::tests::{task, task_definition};
use crate::tables::{self, Container, Content};

const SERVICE: ServiceId = ServiceId::from_bytes([1; 16]);
const DEFINITION: TaskDefinitionId = TaskDefinitionId::from_bytes([2; 16]);
const CONTAINERS: [&str; 3] = ["web", "side", "free"];

fn digest(number: u8) -> String {
    format!("sha256:{number:064x}")
}

/// The digests of some of `CONTAINERS`; `None`: what could never be pulled.
fn reported() -> impl Strategy<Value = BTreeMap<usize, Option<u8>>> {
    proptest::collection::btree_map(0..3_usize, prop::option::weighted(0.8, 0..4_u8), 0..4)
}

fn container(name: &str, digest: Option<String>) -> Container {
    Container {
        id: ContainerId::from_bytes([0; 16]),
        name: name.into(),
        status: ContainerStatus::Pending,
        exit_code: None,
        reason: None,
        runtime_id: None,
        image_digest: digest.map(Into::into),
        health: HealthStatus::Unknown,
        network_bindings: Default::default(),
        gpu_ids: Default::default(),
        managed_agents: Default::default(),
    }
}

fn defined(name: &str) -> api::ContainerDefinition {
    api::ContainerDefinition {
        name: Some(name.to_owned()),
        image: Some(format!("{name}:1")),
        version_consistency: (name == "free").then_some(api::VersionConsistency::Disabled),
        ..Default::default()
    }
}

fn definition(row: TaskDefinition) -> TaskDefinition {
    let content = api::TaskDefinition {
        container_definitions: Some(CONTAINERS.map(defined).to_vec()),
        ..Default::default()
    };
    TaskDefinition { id: DEFINITION, content: Content::new(content), ..row }
}

fn revision(number: u64) -> ServiceRevision {
    ServiceRevision {
        load_balancers: Vec::new(),
        resolved_target_groups: Vec::new(),
        service: SERVICE,
        number: TaskSetId::from_number(number),
        task_definition: DEFINITION,
        family: "web".parse().expect("a family"),
        family_revision: 1,
        launch_type: None,
        capacity_provider_strategy: Vec::new(),
        images: Vec::new(),
        created_at: Timestamp::EPOCH,
    }
}

/// A task of revision 0, 1, or of 2, which is forgotten; 3: of no service.
fn of_revision(number: u64, task: Task) -> Task {
    let revision = (number < 3).then(|| (SERVICE, TaskSetId::from_number(number)));
    Task {
        task_definition: DEFINITION,
        service: revision.map(|(service, _)| service),
        deployment: revision.map(|(_, number)| number),
        ..task
    }
}

async fn cell(definition: TaskDefinition) -> Cell {
    let mut schema = Schema::new();
    tables::register(&mut schema, &Env::system());
    let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("it is empty");
    let begun = cell.write(move |tx| {
        tx.put(definition);
        tx.put(revision(0));
        tx.put(revision(1));
        Ok::<_, Infallible>(())
    });
    begun.await.expect("a store in memory takes it");
    cell
}

/// What is known of each revision's containers, after each report.
async fn told(cell: &Cell, tasks: Vec<Task>) -> Vec<BTreeMap<(u64, String), String>> {
    let mut seen = Vec::new();
    for task in tasks {
        let established = cell.write(move |tx| {
            establish(tx, &task, Timestamp::EPOCH);
            Ok::<_, Infallible>(())
        });
        established.await.expect("a store in memory takes it");
        let view = cell.snapshot();
        let rows = view.table::<ResolvedImages>().iter();
        let images = rows.flat_map(|row| {
            assert_eq!(row.service, SERVICE);
            row.images
                .iter()
                .map(|image| ((row.number.number(), image.container.clone()), image.digest.clone()))
        });
        let all: Vec<_> = images.collect();
        let (count, known) = (all.len(), BTreeMap::from_iter(all));
        assert_eq!(known.len(), count, "a container has one digest");
        seen.push(known);
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_first_digest_counts(
        row in task_definition(),
        some in task(),
        reports in proptest::collection::vec((0..4_u64, reported()), 1..12),
    ) {
        let mut expected = BTreeMap::new();
        let mut model = Vec::new();
        let mut tasks = Vec::new();
        for (number, images) in reports {
            for (index, image) in &images {
                if let (0 | 1, 0 | 1, Some(image)) = (number, index, image) {
                    let container = (number, CONTAINERS[*index].to_owned());
                    expected.entry(container).or_insert_with(|| digest(*image));
                }
            }
            model.push(expected.clone());
            let text = |image: Option<u8>| image.map_or("sha256:short".to_owned(), digest);
            tasks.push(Task {
                containers: images
                    .into_iter()
                    .map(|(index, image)| container(CONTAINERS[index], Some(text(image))))
                    .collect(),
                ..of_revision(number, some.clone())
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it is built");
        let seen = runtime.block_on(async { told(&cell(definition(row)).await, tasks).await });
        prop_assert_eq!(seen, model);
    }

    #[test]
    fn only_what_was_started_before_can_be_another_version(
        some in task(),
        created_at in 0..3_i64,
        runs in prop::option::of(0..2_u8),
    ) {
        let established_at = Timestamp::from_millis(1);
        let resolved = ResolvedImages {
            service: SERVICE,
            number: TaskSetId::from_number(0),
            images: vec![ResolvedImage {
                container: "web".to_owned(),
                digest: digest(0),
                established_at,
            }],
        };
        let mut task = of_revision(0, some);
        task.times.created_at = Timestamp::from_millis(created_at);
        task.containers =
            Box::new([container("side", Some(digest(7))), container("web", runs.map(digest))]);
        let expected = runs == Some(1) && created_at <= 1;
        prop_assert_eq!(is_another_version(&task, Some(&resolved)), expected);
        prop_assert!(!is_another_version(&task, None));
        let web = defined("web");
        prop_assert_eq!(reference(&web, Some(&resolved)), format!("web:1@{}", digest(0)));
        prop_assert_eq!(reference(&web, None), "web:1");
        prop_assert_eq!(reference(&defined("side"), Some(&resolved)), "side:1");
    }
}
