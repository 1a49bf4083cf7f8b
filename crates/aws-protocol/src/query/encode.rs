//! Writes a structure as a form, for clients. Mirror of [`decode`](super::decode).

use berth_aws_api::schema::{Kind, Shape, TimestampFormat};
use berth_aws_api::{Structure, View};
use percent_encoding::utf8_percent_encode;

use super::Dialect;
use super::dialect::map_infix;
use crate::sigv4::canonical::RESERVED;
use crate::xml::encode::{map_names, scalar};

pub(crate) struct Form {
    dialect: Dialect,
    out: String,
}

impl Form {
    pub fn new(dialect: Dialect) -> Self {
        Form { dialect, out: String::with_capacity(256) }
    }

    pub fn add(&mut self, name: &str, value: &str) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        self.out.extend(utf8_percent_encode(name, RESERVED));
        self.out.push('=');
        self.out.extend(utf8_percent_encode(value, RESERVED));
    }

    pub fn members(&mut self, prefix: &str, value: &dyn Structure) {
        for (index, member) in value.shape().members().iter().enumerate() {
            if let Some(found) = value.get(index) {
                let name = format!("{prefix}{}", self.dialect.member(member));
                self.value(&name, member.shape, member.flattened, member.timestamp_format(), found);
            }
        }
    }

    pub fn finish(self) -> String {
        self.out
    }

    fn value(
        &mut self,
        name: &str,
        shape: &'static Shape,
        flattened: bool,
        format: Option<TimestampFormat>,
        value: View<'_>,
    ) {
        match (value, &shape.kind) {
            (View::Structure(inner), _) => self.members(&format!("{name}."), inner),
            (View::List(list), Kind::List(kind)) => {
                if list.is_empty() && self.dialect == Dialect::Query {
                    self.add(name, "");
                }
                let prefix = prefixed(name, self.dialect.list_infix(kind, flattened));
                for index in 0..list.len() {
                    let name = format!("{prefix}.{}", index + 1);
                    self.value(
                        &name,
                        kind.member,
                        false,
                        kind.member.timestamp_format,
                        list.get(index),
                    );
                }
            }
            (View::Map(map), Kind::Map(kind)) => {
                let (key_name, value_name) = map_names(kind);
                let prefix = prefixed(name, map_infix(flattened));
                for (index, (key, value)) in map.entries().enumerate() {
                    let prefix = format!("{prefix}.{}", index + 1);
                    self.add(&format!("{prefix}.{key_name}"), key);
                    let name = format!("{prefix}.{value_name}");
                    self.value(&name, kind.value, false, kind.value.timestamp_format, value);
                }
            }
            (value, _) => self.add(name, &scalar(value, format)),
        }
    }
}

fn prefixed(name: &str, infix: Option<&str>) -> String {
    match infix {
        Some(infix) => format!("{name}.{infix}"),
        None => name.to_owned(),
    }
}
