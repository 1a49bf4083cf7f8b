//! Parameters as the processes of the containers find them: what the kernel tells of a process, and the
//! files that it sees.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use berth_test_server::{Value, json};

use super::{container, definition, host_and_ecs, of_name};
use crate::ecs::text;
use crate::host::Host;

/// The first process of a container that runs.
struct Inside(PathBuf);

impl Inside {
    fn of(host: &Host, task: &Value, name: &str) -> Inside {
        let id = text(&of_name(task, name)["runtimeId"]);
        let pid = host.docker(&["inspect", "--format", "{{.State.Pid}}", &id]);
        Inside(PathBuf::from("/proc").join(pid))
    }

    fn tells(&self, what: &str) -> String {
        let file = self.0.join(what);
        let told = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        String::from_utf8_lossy(&told).into_owned()
    }

    /// A word of `/proc/PID/status`.
    fn status(&self, name: &str) -> String {
        let status = self.tells("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let words = line.unwrap_or_else(|| panic!("no {name}: {status}")).split_whitespace();
        words.take(1).collect()
    }

    /// A file as the process sees it.
    fn file(&self, path: &str) -> String {
        self.tells(&format!("root{path}"))
    }

    /// The options of a mount, those of the file system behind it included.
    fn mount(&self, at: &str) -> String {
        let mounts = self.tells("mountinfo");
        let line = mounts.lines().find(|line| line.split(' ').nth(4) == Some(at));
        line.unwrap_or_else(|| panic!("nothing is mounted at {at}: {mounts}")).to_owned()
    }

    fn points_to(&self, link: &str) -> String {
        let target = fs::read_link(self.0.join(link)).expect("the process is there");
        target.to_string_lossy().into_owned()
    }
}

fn idle(name: &str, mut with: Value) -> Value {
    with["command"] = json!(["sleep", "3600"]);
    container(name, with)
}

#[test]
fn processes_have_the_rights_and_limits_that_were_asked_for() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let capabilities = json!({ "capabilities": { "add": ["NET_ADMIN"], "drop": ["CHOWN"] } });
    let task = ecs.launch(definition(
        "rights",
        json!([
            idle("user", json!({ "user": "1000:1001", "workingDirectory": "/srv" })),
            idle("capable", json!({ "linuxParameters": capabilities })),
            idle("humble", json!({ "dockerSecurityOptions": ["no-new-privileges"] })),
            idle(
                "limited",
                json!({
                    "ulimits": [{ "name": "nofile", "softLimit": 100, "hardLimit": 200 }],
                    "systemControls": [{ "namespace": "net.core.somaxconn", "value": "512" }],
                })
            ),
            idle("terminal", json!({ "interactive": true, "pseudoTerminal": true })),
            idle("apart", json!({ "disableNetworking": true })),
            idle("plain", json!({})),
        ]),
    ));
    let inside = |name: &str| Inside::of(&host, &task, name);
    let user = inside("user");
    assert_eq!((user.status("Uid"), user.status("Gid")), ("1000".to_owned(), "1001".to_owned()));
    assert_eq!(user.points_to("cwd"), "/srv");

    let has = |name: &str, capability: u32| {
        let held = u64::from_str_radix(&inside(name).status("CapEff"), 16).expect("hex digits");
        held & (1 << capability) != 0
    };
    // CHOWN is capability 0, NET_ADMIN 12.
    assert_eq!((has("plain", 0), has("plain", 12)), (true, false));
    assert_eq!((has("capable", 0), has("capable", 12)), (false, true));
    assert_eq!(inside("humble").status("NoNewPrivs"), "1");
    assert_eq!(inside("plain").status("NoNewPrivs"), "0");

    let limits = inside("limited").tells("limits");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    assert_eq!(files.split_whitespace().collect::<Vec<_>>()[3..5], ["100", "200"]);
    let network = inside("limited").0.join("ns/net");
    let read = Command::new("nsenter")
        .arg(format!("--net={}", network.display()))
        .args(["cat", "/proc/sys/net/core/somaxconn"])
        .output()
        .expect("nsenter runs");
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "512");

    assert!(inside("terminal").points_to("fd/0").contains("pts"), "its input is a terminal");
    assert_eq!(inside("plain").points_to("fd/0"), "/dev/null");
    let interfaces = |name: &str| inside(name).tells("net/dev").matches("eth").count();
    assert_eq!((interfaces("apart"), interfaces("plain")), (0, 1));
}

#[test]
fn processes_see_the_files_that_were_asked_for() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let tmpfs = json!([{ "containerPath": "/scratch", "size": 16, "mountOptions": ["noexec"] }]);
    let device =
        json!({ "hostPath": "/dev/null", "containerPath": "/dev/void", "permissions": ["read"] });
    let task = ecs.launch(definition(
        "files",
        json!([
            idle(
                "files",
                json!({
                    "readonlyRootFilesystem": true,
                    "linuxParameters": { "tmpfs": tmpfs, "sharedMemorySize": 32, "devices": [device] },
                })
            ),
            idle(
                "names",
                json!({
                    "hostname": "till", "dnsServers": ["10.0.0.2"], "dnsSearchDomains": ["shop.internal"],
                    "extraHosts": [{ "hostname": "mail", "ipAddress": "10.0.0.3" }],
                })
            ),
            idle("linked", json!({ "links": ["names:cashier"] })),
        ]),
    ));
    let files = Inside::of(&host, &task, "files");
    assert_eq!(files.mount("/").split(' ').nth(5).map(|options| &options[..2]), Some("ro"));
    let scratch = files.mount("/scratch");
    assert!(scratch.contains("noexec") && scratch.contains("size=16384k"), "{scratch}");
    assert!(files.mount("/dev/shm").contains("size=32768k"), "{}", files.mount("/dev/shm"));
    let void = fs::metadata(files.0.join("root/dev/void")).expect("the device is there");
    let null = fs::metadata("/dev/null").expect("every host has one");
    assert_eq!(void.rdev(), null.rdev());

    let names = Inside::of(&host, &task, "names");
    assert_eq!(names.file("/etc/hostname").trim(), "till");
    let hosts = names.file("/etc/hosts");
    assert!(hosts.contains("10.0.0.3\tmail"), "{hosts}");
    let resolver = names.file("/etc/resolv.conf");
    assert!(
        resolver.contains("nameserver 10.0.0.2") && resolver.contains("search shop.internal"),
        "{resolver}"
    );
    let hosts = Inside::of(&host, &task, "linked").file("/etc/hosts");
    assert!(hosts.lines().any(|line| line.contains("\tcashier ")), "{hosts}");
}
