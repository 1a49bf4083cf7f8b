//! A request as JSON, without what its model calls sensitive.
//!
//! A long request is shortened evenly: every value keeps its beginning, and what is left out is said. So nobody hides what
//! was asked for behind something long.

use std::io;

use berth_aws_api::schema::{Kind, Shape};
use berth_aws_api::{Document, Structure, View};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

/// AWS: CloudTrail writes this in place of what is sensitive.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// An audit is no place to put things.
const LONGEST: usize = 64 * 1024;

/// What may be shown of a request; the first that makes it short enough is taken.
const ROOMS: [Room; 5] = [
    Room { characters: LONGEST, entries: LONGEST, depth: 64 },
    Room { characters: 8192, entries: 512, depth: 32 },
    Room { characters: 1024, entries: 64, depth: 16 },
    Room { characters: 128, entries: 8, depth: 8 },
    // The members of the request itself, of which there are a few dozen at most.
    Room { characters: 32, entries: 1, depth: 1 },
];

#[derive(Clone, Copy)]
struct Room {
    /// Of one text.
    characters: usize,
    /// Of one list or map.
    entries: usize,
    /// How many levels of structures, lists and maps are shown.
    depth: usize,
}

/// The members that are present; `None` if that is too long even at its shortest.
pub fn redacted(input: &dyn Structure) -> Option<Box<RawValue>> {
    ROOMS.into_iter().find_map(|room| {
        let mut text = Bounded(Vec::new());
        serde_json::to_writer(&mut text, &Members { structure: input, room }).ok()?;
        let text = String::from_utf8(text.0).expect("JSON is written as UTF-8");
        Some(RawValue::from_string(text).expect("what was just written is JSON"))
    })
}

/// Takes no more than may be told.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Members<'a> {
    structure: &'a dyn Structure,
    room: Room,
}

struct Value<'a> {
    shape: &'static Shape,
    view: View<'a>,
    room: Room,
}

/// A text with as much of its beginning as there is room for.
struct Text<'a>(&'a str, Room);

/// Stands for entries that are left out.
struct More(usize);

impl Room {
    /// What is left a level below.
    fn below(self) -> Room {
        Room { depth: self.depth.saturating_sub(1), ..self }
    }

    /// How many of these are shown, and what stands for the others.
    fn of(self, count: usize) -> (usize, Option<More>) {
        let shown = count.min(self.entries);
        (shown, (count > shown).then_some(More(count - shown)))
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Text(text, room) = *self;
        match text.char_indices().nth(room.characters) {
            None => serializer.serialize_str(text),
            Some((end, _)) => {
                let left = text.len() - end;
                serializer.collect_str(&format_args!("{}… ({left} more bytes)", &text[..end]))
            }
        }
    }
}

impl Serialize for More {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("… ({} more)", self.0))
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let room = self.room;
        for (index, member) in self.structure.shape().members().iter().enumerate() {
            if let Some(view) = self.structure.get(index) {
                map.serialize_entry(member.name, &Value { shape: member.shape, view, room })?;
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
        let below = self.room.below();
        match (self.view, &self.shape.kind) {
            (View::Boolean(value), _) => serializer.serialize_bool(value),
            (View::Integer(value), _) => serializer.serialize_i32(value),
            (View::Long(value), _) => serializer.serialize_i64(value),
            (View::Float(value), _) => serializer.serialize_f32(value),
            (View::Double(value), _) => serializer.serialize_f64(value),
            (View::String(value) | View::Enum(value), _) => {
                Text(value, self.room).serialize(serializer)
            }
            // Nobody knows what is in it.
            (View::Blob(_), _) => serializer.serialize_str(HIDDEN),
            (View::Timestamp(value), _) => serializer.collect_str(&value),
            (View::Document(value), _) => document(value, serializer),
            (View::List(_) | View::Map(_) | View::Structure(_), _) if self.room.depth == 0 => {
                serializer.serialize_str("…")
            }
            (View::Structure(structure), _) => {
                Members { structure, room: below }.serialize(serializer)
            }
            (View::List(list), Kind::List(shape)) => {
                let (shown, more) = self.room.of(list.len());
                let mut entries = serializer.serialize_seq(None)?;
                for at in 0..shown {
                    let (shape, view) = (shape.member, list.get(at));
                    entries.serialize_element(&Value { shape, view, room: below })?;
                }
                more.map_or(Ok(()), |more| entries.serialize_element(&more))?;
                entries.end()
            }
            (View::Map(map), Kind::Map(shape)) => {
                let (shown, more) = self.room.of(map.len());
                let mut entries = serializer.serialize_map(None)?;
                for (key, view) in map.entries().take(shown) {
                    let value = Value { shape: shape.value, view, room: below };
                    entries.serialize_entry(&Text(key, self.room), &value)?;
                }
                more.map_or(Ok(()), |more| entries.serialize_entry("…", &more))?;
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
