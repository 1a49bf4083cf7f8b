//! Looking: at the engine, at images, and at containers of one's own.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};

use super::{Case, Site, map};
use crate::{
    ContainerSpec, ErrorKind, Health, HealthCheck, HealthTest, ImageName, OWNER_LABEL, RuntimeEvent,
};

pub(super) fn cases(site: &Site) -> Vec<Case<'_>> {
    vec![
        ("the engine says what it is", info(site).boxed()),
        ("an image that is here is found", image(site).boxed()),
        ("an image in use is known, and stays", used_image(site).boxed()),
        ("a list holds one owner's containers", list(site).boxed()),
        ("health is checked and told", health(site).boxed()),
    ]
}

async fn info(site: &Site) {
    let info = site.runtime.info().await.unwrap();
    assert_eq!(info.os_type, "linux");
    assert!(info.cpus > 0 && info.memory.whole_mib() > 0);
    assert!(!info.version.is_empty() && !info.api_version.is_empty());
    assert!(info.volume_drivers.contains(&"local".to_owned()));
    assert!(info.log_drivers.contains(&"json-file".to_owned()));
}

async fn image(site: &Site) {
    let found = site.runtime.image(&site.image).await.unwrap().unwrap();
    assert!(found.id.starts_with("sha256:"));
    assert!(found.size.as_bytes() > 0);
    assert_eq!(found.digest, None, "no registry served it");
    assert_eq!(site.runtime.image("berth-conformance/no-such-image").await.unwrap(), None);
    let spec = ContainerSpec::new("of-the-image", &site.image);
    let id = site.runtime.create(&spec).await.unwrap();
    assert_eq!(site.state(&id).await.image_id, found.id);
    site.remove_all([id]).await;
}

async fn used_image(site: &Site) {
    let id = site.runtime.create(&site.spec("of-the-used-image", &[])).await.unwrap();
    let found = site.runtime.image(&site.image).await.unwrap().unwrap();
    let held = site.runtime.images().await.unwrap();
    assert!(held.is_sorted_by(|a, b| a.id < b.id));
    let held = held.into_iter().find(|held| held.id == found.id).unwrap();
    assert_eq!(held.tags, [ImageName::parse(&site.image).to_string()]);
    assert!(held.is_used && held.size.as_bytes() > 0, "{held:?}");
    let kept = site.runtime.remove_image(&site.image).await.unwrap_err();
    assert_eq!(kept.kind(), ErrorKind::Conflict, "{kept}");
    site.runtime.remove_image("berth-conformance/no-such-image").await.unwrap();
    let disks = site.runtime.disks().await.unwrap();
    let data = disks.data.expect("the engine is on this host");
    let root = disks.root.expect("every host has one");
    assert!(data.total > data.free && root.total > root.free, "{disks:?}");
    site.remove_all([id]).await;
}

async fn list(site: &Site) {
    let labels = map([("task", "t-1"), ("role", "web")]);
    let spec = ContainerSpec { labels: labels.clone(), ..site.spec("listed", &[]) };
    let id = site.run(&spec).await;
    let theirs = site.neighbour.create(&site.spec("listed-too", &[])).await.unwrap();
    let listed = site.runtime.list().await.unwrap();
    assert!(listed.is_sorted_by(|a, b| a.name < b.name));
    let state = listed.iter().find(|state| state.id == id).unwrap();
    assert_eq!(state.name, "listed");
    assert_eq!(state.image, site.image);
    assert!(labels.iter().all(|(name, value)| state.labels.get(name) == Some(value)));
    assert!(state.labels.contains_key(OWNER_LABEL));
    let seen = site.runtime.survey().await.unwrap();
    let seen = seen.iter().find(|seen| seen.id == id).unwrap();
    assert_eq!((seen.name.as_str(), seen.is_running), ("listed", true));
    assert_eq!(seen.labels, state.labels);
    assert!(!listed.iter().any(|state| state.id == theirs));
    let neighbours: Vec<_> =
        site.neighbour.list().await.unwrap().into_iter().map(|state| state.id).collect();
    assert!(neighbours.contains(&theirs) && !neighbours.contains(&id));
    site.remove_all([id]).await;
    site.neighbour.remove(&theirs).await.unwrap();
}

async fn health(site: &Site) {
    let checked = |name: &str, code: &str| ContainerSpec {
        health_check: Some(HealthCheck {
            test: HealthTest::Exec(["/demo-web", "exit", code].map(str::to_owned).to_vec()),
            interval: Duration::from_millis(200),
            timeout: Duration::from_secs(20),
            retries: 1,
            start_period: Duration::ZERO,
        }),
        ..site.spec(name, &[])
    };
    for (name, code, verdict) in
        [("well", "0", Health::Healthy), ("unwell", "1", Health::Unhealthy)]
    {
        let events = site.runtime.events();
        let id = site.run(&checked(name, code)).await;
        let mut changes = std::pin::pin!(events.filter_map(|event| {
            let of_this = match event {
                RuntimeEvent::HealthChanged { id: of, health, .. } if of == id => Some(health),
                _ => None,
            };
            std::future::ready(of_this)
        }));
        assert_eq!(changes.next().await, Some(verdict), "{name}");
        assert_eq!(site.state(&id).await.health, verdict, "{name}");
        site.remove_all([id.clone()]).await;
    }
    let id = site.run(&site.spec("unchecked", &[])).await;
    assert_eq!(site.state(&id).await.health, Health::Unchecked);
    site.remove_all([id]).await;
}
