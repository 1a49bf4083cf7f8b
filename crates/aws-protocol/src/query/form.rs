//! A form's parameters as a tree: `Tags.member.1.Key=a` is a path of four names to a text.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;

use crate::DecodeError;
use crate::sigv4::canonical::pairs;

/// How many dots a parameter's name may have.
const DEEPEST: usize = 64;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Node {
    pub value: Option<String>,
    children: BTreeMap<String, Node>,
}

/// The value of one parameter, wherever the request has it.
pub(crate) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let in_query = request.uri().query().unwrap_or_default();
    let in_body = form_body(request)?;
    let mut found = pairs(in_body).chain(pairs(in_query)).filter(|(found, _)| found == name);
    found.next().map(|(_, value)| value.into_owned())
}

/// A body that is text. Whatever its type is said to be: AWS's oldest clients say nothing.
fn form_body(request: &Request<Bytes>) -> Option<&str> {
    std::str::from_utf8(request.body()).ok()
}

impl Node {
    pub fn parse(request: &Request<Bytes>) -> Result<Self, DecodeError> {
        let body =
            form_body(request).ok_or_else(|| DecodeError::new("the form is not valid UTF-8"))?;
        let mut root = Node::default();
        for (name, value) in pairs(request.uri().query().unwrap_or_default()).chain(pairs(body)) {
            let mut node = &mut root;
            for (depth, part) in name.split('.').enumerate() {
                if depth > DEEPEST {
                    return Err(DecodeError::new(format!(
                        "a parameter's name has more than {DEEPEST} dots"
                    )));
                }
                if !node.children.contains_key(part) {
                    node.children.insert(part.to_owned(), Node::default());
                }
                node = node.children.get_mut(part).expect("inserted above if it was not there");
            }
            node.value = Some(value.into_owned());
        }
        Ok(root)
    }

    /// The node at a name, which may itself have dots.
    pub fn at(&self, name: &str) -> Option<&Node> {
        name.split('.').try_fold(self, |node, part| node.children.get(part))
    }

    /// Children that are numbers, in their order. Gaps are no matter; what is no number is refused.
    pub fn numbered(&self) -> Result<Vec<&Node>, DecodeError> {
        let mut numbered = Vec::with_capacity(self.children.len());
        for (name, node) in &self.children {
            let number: u32 = name.parse().map_err(|_| {
                DecodeError::new(format!("a list's entries are numbered, got {name:?}"))
            })?;
            numbered.push((number, node));
        }
        numbered.sort_by_key(|(number, _)| *number);
        Ok(numbered.into_iter().map(|(_, node)| node).collect())
    }
}
