use super::*;

/// A directory of small files, as the kernel would show them.
fn files(contents: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in contents {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

#[test]
fn a_hybrid_host_counts_as_version_1() {
    let listing = "12:cpu,cpuacct:/docker/abc\n5:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n";
    let Some(Groups::V1(directories)) = parse_groups(listing, Path::new("/m")) else {
        panic!("not version 1")
    };
    assert_eq!(directories["cpuacct"], Path::new("/m/cpuacct/docker/abc"));
    assert_eq!(directories["memory"], Path::new("/m/memory/docker/abc"));
}

#[test]
fn a_unified_host_has_one_directory() {
    let listing = "0::/system.slice/docker-abc.scope\n";
    let expected = Groups::V2(PathBuf::from("/m/system.slice/docker-abc.scope"));
    assert_eq!(parse_groups(listing, Path::new("/m")), Some(expected));
    assert_eq!(parse_groups("", Path::new("/m")), None);
}

#[test]
fn version_1_is_read_from_its_controllers() {
    let directory = files(&[
        ("cpuacct.usage", "2500000\n"),
        ("cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 40\n"),
        ("memory.usage_in_bytes", "4096\n"),
        ("memory.limit_in_bytes", "9223372036854771712\n"),
        ("memory.stat", "inactive_file 7\ntotal_inactive_file 96\n"),
        (
            "blkio.throttle.io_service_bytes",
            "8:0 Read 10\n8:0 Write 20\n8:16 Read 1\n8:0 Total 30\nTotal 30\n",
        ),
        ("pids.current", "3\n"),
    ]);
    let controllers = ["cpu", "cpuacct", "memory", "blkio", "pids"];
    let directories = controllers.map(|name| (name.to_owned(), directory.path().to_owned()));
    let stats = read_v1(&BTreeMap::from(directories), None, Timestamp::EPOCH).unwrap();
    assert_eq!(
        stats.cpu,
        CpuStats {
            used: Duration::from_micros(2500),
            throttled: Duration::from_nanos(40),
            ..CpuStats::default()
        }
    );
    assert_eq!(stats.memory.used(), MemoryBytes::from_bytes(4000));
    assert_eq!(stats.memory.limit, None);
    assert_eq!(stats.block, BlockStats { read_bytes: 11, written_bytes: 20 });
    assert_eq!(stats.pids, 3);
}

#[test]
fn version_2_is_read_from_one_directory() {
    let directory = files(&[
        ("cpu.stat", "usage_usec 2500\nuser_usec 2000\nthrottled_usec 4\n"),
        ("memory.current", "4096\n"),
        ("memory.max", "67108864\n"),
        ("memory.stat", "anon 1\ninactive_file 96\n"),
        ("io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=1 wbytes=0\n"),
        ("pids.current", "3\n"),
    ]);
    let stats = read_v2(directory.path(), None, Timestamp::EPOCH).unwrap();
    assert_eq!(
        stats.cpu,
        CpuStats {
            used: Duration::from_micros(2500),
            throttled: Duration::from_micros(4),
            ..CpuStats::default()
        }
    );
    assert_eq!(stats.memory.used(), MemoryBytes::from_bytes(4000));
    assert_eq!(stats.memory.limit, Some(MemoryBytes::from_mib(64)));
    assert_eq!(stats.block, BlockStats { read_bytes: 11, written_bytes: 20 });
    fs::write(directory.path().join("memory.max"), "max\n").unwrap();
    assert_eq!(read_v2(directory.path(), None, Timestamp::EPOCH).unwrap().memory.limit, None);
}

#[test]
fn the_hosts_processor_time_is_all_but_what_guests_got() {
    let text = "cpu  1 2 3 4 5 6 7 8 100 100\ncpu0 9 9 9 9 9 9 9 9 9 9\n";
    assert_eq!(parse_host_cpu(text), Duration::from_millis(360));
}

#[test]
fn a_container_that_is_gone_cannot_be_read() {
    let meter = Meter { groups: Groups::V2(PathBuf::from("/nonexistent")), network: None };
    assert_eq!(meter.read(Timestamp::EPOCH).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn interfaces_are_summed_without_loopback() {
    let text = "Inter-|   Receive    |  Transmit\n face |bytes packets …|bytes packets …\n\
                \x20   lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n\
                \x20 eth0: 100 2 3 4 0 0 0 0 200 6 7 8 0 0 0 0\n eth1:1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n";
    let sum = parse_network(text);
    assert_eq!(
        (sum.received_bytes, sum.received_packets, sum.received_errors, sum.received_dropped),
        (101, 2, 3, 4)
    );
    assert_eq!(
        (sum.sent_bytes, sum.sent_packets, sum.sent_errors, sum.sent_dropped),
        (201, 6, 7, 8)
    );
}
