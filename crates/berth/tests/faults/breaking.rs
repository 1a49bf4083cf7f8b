//! What goes wrong with servers, with etcd, and between them.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use berth_test_engine::Machine;
use berth_test_server::{Api, CallError, json, until};
use rustix::process::Signal;

use crate::cell::{Cell, SERVERS, persistently};
use crate::load::Watch;

/// Longer than a server waits for a leader.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Fault {
    pub name: &'static str,
    /// Breaks it, sees what must become of it, and mends it. It stays broken for the pause, beyond what must be seen.
    pub strike: fn(&mut Cell, &Watch, Duration),
}

pub const FAULTS: [Fault; 11] = [
    Fault { name: "leader killed", strike: kill_leader },
    Fault { name: "follower killed", strike: kill_follower },
    Fault { name: "leader paused", strike: pause_leader },
    Fault { name: "leader cut off from etcd", strike: cut_leader_from_etcd },
    Fault { name: "leader unheard by etcd", strike: etcd_ignores_leader },
    Fault { name: "leader deaf to etcd", strike: leader_ignores_etcd },
    Fault { name: "leader cut off from the others", strike: cut_leader_from_servers },
    Fault { name: "etcd member killed", strike: kill_member },
    Fault { name: "disks of etcd full", strike: fill_members },
    Fault { name: "quorum lost", strike: lose_quorum },
    Fault { name: "leader terminated", strike: terminate_leader },
];

fn others(server: usize) -> [usize; 2] {
    [(server + 1) % 3, (server + 2) % 3]
}

/// Says how long it took until somebody who writes again and again was acknowledged through each of these; all other
/// clients must follow, and go on for the pause.
fn goes_on(cell: &Cell, watch: &Watch, what: &str, servers: &[usize], pause: Duration) {
    let since = Instant::now();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let apis = cell.apis();
    thread::scope(|scope| {
        for server in servers {
            let name = format!("goes-on-{}", COUNT.fetch_add(1, Ordering::Relaxed));
            let (api, input) = (&apis[*server], json!({ "clusterName": name }));
            scope.spawn(move || persistently(api, "CreateCluster", &input));
        }
    });
    eprintln!("  written {:.2?} after {what} (lease {:?})", since.elapsed(), cell.lease());
    watch.written_through(servers, since + pause);
}

fn kill_leader(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    cell.take(leader).kill();
    goes_on(cell, watch, "kill -9 of the leader", &others(leader), pause);
    cell.launch(leader);
}

fn kill_follower(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let [follower, other] = others(leader);
    cell.take(follower).kill();
    goes_on(cell, watch, "kill -9 of a follower", &[leader, other], pause);
    cell.launch(follower);
}

/// It answers nothing from the past when it goes on.
fn pause_leader(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let apis = cell.apis();
    cell.server(leader).signal(Signal::STOP);
    goes_on(cell, watch, "SIGSTOP of the leader", &others(leader), pause);
    let name = format!("while-paused-{}", cell.server(leader).id());
    let input = json!({ "clusterName": name, "tags": [{ "key": "leader", "value": name }] });
    persistently(&apis[others(leader)[0]], "CreateCluster", &input);
    thread::scope(|scope| {
        // It is asked before it goes on: what it had in memory then would be the past.
        scope.spawn(|| answers_nothing_from_the_past(&apis[leader], &name));
        cell.server(leader).signal(Signal::CONT);
    });
    until("the one that was paused follows", || {
        let told = cell.told(leader);
        if told["standing"] == "following" { Ok(()) } else { Err(told.to_string()) }
    });
}

fn answers_nothing_from_the_past(api: &Api, name: &str) {
    match api.try_call("DescribeClusters", &json!({ "clusters": [name] })) {
        Ok(seen) => assert_eq!(seen["clusters"][0]["status"], "ACTIVE", "{seen}"),
        Err(CallError::Refused(refusal)) => assert!(refusal.status >= 500, "{refusal:?}"),
        Err(CallError::Unanswered(_)) => {}
    }
}

/// Nothing that one of these sends reaches any of the others.
fn silence(from: &Machine, to: &[&Machine], does: fn(&Machine, Ipv4Addr) -> anyhow::Result<()>) {
    for machine in to {
        does(machine, from.address()).expect("the rule is set");
    }
}

fn members(cell: &Cell) -> Vec<&Machine> {
    cell.members().iter().map(|machine| &**machine).collect()
}

