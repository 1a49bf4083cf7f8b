//! Structures: the trait that generated types implement, and the macro that implements it.
//!
//! A structure gives access to its members by their index in its shape's table; codecs, the validator
//! and `Debug` are written once on top of that. The generated text stays a plain `struct` beside one
//! [`structure!`](crate::structure) line, which keeps 446 of them quick to compile.

use std::fmt;

use crate::schema::prelude::UNIT;
use crate::schema::{Kind, Shape};
use crate::validate::{self, Violations};
use crate::value::{Target, View};

/// A generated structure, union or error body.
pub trait Structure: fmt::Debug + Send + Sync + 'static {
    fn shape(&self) -> &'static Shape;

    /// The member at this index of `shape().members()`, if it is present.
    fn get(&self, index: usize) -> Option<View<'_>>;

    /// Opens a member for writing: what it holds is kept, an absent one becomes empty first.
    ///
    /// # Panics
    /// When the shape has no such member.
    fn open(&mut self, index: usize) -> Target<'_>;

    /// Makes a member absent.
    fn clear(&mut self, index: usize);

    /// Checks every constraint that the model states, here and in all that it contains.
    fn validate(&self) -> Result<(), Violations>
    where
        Self: Sized,
    {
        validate::check(self)
    }
}

/// Implements [`Structure`], [`Value`] and `Debug` for a struct whose fields are all `Option`s.
///
/// `structure!(Tag: TAG [0 key, 1 value]);` ties the struct `Tag` to the static shape `TAG`; the
/// numbers are the members' places in the shape's table.
#[macro_export]
#[doc(hidden)]
macro_rules! structure {
    ($type:ident: $shape:ident [$($index:literal $field:ident),* $(,)?]) => {
        impl $crate::Structure for $type {
            fn shape(&self) -> &'static $crate::schema::Shape {
                &$shape
            }
            #[allow(unused_variables)]
            fn get(&self, index: usize) -> ::std::option::Option<$crate::View<'_>> {
                match index {
                    $($index => self.$field.as_ref().map($crate::Value::view),)*
                    _ => None,
                }
            }
            fn open(&mut self, index: usize) -> $crate::Target<'_> {
                match index {
                    $($index => $crate::Value::target(self.$field.get_or_insert_with(Default::default)),)*
                    _ => $crate::structure::no_member(&$shape, index),
                }
            }
            fn clear(&mut self, index: usize) {
                match index {
                    $($index => self.$field = None,)*
                    _ => $crate::structure::no_member(&$shape, index),
                }
            }
        }
        impl $crate::Value for $type {
            fn view(&self) -> $crate::View<'_> {
                $crate::View::Structure(self)
            }
            fn target(&mut self) -> $crate::Target<'_> {
                $crate::Target::Structure(self)
            }
        }
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::structure::debug(self, f)
            }
        }
    };
}

#[cold]
#[doc(hidden)]
pub fn no_member(shape: &Shape, index: usize) -> ! {
    panic!("{} has no member {index}: an index comes from its own shape's table", shape.name)
}

/// Prints what is present and hides what the model calls sensitive, so that logging a request is safe.
#[doc(hidden)]
pub fn debug(value: &dyn Structure, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shape = value.shape();
    let mut printer = f.debug_struct(shape.name);
    for (index, member) in shape.members().iter().enumerate() {
        if let Some(view) = value.get(index) {
            printer.field(member.name, &Shown { shape: member.shape, view });
        }
    }
    printer.finish()
}

struct Shown<'a> {
    shape: &'static Shape,
    view: View<'a>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shape.sensitive {
            return f.write_str("<hidden>");
        }
        match (self.view, &self.shape.kind) {
            (View::Boolean(value), _) => value.fmt(f),
            (View::Integer(value), _) => value.fmt(f),
            (View::Long(value), _) => value.fmt(f),
            (View::Float(value), _) => value.fmt(f),
            (View::Double(value), _) => value.fmt(f),
            (View::String(value), _) => value.fmt(f),
            (View::Enum(value), _) => f.write_str(value),
            (View::Blob(value), _) => write!(f, "<{} bytes>", value.len()),
            (View::Timestamp(value), _) => value.fmt(f),
            (View::Document(value), _) => value.fmt(f),
            (View::Structure(value), _) => value.fmt(f),
            (View::List(list), Kind::List(shape)) => {
                let entries =
                    (0..list.len()).map(|at| Shown { shape: shape.member, view: list.get(at) });
                f.debug_list().entries(entries).finish()
            }
            (View::Map(map), Kind::Map(shape)) => {
                let entries =
                    map.entries().map(|(key, view)| (key, Shown { shape: shape.value, view }));
                f.debug_map().entries(entries).finish()
            }
            (View::List(_) | View::Map(_), _) => f.write_str("<?>"),
        }
    }
}

/// The input or output of an operation that has none.
#[derive(Clone, Default, PartialEq)]
pub struct Unit {}

structure!(Unit: UNIT []);

#[cfg(test)]
mod tests;
