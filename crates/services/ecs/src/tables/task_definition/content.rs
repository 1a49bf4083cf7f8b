//! What a task definition says, with what is made of it again and again.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use berth_aws_api::ecs as api;
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::runnable::Runnable;
use crate::tables::Stored;

/// Reads like the shape that it is, and never changes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Content(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shape: Stored<api::TaskDefinition>,
    /// Made when it is first asked for: most revisions never run again.
    runnable: OnceLock<Arc<Runnable>>,
}

impl Content {
    pub fn new(shape: api::TaskDefinition) -> Self {
        Content::from(Stored::new(shape))
    }

    /// What a task runs that was started with these overrides.
    pub(crate) fn runnable(&self, overrides: Option<&api::TaskOverride>) -> Arc<Runnable> {
        let made = || Arc::new(Runnable::new(self, overrides));
        match overrides {
            None => self.0.runnable.get_or_init(made).clone(),
            Some(_) => made(),
        }
    }
}

impl From<Stored<api::TaskDefinition>> for Content {
    fn from(shape: Stored<api::TaskDefinition>) -> Self {
        Content(Arc::new(Inner { shape, runnable: OnceLock::new() }))
    }
}

impl Deref for Content {
    type Target = api::TaskDefinition;

    fn deref(&self) -> &api::TaskDefinition {
        &self.0.shape
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.0.shape == other.0.shape
    }
}

/// As the shape.
impl<C> Encode<C> for Content {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.0.shape.encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for Content {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        Stored::decode(decoder, context).map(Content::from)
    }
}
