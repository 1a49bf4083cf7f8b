//! AWS's shapes as EventBridge shows them: JSON like the API's, but instants as text.

use berth_aws_api::{Structure, View};
use serde_json::{Map, Value};

/// What an event says of what changed, or of what was done.
pub struct Detail {
    /// Its ARN.
    pub resource: String,
    pub members: Map<String, Value>,
}

/// A structure's members, by the model's names.
pub fn members(structure: &dyn Structure) -> Map<String, Value> {
    let members = structure.shape().members().iter().enumerate();
    let given = members.filter_map(|(index, member)| Some((member, structure.get(index)?)));
    given.map(|(member, found)| (member.name.to_owned(), value(found))).collect()
}

fn value(view: View<'_>) -> Value {
    match view {
        View::Boolean(value) => value.into(),
        View::Integer(value) => value.into(),
        View::Long(value) => value.into(),
        View::Float(value) => value.into(),
        View::Double(value) => value.into(),
        View::String(text) | View::Enum(text) => text.into(),
        // ISO 8601, in UTC, to the millisecond.
        View::Timestamp(at) => at.to_string().into(),
        View::List(list) => (0..list.len()).map(|index| value(list.get(index))).collect(),
        View::Map(map) => {
            map.entries().map(|(name, found)| (name.to_owned(), value(found))).collect()
        }
        View::Structure(structure) => Value::Object(members(structure)),
        // Nothing of ECS that changes has any of these.
        View::Blob(_) | View::Document(_) => Value::Null,
    }
}
