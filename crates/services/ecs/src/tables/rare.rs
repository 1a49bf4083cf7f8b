//! Lists that nearly every row leaves empty: nothing then takes no room but a pointer's.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Deref, DerefMut};

use berth_model::Tags;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Reads and changes like the `T` that it is.
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

/// What can be empty, and has one empty value for all.
pub trait Emptiable: Default + 'static {
    const EMPTY: &'static Self;

    fn is_empty(&self) -> bool;

    /// Lets go of room that is not needed.
    fn shrink(&mut self) {}
}

impl<T: 'static> Emptiable for Vec<T> {
    const EMPTY: &'static Self = &Vec::new();

    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }
}

impl<T: 'static> Emptiable for BTreeSet<T> {
    const EMPTY: &'static Self = &BTreeSet::new();

    fn is_empty(&self) -> bool {
        BTreeSet::is_empty(self)
    }
}

impl Emptiable for Tags {
    const EMPTY: &'static Self = &Tags::new();

    fn is_empty(&self) -> bool {
        self.deref().is_empty()
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Rare(None)
    }
}

impl<T: Emptiable> From<T> for Rare<T> {
    fn from(mut given: T) -> Self {
        given.shrink();
        Rare((!given.is_empty()).then(|| Box::new(given)))
    }
}

impl<T: Emptiable> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

/// Whoever asks means to change it.
impl<T: Emptiable> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Emptiable + PartialEq> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Emptiable + Eq> Eq for Rare<T> {}

impl<T: Emptiable + fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<A, T> FromIterator<A> for Rare<T>
where
    T: Emptiable + FromIterator<A>,
{
    fn from_iter<I: IntoIterator<Item = A>>(items: I) -> Self {
        T::from_iter(items).into()
    }
}

impl<'a, T: Emptiable> IntoIterator for &'a Rare<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

/// As the `T` that it is.
impl<C, T: Emptiable + Encode<C>> Encode<C> for Rare<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        (**self).encode(encoder, context)
    }
}

impl<'b, C, T: Emptiable + Decode<'b, C>> Decode<'b, C> for Rare<T> {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        T::decode(decoder, context).map(Rare::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_takes_no_room() {
        let mut list: Rare<Vec<u8>> = Vec::new().into();
        assert_eq!(size_of_val(&list), size_of::<usize>());
        assert!(list.0.is_none() && list.is_empty() && list == Rare::default());
        list.push(7);
        assert_eq!(*list, [7]);
        list.clear();
        assert_eq!(list, Rare::default());
        let full: Rare<BTreeSet<u8>> = [1, 2].into_iter().collect();
        let bytes = minicbor::to_vec(&full).expect("memory takes everything");
        assert_eq!(bytes, minicbor::to_vec(&*full).expect("memory takes everything"));
        assert_eq!(
            minicbor::decode::<Rare<BTreeSet<u8>>>(&bytes).expect("it was written so"),
            full
        );
    }
}
