//! Looking into values, and filling them, without knowing their types.
//!
//! [`View`] is how an encoder, the validator and `Debug` see any value; [`Target`] is how a decoder
//! writes one. Both are small enums that the codec matches on, so a codec is one recursive function
//! over (shape, value) and is compiled once, however many shapes there are. Nothing here knows a wire.

use std::collections::BTreeMap;

use berth_model::Timestamp;
use bytes::Bytes;

use crate::{Document, Structure};

/// A value, borrowed for reading.
#[derive(Clone, Copy)]
pub enum View<'a> {
    Boolean(bool),
    Integer(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    String(&'a str),
    /// The enum's text, known to the model or not.
    Enum(&'a str),
    Blob(&'a Bytes),
    Timestamp(Timestamp),
    Document(&'a Document),
    List(&'a dyn ListView),
    Map(&'a dyn MapView),
    /// A structure or a union.
    Structure(&'a dyn Structure),
}

/// A value, borrowed for writing.
pub enum Target<'a> {
    Boolean(&'a mut bool),
    Integer(&'a mut i32),
    Long(&'a mut i64),
    Float(&'a mut f32),
    Double(&'a mut f64),
    String(&'a mut String),
    Enum(&'a mut dyn EnumTarget),
    Blob(&'a mut Bytes),
    Timestamp(&'a mut Timestamp),
    Document(&'a mut Document),
    List(&'a mut dyn ListTarget),
    Map(&'a mut dyn MapTarget),
    Structure(&'a mut dyn Structure),
}

pub trait ListView {
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Panics beyond `len`, as a slice does.
    fn get(&self, index: usize) -> View<'_>;
}

pub trait MapView {
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// In key order.
    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_>;
}

pub trait EnumTarget {
    fn set(&mut self, text: &str);
}

pub trait ListTarget {
    fn reserve(&mut self, additional: usize);
    /// Appends an empty entry and opens it.
    fn push(&mut self) -> Target<'_>;
}

pub trait MapTarget {
    /// Opens the entry of this key, making an empty one if there is none.
    fn entry(&mut self, key: String) -> Target<'_>;
}

/// A type that a shape can have.
pub trait Value: Default {
    fn view(&self) -> View<'_>;
    fn target(&mut self) -> Target<'_>;
}

macro_rules! copied_values {
    ($($type:ty => $arm:ident),* $(,)?) => {$(
        impl Value for $type {
            fn view(&self) -> View<'_> {
                View::$arm(*self)
            }
            fn target(&mut self) -> Target<'_> {
                Target::$arm(self)
            }
        }
    )*};
}

copied_values! {
    bool => Boolean, i32 => Integer, i64 => Long, f32 => Float, f64 => Double, Timestamp => Timestamp,
}

macro_rules! borrowed_values {
    ($($type:ty => $arm:ident),* $(,)?) => {$(
        impl Value for $type {
            fn view(&self) -> View<'_> {
                View::$arm(self)
            }
            fn target(&mut self) -> Target<'_> {
                Target::$arm(self)
            }
        }
    )*};
}

borrowed_values! { String => String, Bytes => Blob, Document => Document }

impl<T: Value> Value for Vec<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
    fn target(&mut self) -> Target<'_> {
        Target::List(self)
    }
}

impl<V: Value> Value for BTreeMap<String, V> {
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
    fn target(&mut self) -> Target<'_> {
        Target::Map(self)
    }
}

/// A member through which a structure contains itself.
impl<T: Value> Value for Box<T> {
    fn view(&self) -> View<'_> {
        (**self).view()
    }
    fn target(&mut self) -> Target<'_> {
        (**self).target()
    }
}

impl<T: Value> ListView for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn get(&self, index: usize) -> View<'_> {
        self[index].view()
    }
}

impl<T: Value> ListTarget for Vec<T> {
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }
    fn push(&mut self) -> Target<'_> {
        self.push(T::default());
        let last = self.len() - 1;
        self[last].target()
    }
}

impl<V: Value> MapView for BTreeMap<String, V> {
    fn len(&self) -> usize {
        self.len()
    }
    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_> {
        Box::new(self.iter().map(|(key, value)| (key.as_str(), value.view())))
    }
}

impl<V: Value> MapTarget for BTreeMap<String, V> {
    fn entry(&mut self, key: String) -> Target<'_> {
        self.entry(key).or_default().target()
    }
}
