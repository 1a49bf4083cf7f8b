//! What an etcd cluster's numbers mean, in words.

use berth_store::{CellReport, EtcdReport, MemberReport, MemberStatus};

use super::Finding::{self, Advice, Fine, Wrong};

/// etcd's own, if nothing else was set. Before 3.6 it does not tell.
const USUAL_QUOTA: u64 = 2 << 30;
/// A log that nobody folds grows without end.
const LONG_LOG: u64 = 10_000;

pub(super) fn judge(report: &EtcdReport) -> Vec<Finding> {
    let mut findings: Vec<Finding> = report.members.iter().flat_map(member).collect();
    findings.extend(clusters(report));
    findings.extend(report.alarms.iter().map(|(member, alarm)| {
        Wrong(match *alarm {
            "NOSPACE" => format!(
                "member {member} raises NOSPACE: writes are refused; compact, defragment (`etcdctl defrag`) or raise --quota-backend-bytes, then `etcdctl alarm disarm`"
            ),
            other => format!("member {member} raises {other}: its data differs from the others'; replace it"),
        })
    }));
    if let Some(revisions) = report.uncompacted_beyond {
        findings.push(Advice(format!(
            "etcd remembers more than {revisions} revisions: nobody compacts it; leave --etcd-compact at its default or set --auto-compaction-retention"
        )));
    }
    match &report.cell {
        Ok(Some(cell)) => findings.extend(this_cell(cell)),
        Ok(None) => findings
            .push(Advice("no cell is under this prefix yet: no server has run with it".into())),
        Err(error) => findings.push(Wrong(format!("the cell cannot be read: {error}"))),
    }
    findings
}

fn member(member: &MemberReport) -> Vec<Finding> {
    let at = &member.address;
    let status = match &member.status {
        Ok(status) => status,
        Err(error) => return vec![Wrong(format!("{at} does not answer: {error}"))],
    };
    let role = match (status.leads, status.is_learner) {
        (true, _) => "leads",
        (false, true) => "learns",
        (false, false) => "follows",
    };
    let mut findings = vec![Fine(format!("{at}: etcd {}, {role}", status.version))];
    if !status.knows_leader {
        findings.push(Wrong(format!(
            "{at} knows no leader: fewer than half of the members reach each other"
        )));
    }
    findings.extend(status.errors.iter().map(|error| Wrong(format!("{at} says: {error}"))));
    findings.extend(space(at, status));
    findings
}

fn space(at: &str, status: &MemberStatus) -> Vec<Finding> {
    let (allocated, used) = (status.allocated_bytes, status.used_bytes);
    let quota = status.quota_bytes.unwrap_or(USUAL_QUOTA);
    let known = if status.quota_bytes.is_some() { "" } else { ", etcd's usual one" };
    let text = format!(
        "{at}: {} in a file of {}, of a quota of {}{known}",
        mib(used),
        mib(allocated),
        mib(quota)
    );
    let mut findings = vec![match allocated {
        _ if allocated > quota / 10 * 9 => Wrong(format!("{text}: it will refuse writes soon")),
        _ if allocated > quota / 10 * 7 => Advice(format!("{text}: raise it before it is reached")),
        _ => Fine(text),
    }];
    if allocated > 256 << 20 && allocated / 2 > used {
        findings.push(Advice(format!(
            "{at}: more than half of its file is free; `etcdctl --endpoints {at} defrag` makes it small, one member at a time"
        )));
    }
    findings
}

fn clusters(report: &EtcdReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut clusters: Vec<u64> = report
        .members
        .iter()
        .filter_map(|member| Some(member.status.as_ref().ok()?.cluster))
        .collect();
    clusters.sort_unstable();
    clusters.dedup();
    if clusters.len() > 1 {
        findings.push(Wrong(
            "the addresses are of different clusters: every server must name one and the same"
                .into(),
        ));
    }
    match report.cluster_members {
        Some(1) => findings.push(Advice(
            "the cluster has one member: it survives no loss; three survive one".into(),
        )),
        Some(even) if even % 2 == 0 => findings.push(Advice(format!(
            "the cluster has {even} members: one fewer would survive as many losses"
        ))),
        Some(members) if members > report.members.len() => findings.push(Advice(format!(
            "the cluster has {members} members and only {} are named: name all, so that each can stand in",
            report.members.len()
        ))),
        _ => {}
    }
    findings
}