fn cut_leader_from_etcd(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let cut = |cell: &Cell, change| {
        let server = cell.machine(leader);
        silence(server, &members(cell), change);
        members(cell).iter().for_each(|member| silence(member, &[server], change));
    };
    cut(cell, Machine::ignore);
    goes_on(cell, watch, "the cut between leader and etcd", &others(leader), pause);
    cut(cell, Machine::heed);
}

fn etcd_ignores_leader(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    silence(cell.machine(leader), &members(cell), Machine::ignore);
    goes_on(cell, watch, "etcd heard nothing of the leader", &others(leader), pause);
    silence(cell.machine(leader), &members(cell), Machine::heed);
}

/// The other way round: what it asks is done, and it never hears so.
fn leader_ignores_etcd(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let change = |does| {
        members(cell).iter().for_each(|member| silence(member, &[cell.machine(leader)], does));
    };
    change(Machine::ignore);
    goes_on(cell, watch, "the leader heard nothing of etcd", &others(leader), pause);
    change(Machine::heed);
}

/// It still leads; what comes to the others waits, or is refused, until they reach it again.
fn cut_leader_from_servers(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let others = others(leader);
    let cut = |change: fn(&Machine, Ipv4Addr) -> anyhow::Result<()>| {
        for other in others {
            silence(cell.machine(leader), &[cell.machine(other)], change);
            silence(cell.machine(other), &[cell.machine(leader)], change);
        }
    };
    cut(Machine::ignore);
    goes_on(cell, watch, "the cut, through the leader", &[leader], pause);
    cut(Machine::heed);
    goes_on(cell, watch, "it was mended", &SERVERS, Duration::ZERO);
}

fn kill_member(cell: &mut Cell, watch: &Watch, pause: Duration) {
    for member in SERVERS {
        cell.etcd.kill(member);
        goes_on(cell, watch, "a member of etcd was killed", &SERVERS, pause / 3);
        cell.etcd.start(member);
        cell.etcd.wait_healthy();
    }
}

/// One member without room is as good as a dead one. With a second, nobody may be told that something is kept which
/// is not; an etcd that has ended is started again once there is room.
fn fill_members(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let full = [0, 1];
    let [first, second] = full.map(|member| cell.members()[member].clone());
    first.fill_disk().expect("the disk is full");
    goes_on(cell, watch, "the disk of a member was full", &SERVERS, pause / 2);
    second.fill_disk().expect("the disk is full");
    // Their logs have room that was taken beforehand: writes may well be acknowledged for a while.
    let (begun, api) = (Instant::now(), &cell.apis()[0]);
    while begun.elapsed() < pause / 2 {
        // Whatever comes of it: what was acknowledged is looked for in the end.
        drop(api.try_call("ListClusters", &json!({})));
    }
    for (member, machine) in full.into_iter().zip([first, second]) {
        machine.free_disk().expect("there is room");
        cell.etcd.kill(member);
        cell.etcd.start(member);
    }
    goes_on(cell, watch, "there was room again", &SERVERS, Duration::ZERO);
}

/// Nothing is acknowledged, nothing is lost, and it goes on by itself.
fn lose_quorum(cell: &mut Cell, watch: &Watch, pause: Duration) {
    cell.leader();
    cell.etcd.kill(0);
    cell.etcd.kill(1);
    let lost = Instant::now();
    let apis = cell.apis();
    thread::scope(|scope| {
        for api in &apis {
            scope.spawn(|| refuses_for(api, pause));
        }
    });
    assert!(watch.newest() < Some(lost), "a write was acknowledged without a quorum");
    cell.etcd.start(0);
    cell.etcd.start(1);
    goes_on(cell, watch, "quorum came back", &SERVERS, Duration::ZERO);
}

/// A server waits a while for a leader before it says that there is none.
fn refuses_for(api: &Api, pause: Duration) {
    let (begun, api) = (Instant::now(), Api { patience: PATIENCE, ..api.clone() });
    loop {
        let refused = api.refused("CreateCluster", json!({ "clusterName": "no-quorum" }));
        assert!(refused.status >= 500, "{refused:?}");
        if begun.elapsed() >= pause {
            return;
        }
    }
}

fn terminate_leader(cell: &mut Cell, watch: &Watch, pause: Duration) {
    let leader = cell.leader();
    let server = cell.take(leader);
    let ending = thread::spawn(move || server.terminate());
    goes_on(cell, watch, "SIGTERM of the leader", &others(leader), pause);
    assert!(ending.join().expect("it ends").success());
    cell.launch(leader);
}
