//! An operation's address as a template: `/schedules/{Name}/{Rest+}?list-type=2`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Route {
    segments: Vec<Segment>,
    /// Parameters that the address must have; `None` for any value.
    query: Vec<(&'static str, Option<&'static str>)>,
}

#[derive(Debug, PartialEq)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
    /// All the rest, up to the segments behind it.
    Greedy(&'static str),
}

/// A segment of a path that a label stands for.
pub(crate) type Labels<'a> = Vec<(&'static str, Cow<'a, str>)>;

impl Route {
    pub fn parse(template: &'static str) -> Self {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let segments = path.split('/').filter(|part| !part.is_empty()).map(|part| {
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => Segment::Literal(part),
                Some(name) => match name.strip_suffix('+') {
                    None => Segment::Label(name),
                    Some(name) => Segment::Greedy(name),
                },
            }
        });
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            match pair.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (pair, None),
            }
        });
        Route { segments: segments.collect(), query: query.collect() }
    }

    /// The labels of a path that fits, decoded.
    pub fn labels<'a>(&self, path: &'a str) -> Option<Labels<'a>> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let parts: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let greedy = self.segments.iter().position(|segment| matches!(segment, Segment::Greedy(_)));
        // AWS: a slash at the end makes no other resource of it.
        let parts = match parts.split_last() {
            Some((&"", rest)) if greedy.is_none() => rest,
            _ => &parts[..],
        };
        let spare = parts.len().checked_sub(self.segments.len())?;
        if spare > 0 && greedy.is_none() {
            return None;
        }
        let mut labels = Vec::new();
        let mut at = 0;
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) if decoded(parts[at])? == *text => at += 1,
                Segment::Literal(_) => return None,
                Segment::Label(name) => {
                    labels.push((*name, decoded(parts[at]).filter(|text| !text.is_empty())?));
                    at += 1;
                }
                Segment::Greedy(name) => {
                    let rest = parts[at..=at + spare].join("/");
                    labels.push((*name, Cow::Owned(decoded(&rest)?.into_owned())));
                    at += spare + 1;
                }
            }
        }
        Some(labels)
    }

    /// Whether the query has the parameters that the template names.
    pub fn accepts_query(&self, pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> bool {
        self.query.iter().all(|(name, value)| {
            pairs
                .iter()
                .any(|(found, text)| found == name && value.is_none_or(|value| text == value))
        })
    }

    /// Whether the template itself has this parameter.
    pub fn names(&self, parameter: &str) -> bool {
        self.query.iter().any(|(name, _)| *name == parameter)
    }

    /// The more literal a template, the earlier it is tried: literal segments and parameters first, then
    /// length, and what takes the rest of a path last.
    pub fn rank(&self) -> (usize, usize, bool) {
        let literals =
            self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        let is_greedy = self.segments.iter().any(|segment| matches!(segment, Segment::Greedy(_)));
        (literals + self.query.len(), self.segments.len(), !is_greedy)
    }

    /// The address with its labels filled in, or the label that is absent or empty.
    pub fn fill(&self, label: impl Fn(&str) -> Option<String>) -> Result<String, &'static str> {
        use crate::sigv4::canonical::{RESERVED, RESERVED_IN_PATH};
        use percent_encoding::utf8_percent_encode;

        let mut address = String::new();
        for segment in &self.segments {
            address.push('/');
            match segment {
                Segment::Literal(text) => address.push_str(text),
                Segment::Label(name) | Segment::Greedy(name) => {
                    let text = label(name).filter(|text| !text.is_empty()).ok_or(*name)?;
                    let reserved =
                        if *segment == Segment::Label(name) { RESERVED } else { RESERVED_IN_PATH };
                    address.extend(utf8_percent_encode(&text, reserved));
                }
            }
        }
        if address.is_empty() {
            address.push('/');
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            address.push(if at == 0 { '?' } else { '&' });
            address.push_str(name);
            if let Some(value) = value {
                address.push('=');
                address.push_str(value);
            }
        }
        Ok(address)
    }
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
        let labels = Route::parse(template).labels(path)?;
        Some(labels.into_iter().map(|(name, value)| (name, value.into_owned())).collect())
    }

    #[test]
    fn labels_are_taken_out_and_decoded() {
        assert_eq!(labels("/a/{B}/c", "/a/x%2Fy/c"), Some(vec![("B", "x/y".to_owned())]));
        assert_eq!(labels("/a/{B}", "/a/x/"), Some(vec![("B", "x".to_owned())]));
        assert_eq!(labels("/", "/"), Some(vec![]));
        for path in ["/a", "/a/", "/a/x/y", "/b/x", "/a/%FF"] {
            assert_eq!(labels("/a/{B}", path), None, "{path}");
        }
    }

    #[test]
    fn a_greedy_label_takes_what_the_others_leave() {
        assert_eq!(labels("/t/{Arn+}", "/t/a/b%20c/"), Some(vec![("Arn", "a/b c/".to_owned())]));
        assert_eq!(labels("/{Key+}/tags", "/a/b/tags"), Some(vec![("Key", "a/b".to_owned())]));
        assert_eq!(labels("/{Key+}/tags", "/tags"), None);
    }

    #[test]
    fn filling_is_the_reverse() {
        let route = Route::parse("/a/{B}/{C+}?x=1&y");
        let filled = route.fill(|name| Some(if name == "B" { "p/q" } else { "r/s t" }.to_owned()));
        assert_eq!(filled.as_deref(), Ok("/a/p%2Fq/r/s%20t?x=1&y"));
        assert_eq!(route.fill(|name| (name == "B").then(|| "b".to_owned())), Err("C"));
    }

    #[test]
    fn the_more_literal_template_ranks_higher() {
        let rank = |template| Route::parse(template).rank();
        assert!(rank("/a/b") > rank("/a/{B}"));
        assert!(rank("/a/{B}") > rank("/{A}/{B}"));
        assert!(rank("/a/{B}?tags") > rank("/a/{B}"));
        assert!(rank("/a/{B}") > rank("/a/{B+}"));
    }
}