fn this_cell(cell: &CellReport) -> Vec<Finding> {
    let mut findings = vec![Fine(format!(
        "the cell: format {}, revision {}, {} records, {} batches in the log",
        cell.format, cell.head, cell.records, cell.logged
    ))];
    findings.push(match &cell.leader {
        Some(leader) => Fine(format!("{leader} leads")),
        None => Wrong("no server leads: none runs, or none reaches etcd".into()),
    });
    let waiting = cell.head.0.saturating_sub(cell.folded.0);
    if waiting > LONG_LOG {
        findings.push(Wrong(format!(
            "{waiting} batches wait to be folded into the records: the leader's log says why"
        )));
    }
    findings
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

#[cfg(test)]
mod tests {
    use berth_store::Revision;

    use super::*;

    fn sound() -> EtcdReport {
        let status = |leads| MemberStatus {
            version: "3.4.23".into(),
            cluster: 7,
            leads,
            knows_leader: true,
            is_learner: false,
            allocated_bytes: 100 << 20,
            used_bytes: 90 << 20,
            quota_bytes: None,
            errors: Vec::new(),
        };
        let member =
            |n: usize| MemberReport { address: format!("m{n}:2379"), status: Ok(status(n == 0)) };
        EtcdReport {
            members: (0..3).map(member).collect(),
            cluster_members: Some(3),
            alarms: Vec::new(),
            uncompacted_beyond: None,
            cell: Ok(Some(CellReport {
                format: "1".into(),
                head: Revision(100),
                folded: Revision(90),
                records: 12,
                logged: 100,
                leader: Some("http://a:4566".into()),
            })),
        }
    }

    fn status(report: &mut EtcdReport) -> &mut MemberStatus {
        report.members[1].status.as_mut().expect("it answers")
    }

    fn other_than_fine(change: impl FnOnce(&mut EtcdReport)) -> Vec<Finding> {
        let mut report = sound();
        change(&mut report);
        judge(&report).into_iter().filter(|finding| !matches!(finding, Fine(_))).collect()
    }

    #[test]
    fn a_sound_cluster_is_fine() {
        assert_eq!(other_than_fine(|_| {}), []);
        assert!(judge(&sound()).contains(&Fine("http://a:4566 leads".into())));
    }

    #[test]
    fn what_is_wrong_is_said() {
        type Change = fn(&mut EtcdReport);
        let cases: [(Change, &str); 9] = [
            (|it| it.members[2].status = Err("refused".into()), "m2:2379 does not answer"),
            (|it| status(it).knows_leader = false, "knows no leader"),
            (|it| status(it).allocated_bytes = 1900 << 20, "refuse writes soon"),
            (|it| status(it).errors.push("NOSPACE".into()), "says: NOSPACE"),
            (|it| status(it).cluster = 8, "different clusters"),
            (|it| it.alarms.push(("m1".into(), "NOSPACE")), "alarm disarm"),
            (|it| it.alarms.push(("m1".into(), "CORRUPT")), "replace it"),
            (|it| it.cell.as_mut().unwrap().as_mut().unwrap().leader = None, "no server leads"),
            (|it| it.cell = Err("denied".into()), "denied"),
        ];
        for (change, text) in cases {
            let found = other_than_fine(change);
            let said = |finding: &Finding| matches!(finding, Wrong(said) if said.contains(text));
            assert!(found.iter().any(said), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_may_go_wrong_is_advised_on() {
        type Change = fn(&mut EtcdReport);
        let cases: [(Change, &str); 6] = [
            (|it| status(it).used_bytes = 10 << 20, "mere advice"),
            (|it| it.cluster_members = Some(1), "survives no loss"),
            (|it| it.cluster_members = Some(4), "one fewer"),
            (|it| it.cluster_members = Some(5), "name all"),
            (|it| it.uncompacted_beyond = Some(200_000), "nobody compacts"),
            (|it| it.cell = Ok(None), "no cell"),
        ];
        for (change, text) in cases {
            let found = other_than_fine(change);
            assert!(!found.iter().any(|finding| matches!(finding, Wrong(_))), "{found:?}");
            let said = |finding: &Finding| matches!(finding, Advice(said) if said.contains(text));
            // A small file may be as empty as it likes.
            assert_eq!(found.iter().any(said), text != "mere advice", "{text}: {found:?}");
        }
        let found = other_than_fine(|it| {
            (status(it).allocated_bytes, status(it).used_bytes) = (1000 << 20, 100 << 20);
        });
        assert!(matches!(&found[..], [Advice(text)] if text.contains("defrag")), "{found:?}");
    }
}
