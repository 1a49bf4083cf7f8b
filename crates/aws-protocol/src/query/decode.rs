//! Fills a structure from a form.
//!
//! AWS: an empty list or map is a parameter without a value (`Tags=`); one without any parameter is absent.

use berth_aws_api::schema::{Kind, Shape};
use berth_aws_api::{Path, Structure, Target};

use super::Dialect;
use super::dialect::map_infix;
use super::form::Node;
use crate::xml::encode::map_names;
use crate::{DecodeError, scalar};

pub(crate) fn members(
    dialect: Dialect,
    form: &Node,
    into: &mut dyn Structure,
    path: &Path<'_>,
) -> Result<(), DecodeError> {
    for (index, member) in into.shape().members().iter().enumerate() {
        if let Some(node) = form.at(&dialect.member(member)) {
            let here = path.member(member.name);
            value(dialect, node, member.shape, member.flattened, into.open(index), &here)?;
        }
    }
    Ok(())
}

fn value(
    dialect: Dialect,
    node: &Node,
    shape: &'static Shape,
    flattened: bool,
    target: Target<'_>,
    path: &Path<'_>,
) -> Result<(), DecodeError> {
    let entries = |infix: Option<&str>| {
        let parent = infix.map_or(Some(node), |infix| node.at(infix));
        parent.map_or(Ok(Vec::new()), Node::numbered).map_err(|error| error.inside(path))
    };
    match (target, &shape.kind) {
        (Target::Structure(into), _) => members(dialect, node, into, path),
        (Target::List(list), Kind::List(kind)) => {
            for (index, entry) in
                entries(dialect.list_infix(kind, flattened))?.into_iter().enumerate()
            {
                value(dialect, entry, kind.member, false, list.push(), &path.index(index))?;
            }
            Ok(())
        }
        (Target::Map(map), Kind::Map(kind)) => {
            let (key_name, value_name) = map_names(kind);
            for entry in entries(map_infix(flattened))? {
                let key =
                    entry.at(key_name).and_then(|node| node.value.clone()).ok_or_else(|| {
                        DecodeError::new(format!("a map's entry without its {key_name}"))
                            .inside(path)
                    })?;
                let here = path.key(&key);
                let target = map.entry(key.clone());
                if let Some(node) = entry.at(value_name) {
                    value(dialect, node, kind.value, false, target, &here)?;
                }
            }
            Ok(())
        }
        (target, _) => match &node.value {
            Some(text) => scalar::decode(text, target, path),
            None => {
                Err(DecodeError::new("a single value was expected, found several").inside(path))
            }
        },
    }
}
