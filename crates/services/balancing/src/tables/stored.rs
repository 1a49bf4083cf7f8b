//! An AWS shape inside a record: kept whole, as AWS's own CBOR, so that a shape which grows a member
//! needs no change here and loses nothing.

use std::ops::Deref;
use std::sync::Arc;

use berth_aws_api::Structure;
use berth_aws_protocol::stored;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A shape shared between snapshots; cheap to clone.
#[derive(Debug, PartialEq)]
pub struct Stored<T>(Arc<T>);

impl<T> Stored<T> {
    pub fn new(shape: T) -> Self {
        Self(Arc::new(shape))
    }
}

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<C, T: Structure> Encode<C> for Stored<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&stored::to_vec(&*self.0))?.ok()
    }
}

impl<'b, C, T: Structure + Default> Decode<'b, C> for Stored<T> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let shape = stored::from_slice(d.bytes()?).map_err(minicbor::decode::Error::message)?;
        Ok(Self::new(shape))
    }
}
