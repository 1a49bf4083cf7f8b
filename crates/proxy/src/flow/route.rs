//! Which target a flow goes to.
//!
//! AWS: by its addresses and ports, so that each of a client's connections may go elsewhere; by the client's address alone if the group
//! keeps clients where they are.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;

use berth_proxy_protocol::{Forward, Stickiness, WeightedGroup};
use tokio::time::Instant;

use crate::group::{Group, Groups, Picked, TargetIdentity, Wanted};

/// Where a flow came from, and where it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ends {
    pub(super) client: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) is_datagram: bool,
}

pub(super) struct Route {
    groups: Vec<(u64, Arc<Group>)>,
    all_weights: u64,
}

impl Route {
    pub(super) fn new(forward: &Forward, groups: &Groups) -> Result<Self, String> {
        let group = |weighted: &WeightedGroup| {
            let group = groups.get(&weighted.group);
            let group = group.ok_or_else(|| format!("there is no {}", weighted.group))?;
            Ok::<_, String>((u64::from(weighted.weight), group))
        };
        let groups = forward.groups.iter().map(group).collect::<Result<Vec<_>, _>>()?;
        let all_weights = groups.iter().map(|(weight, _)| weight).sum();
        Ok(Self { groups, all_weights })
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.iter().map(|(_, group)| group)
    }

    /// None if there is nobody who could get it.
    pub(super) fn pick(
        &self,
        ends: &Ends,
        except: &[TargetIdentity],
    ) -> Option<(&Arc<Group>, Picked)> {
        let group = self.group(ends)?;
        let wanted = Wanted {
            sticky: None,
            flow_hash: Some(hash(ends, keeps_clients(group))),
            except,
            chance: 0,
            now: Instant::now(),
        };
        Some((group, group.pick(&wanted)?))
    }

    fn group(&self, ends: &Ends) -> Option<&Arc<Group>> {
        if let [(1.., group)] = self.groups.as_slice() {
            return Some(group);
        }
        let keeps_clients = self.groups().any(|group| keeps_clients(group));
        // Another number than the one that is a matter of targets.
        let lot = hash(ends, keeps_clients).rotate_left(32).checked_rem(self.all_weights)?;
        let mut before = 0;
        let mut ranges = self.groups.iter().map(|(weight, group)| {
            before += weight;
            (before, group)
        });
        ranges.find(|(end, _)| lot < *end).map(|(_, group)| group)
    }
}

fn keeps_clients(group: &Group) -> bool {
    group.config().attributes.stickiness == Some(Stickiness::SourceIp)
}

/// The same for every proxy of the same build.
fn hash(ends: &Ends, by_client: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    if by_client {
        ends.client.ip().to_canonical().hash(&mut hasher);
    } else {
        ends.hash(&mut hasher);
    }
    hasher.finish()
}
