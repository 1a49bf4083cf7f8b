//! Where in a request something is, for messages. Lives on the stack, costs nothing until it is shown.

use std::fmt;

/// A place inside a value: a chain of segments, each borrowing the one around it.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Root,
    Member(&'a str),
    Index(usize),
    Key(&'a str),
}

impl Path<'static> {
    pub const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root };
}

impl<'a> Path<'a> {
    #[must_use]
    pub const fn member(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Member(name) }
    }

    #[must_use]
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }

    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Key(key) }
    }

    pub const fn is_root(&self) -> bool {
        matches!(self.segment, Segment::Root)
    }

    /// The way AWS's validation errors spell it: `containerDefinitions.2.member.memory`.
    ///
    /// AWS: entries count from 1, and a member's first letter is small even where the model's is not.
    pub fn in_aws_words(&self) -> impl fmt::Display + '_ {
        AwsWords(self)
    }
}

/// `containerDefinitions[1].memory`, counting from 0.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if matches!(self.segment, Segment::Member(_)) && !parent.is_root() {
                f.write_str(".")?;
            }
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Member(name) => f.write_str(name),
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

struct AwsWords<'a>(&'a Path<'a>);

impl fmt::Display for AwsWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.0.parent {
            AwsWords(parent).fmt(f)?;
            if !parent.is_root() {
                f.write_str(".")?;
            }
        }
        match self.0.segment {
            Segment::Root => Ok(()),
            Segment::Member(name) => {
                let mut letters = name.chars();
                if let Some(first) = letters.next() {
                    write!(f, "{}", first.to_ascii_lowercase())?;
                }
                f.write_str(letters.as_str())
            }
            Segment::Index(index) => write!(f, "{}.member", index + 1),
            Segment::Key(key) => write!(f, "{key}.member"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn both_spellings() {
        let list = Path::ROOT.member("ContainerDefinitions");
        let entry = list.index(1);
        let labels = entry.member("dockerLabels");
        let label = labels.key("a b");
        assert_eq!(label.to_string(), r#"ContainerDefinitions[1].dockerLabels["a b"]"#);
        assert_eq!(
            label.in_aws_words().to_string(),
            "containerDefinitions.2.member.dockerLabels.a b.member"
        );
        assert_eq!(Path::ROOT.to_string(), "");
    }
}
