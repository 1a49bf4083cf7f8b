//! What is wrong with bytes that do not decode, and where.

use std::fmt;

use berth_aws_api::Path;

use crate::CommonError;

/// What is wrong with a message, where in the value, and at which byte.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    what: String,
    path: Option<String>,
    offset: Option<usize>,
}

impl DecodeError {
    #[cold]
    pub(crate) fn new(what: impl Into<String>) -> Self {
        DecodeError(Box::new(Details { what: what.into(), path: None, offset: None }))
    }

    #[cold]
    pub(crate) fn at(what: impl Into<String>, offset: usize) -> Self {
        DecodeError(Box::new(Details { what: what.into(), path: None, offset: Some(offset) }))
    }

    /// Says where in the value it was, unless a deeper place is known already.
    #[cold]
    pub(crate) fn inside(mut self, path: &Path<'_>) -> Self {
        if self.0.path.is_none() {
            self.0.path = Some(path.to_string());
        }
        self
    }

    /// Where in the value: `containerDefinitions[0].memory`. Empty for the whole.
    pub fn path(&self) -> &str {
        self.0.path.as_deref().unwrap_or_default()
    }

    /// The byte of the message, where the wire has one.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { what, path, offset } = &*self.0;
        f.write_str(what)?;
        match (path.as_deref().filter(|path| !path.is_empty()), offset) {
            (Some(path), Some(offset)) => write!(f, " (at {path}, byte {offset})"),
            (Some(path), None) => write!(f, " (at {path})"),
            (None, Some(offset)) => write!(f, " (at byte {offset})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}

impl From<DecodeError> for CommonError {
    fn from(error: DecodeError) -> Self {
        CommonError::Unreadable(error.to_string())
    }
}
