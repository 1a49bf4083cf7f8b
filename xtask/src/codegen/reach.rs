//! Cuts a model down to what the chosen operations reach.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::model::{Model, Shape, ShapeRef};

pub fn only(mut model: Model, operations: Option<&[String]>) -> Result<Model> {
    if let Some(wanted) = operations {
        for name in wanted {
            ensure!(model.operations.get(name).is_some(), "the model has no operation {name}");
        }
        model.operations.0.retain(|(name, _)| wanted.contains(name));
    }
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for (_, operation) in &model.operations.0 {
        let uses = operation.input.iter().chain(&operation.output).chain(&operation.errors);
        waiting.extend(uses.map(|shape| shape.shape.clone()));
    }
    while let Some(name) = waiting.pop() {
        let shape = model.shapes.get(&name);
        ensure!(shape.is_some(), "the model has no shape {name}");
        if reached.insert(name) {
            waiting.extend(shape.into_iter().flat_map(uses).map(|used| used.shape.clone()));
        }
    }
    model.shapes.0.retain(|(name, _)| reached.contains(name));
    Ok(model)
}

fn uses(shape: &Shape) -> impl Iterator<Item = &ShapeRef> {
    let members = shape.members.0.iter().map(|(_, member)| member);
    members.chain(&shape.member).chain(&shape.key).chain(&shape.value)
}
