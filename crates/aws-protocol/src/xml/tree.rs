//! A document as a tree of elements, for clients. Prefixes of names are dropped.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::DecodeError;

const DEEPEST: usize = 128;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The root element of a document.
    pub fn parse(document: &[u8]) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(document).map_err(|error| {
            DecodeError::at("the document is not valid UTF-8", error.valid_up_to())
        })?;
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = Vec::new();
        loop {
            let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event().map_err(|error| {
                DecodeError::at(format!("the document is not valid XML: {error}"), offset)
            })?;
            let closed = match event {
                Event::Start(start) if open.len() < DEEPEST => {
                    open.push(begun(&start));
                    None
                }
                Event::Start(_) => {
                    return Err(DecodeError::at(
                        format!("more than {DEEPEST} elements inside each other"),
                        offset,
                    ));
                }
                Event::Empty(start) => Some(begun(&start)),
                Event::End(_) => open.pop(),
                Event::Text(text) => {
                    add_text(&mut open, &text);
                    None
                }
                Event::CData(text) => {
                    add_text(&mut open, &text);
                    None
                }
                Event::GeneralRef(reference) => {
                    let text = resolved(&reference).ok_or_else(|| {
                        DecodeError::at("the document has an unknown entity", offset)
                    })?;
                    add_text(&mut open, &text);
                    None
                }
                Event::Eof => {
                    return Err(DecodeError::at(
                        "the document ends before its root element does",
                        offset,
                    ));
                }
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => None,
            };
            if let Some(element) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
        }
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of this name, here or anywhere inside.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            Some(self)
        } else {
            self.children.iter().find_map(|child| child.find(name))
        }
    }
}

fn begun(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().flatten().filter_map(|attribute| {
        let name = attribute.key.as_ref().to_owned();
        Some((name, quick_xml::escape::unescape(&attribute.value).ok()?.into_owned()))
    });
    Element {
        name: start.local_name().as_ref().to_owned(),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return Some(letter.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}
