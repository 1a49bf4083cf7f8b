//! What a service model says about its shapes, as static tables.
//!
//! A codec reads these tables and a value's [`View`](crate::View)s side by side: the table says how a
//! thing is spelled on a wire, the view says what it is. The tables hold every trait that one of the
//! wires needs and no decision about any wire: which name wins, or which timestamp format is the
//! default, is `aws-protocol`'s business. Start with [`Shape`]; [`prelude`] holds those without traits.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

pub mod prelude;

/// One shape of a service model.
pub struct Shape {
    /// The model's name, such as `RunTaskRequest`. Shapes without traits of their own share one of [`prelude`].
    pub name: &'static str,
    pub kind: Kind,
    /// Smallest value of a number; smallest length of a string (characters), blob (bytes), list or map (entries).
    pub min: Option<i64>,
    /// The largest, in the same units as `min`.
    pub max: Option<i64>,
    pub pattern: Option<&'static Pattern>,
    pub timestamp_format: Option<TimestampFormat>,
    /// Never shown in logs, `Debug` or error messages.
    pub sensitive: bool,
    /// Name of the root element when this structure is a whole XML document.
    pub xml_name: Option<&'static str>,
    pub xml_namespace: Option<XmlNamespace>,
}

/// What a shape is made of.
pub enum Kind {
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    String,
    /// The values that the model knows; a value outside of them is held, and refused by validation.
    Enum(&'static [&'static str]),
    Blob,
    Timestamp,
    /// Any JSON-like value.
    Document,
    List(ListShape),
    Map(MapShape),
    Structure(&'static [Member]),
    /// A structure of which exactly one member is set.
    Union(&'static [Member]),
}

pub struct ListShape {
    pub member: &'static Shape,
    /// XML and Query name of an entry, where it is not the protocol's default.
    pub member_name: Option<&'static str>,
}

/// Keys are strings (or enums, which are strings with a known set).
pub struct MapShape {
    pub key: &'static Shape,
    pub value: &'static Shape,
    pub key_name: Option<&'static str>,
    pub value_name: Option<&'static str>,
}

/// One member of a structure or union. Its index in the shape's table is also the index that
/// [`Structure::get`](crate::Structure::get) and [`Structure::open`](crate::Structure::open) take.
pub struct Member {
    /// The model's name: the key on JSON RPC and CBOR wires unless `location_name` says otherwise.
    pub name: &'static str,
    pub shape: &'static Shape,
    pub location: Location,
    /// The model's `locationName`: a header, label, query parameter, JSON key or XML element.
    pub location_name: Option<&'static str>,
    /// EC2 Query's own name for requests.
    pub query_name: Option<&'static str>,
    pub timestamp_format: Option<TimestampFormat>,
    pub xml_namespace: Option<XmlNamespace>,
    pub required: bool,
    /// A list or map whose entries appear without a wrapper.
    pub flattened: bool,
    pub xml_attribute: bool,
    pub idempotency_token: bool,
    pub streaming: bool,
}

/// Where an HTTP-bound protocol puts a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Body,
    Header,
    /// Every header that begins with `location_name`, as a map.
    Headers,
    Uri,
    /// One query parameter, or for a map every parameter that nothing else claims.
    QueryString,
    StatusCode,
    /// The member is the whole body.
    Payload,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2026-11-21T09:14:10.123Z`
    Iso8601,
    /// `Sat, 21 Nov 2026 09:14:10 GMT`
    Rfc822,
    /// Seconds since the epoch, with fractions.
    UnixTimestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlNamespace {
    pub uri: &'static str,
    pub prefix: Option<&'static str>,
}

impl Shape {
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            min: None,
            max: None,
            pattern: None,
            timestamp_format: None,
            sensitive: false,
            xml_name: None,
            xml_namespace: None,
        }
    }

    pub const fn structure(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure(members))
    }

    pub const fn union(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Union(members))
    }

    pub const fn list(name: &'static str, member: &'static Shape) -> Self {
        Self::new(name, Kind::List(ListShape { member, member_name: None }))
    }

    pub const fn named_list(
        name: &'static str,
        member: &'static Shape,
        member_name: &'static str,
    ) -> Self {
        Self::new(name, Kind::List(ListShape { member, member_name: Some(member_name) }))
    }

    pub const fn map(name: &'static str, key: &'static Shape, value: &'static Shape) -> Self {
        Self::new(name, Kind::Map(MapShape { key, value, key_name: None, value_name: None }))
    }

    pub const fn named_map(
        name: &'static str,
        (key, key_name): (&'static Shape, Option<&'static str>),
        (value, value_name): (&'static Shape, Option<&'static str>),
    ) -> Self {
        Self::new(name, Kind::Map(MapShape { key, value, key_name, value_name }))
    }

    pub const fn enumeration(name: &'static str, values: &'static [&'static str]) -> Self {
        Self::new(name, Kind::Enum(values))
    }

    pub const fn at_least(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    pub const fn at_most(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    pub const fn matching(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub const fn formatted(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub const fn xml_named(mut self, name: &'static str) -> Self {
        self.xml_name = Some(name);
        self
    }

    pub const fn in_namespace(mut self, uri: &'static str, prefix: Option<&'static str>) -> Self {
        self.xml_namespace = Some(XmlNamespace { uri, prefix });
        self
    }

    /// The members of a structure or union; empty for every other kind.
    pub const fn members(&self) -> &'static [Member] {
        match &self.kind {
            Kind::Structure(members) | Kind::Union(members) => members,
            _ => &[],
        }
    }

    /// The index of the member that `is_it` accepts, looking first at `hint` and wrapping around.
    ///
    /// Senders write members in the model's order more often than not, so a decoder that passes
    /// the index after the last hit usually finds the next one at once.
    pub fn position(&self, hint: usize, is_it: impl Fn(&Member) -> bool) -> Option<usize> {
        let members = self.members();
        let hint = hint.min(members.len());
        (hint..members.len()).chain(0..hint).find(|&index| is_it(&members[index]))
    }
}

impl Member {
    pub const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            shape,
            location: Location::Body,
            location_name: None,
            query_name: None,
            timestamp_format: None,
            xml_namespace: None,
            required: false,
            flattened: false,
            xml_attribute: false,
            idempotency_token: false,
            streaming: false,
        }
    }

    /// The key in JSON and the element in XML: `locationName`, else the member's name.
    pub const fn wire_name(&self) -> &'static str {
        match self.location_name {
            Some(name) => name,
            None => self.name,
        }
    }

    /// The format that the member or its shape asks for; `None` leaves it to the protocol.
    pub const fn timestamp_format(&self) -> Option<TimestampFormat> {
        match self.timestamp_format {
            Some(format) => Some(format),
            None => self.shape.timestamp_format,
        }
    }

    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub const fn named(mut self, location_name: &'static str) -> Self {
        self.location_name = Some(location_name);
        self
    }

    pub const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    pub const fn query_named(mut self, name: &'static str) -> Self {
        self.query_name = Some(name);
        self
    }

    pub const fn formatted(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    pub const fn in_namespace(mut self, uri: &'static str, prefix: Option<&'static str>) -> Self {
        self.xml_namespace = Some(XmlNamespace { uri, prefix });
        self
    }

    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    pub const fn xml_attribute(mut self) -> Self {
        self.xml_attribute = true;
        self
    }

    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    pub const fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }
}

/// A model's regular expression, compiled when it is first used.
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// As the model spells it.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether all of `text` matches.
    ///
    /// AWS: most models leave out the anchors and the services match the whole value all the same.
    pub fn matches(&self, text: &str) -> bool {
        let regex = self.compiled.get_or_init(|| {
            Regex::new(&format!(r"\A(?:{})\z", self.source))
                .expect("codegen compiles every pattern before it emits it")
        });
        regex.is_match(text)
    }
}

/// Only the name: shapes may contain themselves.
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shape({})", self.name)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({}: {})", self.name, self.shape.name)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}
