//! Networks, volumes, and what containers use.

use std::time::Duration;

use futures_util::FutureExt;

use super::{Case, Site};
use crate::{
    ContainerSpec, ErrorKind, GroupSpec, MemoryBytes, Mount, MountSource, Network, VolumeSpec,
};

pub(super) fn cases(site: &Site) -> Vec<Case<'_>> {
    vec![
        ("networks are the container's, the host's or none", networks(site).boxed()),
        ("a volume lives until nobody refers to it", volume(site).boxed()),
        ("mounts of every kind are accepted", mounts(site).boxed()),
        ("what a container uses is told", stats(site).boxed()),
        ("a group holds its members to one limit", group(site).boxed()),
    ]
}

async fn networks(site: &Site) {
    for (name, network) in [("in-host", Network::Host), ("in-none", Network::None)] {
        // On the host's network the demo's own port might be taken; this command needs none.
        let id = site.run(&ContainerSpec { network, ..site.spec(name, &["ignore-term"]) }).await;
        let state = site.state(&id).await;
        assert!(
            state.is_running() && state.addresses.is_empty() && state.ports.is_empty(),
            "{state:?}"
        );
        site.remove_all([id]).await;
    }
    let owner = site.run(&site.spec("network-owner", &[])).await;
    let shared = ContainerSpec {
        network: Network::Container(owner.clone()),
        ..site.spec("guest", &["ignore-term"])
    };
    let guest = site.run(&shared).await;
    assert!(site.state(&guest).await.is_running());
    site.remove_all([guest, owner]).await;
}

async fn volume(site: &Site) {
    let volume = VolumeSpec::new("conformance-volume");
    site.runtime.create_volume(&volume).await.unwrap();
    site.runtime.create_volume(&volume).await.unwrap();
    let mount = Mount {
        source: MountSource::Volume(volume.name.clone()),
        target: "/data".to_owned(),
        read_only: false,
    };
    let spec = ContainerSpec { mounts: vec![mount], ..site.spec("volume-user", &[]) };
    let id = site.runtime.create(&spec).await.unwrap();
    let error = site.runtime.remove_volume(&volume.name).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    site.remove_all([id]).await;
    site.runtime.remove_volume(&volume.name).await.unwrap();
    site.runtime.remove_volume(&volume.name).await.unwrap();
}

async fn mounts(site: &Site) {
    let mount =
        |source, target: &str, read_only| Mount { source, target: target.to_owned(), read_only };
    let tmpfs =
        MountSource::Tmpfs { size: MemoryBytes::from_mib(1), options: vec!["noexec".to_owned()] };
    let mounts = vec![
        mount(MountSource::Host("/tmp".to_owned()), "/host", true),
        mount(MountSource::Anonymous, "/anonymous", false),
        mount(tmpfs, "/memory", false),
    ];
    let id = site.run(&ContainerSpec { mounts, ..site.spec("mounts", &[]) }).await;
    assert!(site.state(&id).await.is_running());
    site.remove_all([id]).await;
}

async fn stats(site: &Site) {
    let limit = MemoryBytes::from_mib(96);
    let spec =
        ContainerSpec { memory_limit: Some(limit), ..site.spec("uses", &["eat-memory", "32"]) };
    let id = site.run(&spec).await;
    // The program takes its memory after the start; how soon is its own affair.
    let stats = loop {
        let stats = site.runtime.stats(&id).await.unwrap();
        if stats.memory.used() >= MemoryBytes::from_mib(32) {
            break stats;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(stats.memory.limit, Some(limit));
    assert!(stats.memory.charged >= stats.memory.used());
    assert!(stats.network.is_some());
    assert!(stats.pids > 0);
    let later = site.runtime.stats(&id).await.unwrap();
    assert!(later.cpu.used >= stats.cpu.used && later.read_at >= stats.read_at);
    site.runtime.stop(&id, Duration::from_secs(30)).await.unwrap();
    assert_eq!(site.runtime.stats(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
    site.remove_all([id]).await;
    let networkless = ContainerSpec { network: Network::None, ..site.spec("uses-no-network", &[]) };
    let id = site.run(&networkless).await;
    assert_eq!(site.runtime.stats(&id).await.unwrap().network, None);
    site.remove_all([id]).await;
}

async fn group(site: &Site) {
    assert!(site.runtime.info().await.unwrap().has_groups);
    let limit = MemoryBytes::from_mib(96);
    let group = GroupSpec { memory_limit: Some(limit), ..GroupSpec::new("conformance-group") };
    let parent = site.runtime.ensure_group(&group).await.unwrap();
    assert_eq!(site.runtime.ensure_group(&group).await.unwrap(), parent);
    assert_eq!(site.runtime.groups().await.unwrap(), std::slice::from_ref(&group.name));
    assert!(site.neighbour.groups().await.unwrap().is_empty());

    let member = |name: &str, words: &[&str]| ContainerSpec {
        cgroup_parent: Some(parent.clone()),
        ..site.spec(name, words)
    };
    let first = site.run(&member("first-of-group", &["eat-memory", "64"])).await;
    let error = site.runtime.remove_group(&group.name).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    // Each of them alone would have enough.
    let events = site.runtime.events();
    let second = site.run(&member("second-of-group", &["eat-memory", "64"])).await;
    let end = site.first_to_end(events, &[&first, &second]).await;
    assert_eq!(end.code, 137);
    site.remove_all([first, second]).await;
    site.runtime.remove_group(&group.name).await.unwrap();
    site.runtime.remove_group(&group.name).await.unwrap();
    assert!(site.runtime.groups().await.unwrap().is_empty());
}
