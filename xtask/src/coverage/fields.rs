//! The fields of a request, as dotted paths: `containerDefinitions[].linuxParameters.tmpfs[].size`.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::codegen::model::{Model, Shape};

/// The fields of a shape, in the model's order. What is a list of scalars or a map is one field.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// What holds a value itself.
    pub leaves: Vec<String>,
    /// What only holds fields: a row on one of these is about all that are below it.
    pub branches: BTreeSet<String>,
}

impl Fields {
    /// Everything below a shape, each path with this in front.
    pub fn of(model: &Model, root: &str, prefix: &str) -> Result<Fields> {
        let mut fields = Fields::default();
        fields.walk(model, shape(model, root)?, prefix)?;
        Ok(fields)
    }

    fn walk(&mut self, model: &Model, structure: &Shape, prefix: &str) -> Result<()> {
        for (name, member) in &structure.members.0 {
            let mut path = format!("{prefix}{name}");
            let mut found = shape(model, &member.shape)?;
            if let Some(element) = &found.member {
                let element = shape(model, &element.shape)?;
                if element.kind == "structure" {
                    path.push_str("[]");
                    found = element;
                }
            }
            if found.kind == "structure" {
                self.walk(model, found, &format!("{path}."))?;
                self.branches.insert(path);
            } else {
                self.leaves.push(path);
            }
        }
        Ok(())
    }
}

fn shape<'a>(model: &'a Model, name: &str) -> Result<&'a Shape> {
    model.shapes.get(name).with_context(|| format!("the model has no shape {name}"))
}
