use berth_model::CpuUnits;

use super::*;
use crate::MemoryBytes;

fn spec() -> GroupSpec {
    GroupSpec {
        cpu_shares: Some(512),
        cpu_limit: Some(CpuUnits(512)),
        memory_limit: Some(MemoryBytes::from_mib(64)),
        ..GroupSpec::new("t")
    }
}

fn told(settings: Vec<Setting>) -> Vec<String> {
    settings.into_iter().map(|s| format!("{} {}={}", s.controller, s.file, s.value)).collect()
}

#[test]
fn limits_in_the_words_of_either_version() {
    assert_eq!(
        told(version_1(&spec())),
        [
            "cpu cpu.shares=512",
            "cpu cpu.cfs_period_us=100000",
            "cpu cpu.cfs_quota_us=50000",
            "memory memory.limit_in_bytes=67108864",
        ]
    );
    assert_eq!(
        told(version_2(&spec())),
        ["cpu cpu.weight=20", "cpu cpu.max=50000 100000", "memory memory.max=67108864"]
    );
    assert!(
        version_1(&GroupSpec::new("t")).is_empty() && version_2(&GroupSpec::new("t")).is_empty()
    );
}

#[test]
fn what_the_kernel_would_refuse_is_brought_into_its_range() {
    let tiny =
        GroupSpec { cpu_shares: Some(0), cpu_limit: Some(CpuUnits(1)), ..GroupSpec::new("t") };
    assert_eq!(told(version_1(&tiny))[0], "cpu cpu.shares=2");
    assert_eq!(told(version_2(&tiny)), ["cpu cpu.weight=1", "cpu cpu.max=1000 100000"]);
    assert_eq!(
        [weight(2), weight(1024), weight(262_144), weight(u32::MAX)],
        [1, 39, 10_000, 10_000]
    );
}

/// Directories that stand in for the kernel's; of its rules they have only that a full one cannot go.
#[test]
fn version_1_is_made_in_two_hierarchies_and_removed_from_all() {
    let mount = tempfile::tempdir().unwrap();
    for controller in ["cpu", "memory", "pids"] {
        fs::create_dir_all(mount.path().join(controller).join("engine")).unwrap();
    }
    let files =
        Files::new(CgroupVersion::V1, mount.path().to_owned(), PathBuf::from("engine/ecs/owner"));
    assert!(files.is_allowed());
    assert_eq!(files.ensure(&GroupSpec::new("t")).unwrap(), "/engine/ecs/owner/t");
    files.ensure(&GroupSpec::new("u")).unwrap();
    let pids = mount.path().join("pids/engine/ecs/owner/t");
    fs::create_dir_all(pids.join("member")).unwrap();
    assert_eq!(files.list().unwrap(), ["t", "u"]);
    files.remove("t").unwrap();
    files.remove("t").unwrap();
    assert_eq!(files.list().unwrap(), ["u"]);
    files.remove("u").unwrap();
    for controller in ["cpu", "memory", "pids"] {
        let engine = mount.path().join(controller).join("engine");
        assert!(
            directories(&engine).unwrap().is_empty(),
            "nothing of ours is left in {controller}"
        );
        assert!(engine.exists(), "and nothing else is gone");
    }
}

#[test]
fn version_2_passes_its_controllers_down_to_the_group() {
    let mount = tempfile::tempdir().unwrap();
    for directory in ["", "ecs", "ecs/owner"] {
        let directory = mount.path().join(directory);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("cgroup.subtree_control"), "pids").unwrap();
    }
    fs::write(mount.path().join("cgroup.subtree_control"), "cpu memory pids\n").unwrap();
    let files = Files::new(CgroupVersion::V2, mount.path().to_owned(), PathBuf::from("ecs/owner"));
    assert!(files.is_allowed());
    assert_eq!(files.ensure(&spec()).unwrap(), "/ecs/owner/t");
    let read = |file: &str| fs::read_to_string(mount.path().join(file)).unwrap();
    assert_eq!(read("cgroup.subtree_control"), "cpu memory pids\n", "passed on already");
    assert_eq!(read("ecs/owner/cgroup.subtree_control"), "+cpu +memory");
    assert_eq!(read("ecs/owner/t/memory.max"), "67108864");
    assert_eq!(files.list().unwrap(), ["t"]);
}
