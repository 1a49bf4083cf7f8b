//! Fills a structure from elements. Mirror of [`encode`](super::encode).

use berth_aws_api::schema::{Kind, MapShape, Shape};
use berth_aws_api::value::MapTarget;
use berth_aws_api::{Path, Structure, Target};

use super::encode::{element_name, map_names};
use super::tree::Element;
use crate::{DecodeError, scalar};

pub(crate) fn members(
    element: &Element,
    into: &mut dyn Structure,
    path: &Path<'_>,
) -> Result<(), DecodeError> {
    for (index, member) in into.shape().members().iter().enumerate() {
        let here = path.member(member.name);
        let name = element_name(member);
        if member.xml_attribute {
            if let Some((_, text)) = element.attributes.iter().find(|(found, _)| found == name) {
                scalar::decode(text, into.open(index), &here)?;
            }
            continue;
        }
        let mut found = element.named(name).peekable();
        if found.peek().is_none() {
            continue;
        }
        match (into.open(index), &member.shape.kind) {
            (Target::List(list), Kind::List(kind)) if member.flattened => {
                for (at, child) in found.enumerate() {
                    value(child, kind.member, list.push(), &here.index(at))?;
                }
            }
            (Target::Map(map), Kind::Map(kind)) if member.flattened => {
                for child in found {
                    entry(child, kind, map, &here)?;
                }
            }
            (target, _) => {
                if let Some(child) = found.next() {
                    value(child, member.shape, target, &here)?;
                }
            }
        }
    }
    Ok(())
}

fn value(
    element: &Element,
    shape: &'static Shape,
    target: Target<'_>,
    path: &Path<'_>,
) -> Result<(), DecodeError> {
    match (target, &shape.kind) {
        (Target::Structure(into), _) => members(element, into, path),
        (Target::List(list), Kind::List(kind)) => {
            for (index, child) in element.children.iter().enumerate() {
                value(child, kind.member, list.push(), &path.index(index))?;
            }
            Ok(())
        }
        (Target::Map(map), Kind::Map(kind)) => {
            element.children.iter().try_for_each(|child| entry(child, kind, map, path))
        }
        (target, _) => scalar::decode(&element.text, target, path),
    }
}

fn entry(
    element: &Element,
    kind: &MapShape,
    map: &mut dyn MapTarget,
    path: &Path<'_>,
) -> Result<(), DecodeError> {
    let (key_name, value_name) = map_names(kind);
    let key = element.child(key_name).ok_or_else(|| {
        DecodeError::new(format!("a map's entry without its {key_name}")).inside(path)
    })?;
    let target = map.entry(key.text.clone());
    match element.child(value_name) {
        Some(child) => value(child, kind.value, target, &path.key(&key.text)),
        None => Ok(()),
    }
}
