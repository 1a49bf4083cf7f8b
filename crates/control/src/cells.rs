//! Which cell a cluster lives in: the seam for more than one.
//!
//! A cell is one leader and the clusters it owns ([`crate::cell`]); what it can carry is bounded by one machine's memory and one
//! writer. More than that are more cells, each with a store and servers of its own, and nothing in common but the accounts'
//! directory. A cluster lives in one cell for its life: its tasks, services and instances never need a transaction with those
//! of another. So a router in front of cells needs to know one thing of a request, which cluster it names, and one of the
//! world, where that cluster lives; the request then goes to that cell whole, as a follower's goes to its leader
//! (`pipeline::following`).
//!
//! What names no cluster (task definitions, IAM, secrets) belongs to the account, and lives in the account's home cell. A new
//! cluster may be put anywhere: that is the router's choice, made once and kept.
//!
//! Today there is one cell, [`OneCell`], and nothing to route. Start with [`Cells`].

use std::fmt;

use berth_model::{ClusterName, Scope};

/// A cell's name, such as `eu-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellName(String);

impl CellName {
    pub fn new(name: impl Into<String>) -> Self {
        CellName(name.into())
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Knows where everything lives. Asked for every request, so it answers from memory.
pub trait Cells: Send + Sync + 'static {
    /// Where this cluster lives, or would live if it were created now.
    fn of_cluster(&self, scope: &Scope, cluster: &ClusterName) -> CellName;

    /// Where that lives which belongs to no cluster.
    fn of_account(&self, scope: &Scope) -> CellName;
}

/// Everything lives here.
#[derive(Clone, Debug)]
pub struct OneCell(pub CellName);

impl Cells for OneCell {
    fn of_cluster(&self, _: &Scope, _: &ClusterName) -> CellName {
        self.0.clone()
    }

    fn of_account(&self, _: &Scope) -> CellName {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    /// Keeps where clusters were put; a new one goes where there are fewest.
    struct Fewest {
        cells: Vec<CellName>,
        placed: Mutex<BTreeMap<(Scope, ClusterName), CellName>>,
    }

    impl Cells for Fewest {
        fn of_cluster(&self, scope: &Scope, cluster: &ClusterName) -> CellName {
            let mut placed = self.placed.lock().unwrap();
            let key = (scope.clone(), cluster.clone());
            if let Some(cell) = placed.get(&key) {
                return cell.clone();
            }
            let count = |cell: &CellName| placed.values().filter(|other| *other == cell).count();
            let fewest = self.cells.iter().min_by_key(|cell| count(cell)).unwrap().clone();
            placed.insert(key, fewest.clone());
            fewest
        }

        fn of_account(&self, _: &Scope) -> CellName {
            self.cells[0].clone()
        }
    }

    fn scope(region: &str) -> Scope {
        Scope::new("123456789012".parse().unwrap(), region.parse().unwrap())
    }

    /// The clusters that each fake cell was asked about.
    fn routed(cells: &dyn Cells) -> BTreeMap<CellName, Vec<String>> {
        let mut seen = BTreeMap::<_, Vec<_>>::new();
        for turn in 0..3 {
            for region in ["eu-west-1", "us-east-1"] {
                for number in 0..6 {
                    let cluster: ClusterName = format!("c{number}").parse().unwrap();
                    let cell = cells.of_cluster(&scope(region), &cluster);
                    seen.entry(cell).or_default().push(format!("{turn} {region} {cluster}"));
                }
            }
        }
        seen
    }

    #[test]
    fn a_cluster_stays_in_the_cell_it_was_put_into() {
        let names = ["a", "b", "c"].map(CellName::new);
        let cells = Fewest { cells: names.to_vec(), placed: Mutex::default() };
        let seen = routed(&cells);
        assert_eq!(seen.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        for (cell, requests) in &seen {
            assert_eq!(requests.len(), 12, "{cell}: four clusters, three times each");
            let of_turn = |turn: &str| {
                let of = requests.iter().filter_map(|seen| seen.strip_prefix(turn));
                of.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(of_turn("0"), of_turn("1"));
            assert_eq!(of_turn("1"), of_turn("2"));
        }
        assert_eq!(cells.of_account(&scope("eu-west-1")), names[0]);
    }

    #[test]
    fn with_one_cell_there_is_nothing_to_choose() {
        let here = CellName::new("here");
        let seen = routed(&OneCell(here.clone()));
        assert_eq!(seen.into_keys().collect::<Vec<_>>(), std::slice::from_ref(&here));
        assert_eq!(OneCell(here.clone()).of_account(&scope("eu-west-1")), here);
    }
}
