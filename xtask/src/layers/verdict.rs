//! Judges each arrow of the crate graph by the table of layers.

use std::collections::BTreeMap;
use std::fmt;

use super::graph::Graph;
use super::table::Table;

/// What was found: arrows between our crates that may be, and everything that is wrong, in words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub allowed: Vec<(String, String)>,
    pub forbidden: Vec<String>,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        self.forbidden.is_empty()
    }
}

/// One line per crate with the arrows that it may have, then one line per fault.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in &self.allowed {
            targets.entry(from).or_default().push(to);
        }
        for (from, to) in targets {
            writeln!(f, "allowed    {from} -> {}", to.join(", "))?;
        }
        for fault in &self.forbidden {
            writeln!(f, "FORBIDDEN  {fault}")?;
        }
        writeln!(f, "{} arrows allowed, {} forbidden", self.allowed.len(), self.forbidden.len())
    }
}

/// Judges every arrow, and whether the table and the graph speak of the same crates.
pub fn judge(table: &Table, graph: &Graph) -> Report {
    let mut report = Report { forbidden: misfits(table, graph), ..Report::default() };
    for (from, to) in graph.arrows() {
        match judge_arrow(table, graph, from, to) {
            Err(why) => report.forbidden.push(format!("{from} -> {to}: {why}")),
            Ok(()) if graph.contains(to) => report.allowed.push((from.to_owned(), to.to_owned())),
            Ok(()) => {} // Someone else's crate that no `never` names: not worth a line.
        }
    }
    report
}

fn judge_arrow(table: &Table, graph: &Graph, from: &str, to: &str) -> Result<(), String> {
    let Some((from_place, from_layer)) = table.layer_of(from) else {
        return Ok(()); // Told once, by `misfits`.
    };
    if table.exception(from, to).is_some() {
        return Ok(());
    }
    if from_layer.never.iter().any(|never| never == to) {
        return Err(format!("layer \"{}\" never has {to}", from_layer.name));
    }
    if !graph.contains(to) {
        return Ok(());
    }
    let Some((to_place, to_layer)) = table.layer_of(to) else {
        return Ok(());
    };
    if !to_layer.dependents {
        return Err(format!("layer \"{}\" has no dependents outside tests", to_layer.name));
    }
    let (from_layer, to_layer) = (&from_layer.name, &to_layer.name);
    match from_place.cmp(&to_place) {
        std::cmp::Ordering::Greater => Ok(()),
        std::cmp::Ordering::Equal => Err(format!("both are in layer \"{from_layer}\"")),
        std::cmp::Ordering::Less => {
            Err(format!("layer \"{to_layer}\" lies below layer \"{from_layer}\""))
        }
    }
}

/// Crates without a layer or with two, layers' crates that do not exist, exceptions that nobody needs.
fn misfits(table: &Table, graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for name in graph.crates().filter(|name| table.layer_of(name).is_none()) {
        faults.push(format!("{name} has no layer: give it one in layers.toml"));
    }
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for layer in &table.layers {
        for name in &layer.crates {
            places.entry(name).or_default().push(&layer.name);
        }
    }
    for (name, layers) in places {
        if !graph.contains(name) {
            faults.push(format!("{name} is in layer \"{}\" but not in the workspace", layers[0]));
        }
        if layers.len() > 1 {
            faults.push(format!("{name} is in several layers: {}", layers.join(", ")));
        }
    }
    for exception in &table.exceptions {
        let drawn = graph.arrows().any(|arrow| arrow == (&exception.from, &exception.to));
        if !drawn {
            faults.push(format!(
                "{} -> {} is excepted ({}) but is not drawn: remove the exception",
                exception.from, exception.to, exception.why
            ));
        }
    }
    faults
}
