//! A request as JSON, without what its model calls sensitive.

use berth_aws_api::schema::{Kind, Shape};
use berth_aws_api::{Document, Structure, View};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

/// AWS: CloudTrail writes this in place of what is sensitive.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// A longer one is left out: an audit is no place to put things.
const LONGEST: usize = 64 * 1024;

/// The members that are present; `None` if that is too long.
pub fn redacted(input: &dyn Structure) -> Option<Box<RawValue>> {
    let text = serde_json::to_string(&Members(input)).expect("text keys only");
    if text.len() > LONGEST {
        return None;
    }
    Some(RawValue::from_string(text).expect("what was just written is JSON"))
}

struct Members<'a>(&'a dyn Structure);

struct Value<'a> {
    shape: &'static Shape,
    view: View<'a>,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, member) in self.0.shape().members().iter().enumerate() {
            if let Some(view) = self.0.get(index) {
                map.serialize_entry(member.name, &Value { shape: member.shape, view })?;
            }
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.shape.sensitive {
            return serializer.serialize_str(HIDDEN);
        }
        match (self.view, &self.shape.kind) {
            (View::Boolean(value), _) => serializer.serialize_bool(value),
            (View::Integer(value), _) => serializer.serialize_i32(value),
            (View::Long(value), _) => serializer.serialize_i64(value),
            (View::Float(value), _) => serializer.serialize_f32(value),
            (View::Double(value), _) => serializer.serialize_f64(value),
            (View::String(value) | View::Enum(value), _) => serializer.serialize_str(value),
            // Nobody knows what is in it.
            (View::Blob(_), _) => serializer.serialize_str(HIDDEN),
            (View::Timestamp(value), _) => serializer.collect_str(&value),
            (View::Document(value), _) => document(value, serializer),
            (View::Structure(value), _) => Members(value).serialize(serializer),
            (View::List(list), Kind::List(shape)) => {
                let mut entries = serializer.serialize_seq(Some(list.len()))?;
                for at in 0..list.len() {
                    entries
                        .serialize_element(&Value { shape: shape.member, view: list.get(at) })?;
                }
                entries.end()
            }
            (View::Map(map), Kind::Map(shape)) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for (key, view) in map.entries() {
                    entries.serialize_entry(key, &Value { shape: shape.value, view })?;
                }
                entries.end()
            }
            // A shape and its values always agree.
            (View::List(_) | View::Map(_), _) => serializer.serialize_none(),
        }
    }
}

/// Its members have no shapes that could say what is sensitive.
fn document<S: Serializer>(_: &Document, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(HIDDEN)
}
