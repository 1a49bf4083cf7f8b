//! Where Query and EC2 Query differ in naming parameters.

use std::borrow::Cow;

use berth_aws_api::schema::{Kind, ListShape, Member};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Lists are `Name.member.1`, unless flattened: `Name.1`.
    Query,
    /// Lists are always `Name.1`. A member goes by its `queryName`, or by its `locationName` with a capital first letter.
    Ec2,
}

impl Dialect {
    /// The parameter of a member.
    pub fn member(self, member: &Member) -> Cow<'static, str> {
        match self {
            Dialect::Query => match &member.shape.kind {
                Kind::List(kind) if member.flattened => {
                    kind.member_name.unwrap_or(member.wire_name()).into()
                }
                _ => member.wire_name().into(),
            },
            Dialect::Ec2 => match (member.query_name, member.location_name) {
                (Some(name), _) => name.into(),
                (None, Some(name)) => capitalised(name).into(),
                (None, None) => member.name.into(),
            },
        }
    }

    /// What stands between a list's parameter and an entry's number.
    pub fn list_infix(self, kind: &ListShape, flattened: bool) -> Option<&'static str> {
        match self {
            Dialect::Query if !flattened => Some(kind.member_name.unwrap_or("member")),
            Dialect::Query | Dialect::Ec2 => None,
        }
    }
}

/// What stands between a map's parameter and an entry's number, in both.
pub(super) fn map_infix(flattened: bool) -> Option<&'static str> {
    (!flattened).then_some("entry")
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
