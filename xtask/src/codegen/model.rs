//! A service model in botocore's format, typed.
//!
//! Reading refuses every key that is not named here, so that a new trait is noticed and not lost.
//! What is read into [`Dropped`] is known and not wanted: prose above all.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Number;

mod json;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Model {
    #[serde(rename = "version", default, skip_serializing)]
    _version: Dropped,
    #[serde(rename = "documentation", default, skip_serializing)]
    _documentation: Dropped,
    pub metadata: Metadata,
    pub operations: Ordered<Operation>,
    pub shapes: Ordered<Shape>,
    /// For clients.
    #[serde(skip_serializing, default, rename = "clientContextParams")]
    _client_context_params: Dropped,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Metadata {
    pub api_version: String,
    pub endpoint_prefix: String,
    pub service_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<String>,
    pub protocols: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_query_compatible: Option<Flag>,
    #[serde(skip_serializing)]
    auth: Dropped,
    #[serde(skip_serializing)]
    global_endpoint: Dropped,
    #[serde(skip_serializing)]
    protocol: Dropped,
    #[serde(skip_serializing)]
    service_abbreviation: Dropped,
    #[serde(skip_serializing)]
    service_full_name: Dropped,
    #[serde(skip_serializing)]
    signature_version: Dropped,
    #[serde(skip_serializing)]
    uid: Dropped,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Operation {
    #[serde(skip_serializing)]
    name: Dropped,
    pub http: Http,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<ShapeRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<ShapeRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ShapeRef>,
    #[serde(skip_serializing_if = "is_false")]
    pub idempotent: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub readonly: bool,
    /// `none` for operations that take unsigned requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authtype: Option<String>,
    #[serde(skip_serializing)]
    auth: Dropped,
    #[serde(skip_serializing)]
    documentation: Dropped,
    #[serde(skip_serializing)]
    deprecated: Dropped,
    #[serde(skip_serializing)]
    deprecated_message: Dropped,
    #[serde(skip_serializing)]
    deprecated_since: Dropped,
    /// A prefix for AWS's host names.
    #[serde(skip_serializing)]
    endpoint: Dropped,
    #[serde(skip_serializing)]
    requestcompression: Dropped,
    /// What AWS's clients need to know to find its host.
    #[serde(skip_serializing, rename = "staticContextParams")]
    static_context_params: Dropped,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Http {
    pub method: String,
    pub request_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
}

impl Default for Http {
    fn default() -> Self {
        Self { method: "POST".to_owned(), request_uri: "/".to_owned(), response_code: None }
    }
}

/// A use of a shape: by a member, a list, a map, an operation.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ShapeRef {
    pub shape: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_wrapper: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<XmlNamespace>,
    #[serde(skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub idempotency_token: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub streaming: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub xml_attribute: bool,
    /// Every field is optional here, so a box says nothing.
    #[serde(rename = "box", skip_serializing)]
    boxed: Dropped,
    #[serde(skip_serializing)]
    documentation: Dropped,
    #[serde(skip_serializing)]
    deprecated: Dropped,
    #[serde(skip_serializing)]
    deprecated_message: Dropped,
    #[serde(skip_serializing)]
    deprecated_since: Dropped,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    #[serde(skip_serializing_if = "Ordered::is_empty")]
    pub members: Ordered<ShapeRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<ShapeRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<ShapeRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ShapeRef>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<XmlNamespace>,
    /// The member that is the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorTrait>,
    #[serde(skip_serializing_if = "is_false")]
    pub exception: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub fault: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub union: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub document: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub streaming: bool,
    #[serde(rename = "box", skip_serializing)]
    boxed: Dropped,
    #[serde(skip_serializing)]
    documentation: Dropped,
    #[serde(skip_serializing)]
    deprecated: Dropped,
    #[serde(skip_serializing)]
    deprecated_message: Dropped,
    #[serde(skip_serializing)]
    deprecated_since: Dropped,
    /// Added by botocore for CloudWatch's former protocol; an error like any other.
    #[serde(skip_serializing)]
    synthetic: Dropped,
    #[serde(skip_serializing)]
    xml_order: Dropped,
    /// For clients, of an error.
    #[serde(skip_serializing)]
    retryable: Dropped,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ErrorTrait {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status_code: Option<u16>,
    #[serde(skip_serializing_if = "is_false")]
    pub sender_fault: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct XmlNamespace {
    pub uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl ShapeRef {
    pub fn to(shape: &str) -> Self {
        Self { shape: shape.to_owned(), ..Self::default() }
    }
}

impl Shape {
    pub fn string() -> Self {
        Self { kind: "string".to_owned(), ..Self::default() }
    }

    pub fn exception(members: Ordered<ShapeRef>) -> Self {
        Self { kind: "structure".to_owned(), members, exception: true, ..Self::default() }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// An empty object that says something by being there.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {}

/// A value that is read over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dropped;

impl<'de> Deserialize<'de> for Dropped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Dropped)
    }
}

/// An object whose order matters: members are numbered by it.
#[derive(Clone, Debug)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Ordered<T> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(InOrder(std::marker::PhantomData))
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Model {
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        Self::parse(&bytes).with_context(|| path.display().to_string())
    }

    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// One line for each operation, and for each shape and member: short, and good to compare.
    pub fn render(&self) -> Result<String> {
        json::render(self)
    }
}
