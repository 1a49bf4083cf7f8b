//! Random values of any shape, for the tests: bytes in, a filled structure out.
//!
//! Every value survives its wire: texts hold only what the narrowest place takes, and what a wire cannot
//! tell from absence (`without_empty`) is not made.

use berth_aws_api::schema::{Kind, Location, Member, Shape, TimestampFormat};
use berth_aws_api::{Document, Structure, Target};
use berth_model::Timestamp;

const DEEPEST: usize = 3;

pub(crate) struct Generator<'a> {
    entropy: &'a [u8],
    /// Empty lists, maps and structures are absent on this wire.
    without_empty: bool,
}

impl<'a> Generator<'a> {
    pub fn new(entropy: &'a [u8]) -> Self {
        Generator { entropy, without_empty: false }
    }

    pub fn without_empty(entropy: &'a [u8]) -> Self {
        Generator { entropy, without_empty: true }
    }

    pub fn fill(mut self, into: &mut dyn Structure) {
        self.structure(into, 0);
    }

    fn structure(&mut self, into: &mut dyn Structure, depth: usize) {
        let shape = into.shape();
        if matches!(shape.kind, Kind::Union(_)) {
            let index = self.below(shape.members().len());
            let member = &shape.members()[index];
            return self.value(member.shape, Some(member), into.open(index), depth + 1);
        }
        for (index, member) in shape.members().iter().enumerate() {
            let is_deep = depth > DEEPEST && !is_scalar(member.shape);
            let is_wanted =
                self.below(3) == 0 || member.required || (self.without_empty && index == 0);
            if is_wanted && !is_deep {
                self.value(member.shape, Some(member), into.open(index), depth + 1);
            }
        }
    }

    fn value(
        &mut self,
        shape: &'static Shape,
        member: Option<&Member>,
        target: Target<'_>,
        depth: usize,
    ) {
        let location = member.map_or(Location::Body, |member| member.location);
        match (target, &shape.kind) {
            (Target::Boolean(into), _) => *into = self.below(2) == 1,
            (Target::Integer(into), _) if location == Location::StatusCode => *into = 202,
            (Target::Integer(into), _) => *into = self.long() as i32,
            (Target::Long(into), _) => *into = self.long(),
            (Target::Float(into), _) => *into = (self.long() % 1_000_003) as f32 / 7.0,
            (Target::Double(into), _) => *into = self.long() as f64 / 7.0,
            (Target::String(into), _) => *into = self.text(location),
            (Target::Enum(into), Kind::Enum(known)) => into.set(known[self.below(known.len())]),
            (Target::Enum(into), _) => into.set("X"),
            (Target::Blob(into), _) => {
                *into = (0..1 + self.below(5)).map(|_| self.byte()).collect()
            }
            (Target::Timestamp(into), _) => {
                let format = member.and_then(Member::timestamp_format).or(shape.timestamp_format);
                let millis = self.long().rem_euclid(4_000_000_000_000);
                let in_seconds =
                    format == Some(TimestampFormat::Rfc822) || location == Location::Header;
                *into =
                    Timestamp::from_millis(if in_seconds { millis / 1000 * 1000 } else { millis });
            }
            (Target::Document(into), _) => *into = self.document(depth),
            (Target::Structure(into), _) => self.structure(into, depth),
            (Target::List(list), Kind::List(kind)) => {
                for _ in 0..self.length(location) {
                    self.value(
                        kind.member,
                        member.filter(|_| location != Location::Body),
                        list.push(),
                        depth + 1,
                    );
                }
            }
            (Target::Map(map), Kind::Map(kind)) => {
                for number in 0..self.length(location) {
                    let key = match location {
                        Location::Body => format!("{number}{}", self.text(location)),
                        _ => format!("key{number}"),
                    };
                    self.value(
                        kind.value,
                        member.filter(|_| location != Location::Body),
                        map.entry(key),
                        depth + 1,
                    );
                }
            }
            (Target::List(_) | Target::Map(_), _) => {
                unreachable!("a generated type has the kind of its shape")
            }
        }
    }

    fn document(&mut self, depth: usize) -> Document {
        match self.below(if depth > DEEPEST { 4 } else { 6 }) {
            0 => Document::Boolean(self.below(2) == 1),
            1 => Document::Integer(self.long()),
            2 => Document::Double(f64::from(self.byte()) / 8.0),
            3 => Document::String(self.text(Location::Body)),
            4 => Document::List((0..self.below(3)).map(|_| self.document(depth + 1)).collect()),
            _ => Document::Map(
                (0..self.below(3))
                    .map(|_| (self.text(Location::Body), self.document(depth + 1)))
                    .collect(),
            ),
        }
    }

    fn text(&mut self, location: Location) -> String {
        let letters: Vec<char> = match location {
            Location::Header | Location::Headers => "aZ9,;\"\\=/".chars().collect(),
            _ => "aZ9 <>&\"'\\%+=,;/#?é😀\n\r\t-".chars().collect(),
        };
        let length = self.below(6) + usize::from(location != Location::Body);
        (0..length).map(|_| letters[self.below(letters.len())]).collect()
    }

    fn length(&mut self, location: Location) -> usize {
        let least = usize::from(self.without_empty || location != Location::Body);
        least + self.below(3)
    }

    fn long(&mut self) -> i64 {
        let mut bytes = [0; 8];
        let length = 1 + self.below(8);
        bytes[..length].fill_with(|| self.byte());
        i64::from_le_bytes(bytes)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// Zero when nothing is left: everything then ends quickly.
    fn byte(&mut self) -> u8 {
        match self.entropy.split_first() {
            Some((first, rest)) => {
                self.entropy = rest;
                *first
            }
            None => 0,
        }
    }
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(shape.kind, Kind::List(_) | Kind::Map(_) | Kind::Structure(_) | Kind::Union(_))
}
