//! The envelope around every message, and why a frame cannot be read.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Exception;

/// Why a text is not a frame of the direction that it came from.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("the frame is not of the form {{\"type\": …, \"message\": …}}")]
    Envelope(#[source] serde_json::Error),
    #[error("a message of type `{0}` is not known in this direction")]
    UnknownType(String),
    #[error("the message of type `{kind}` cannot be read: {cause}")]
    Message { kind: &'static str, cause: serde_json::Error },
    #[error("the frame does not begin with header lines and a blank line")]
    Header,
}

#[derive(Serialize)]
struct Outgoing<'a, T> {
    r#type: &'a str,
    message: &'a T,
}

#[derive(Deserialize)]
struct Incoming<'a> {
    r#type: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

pub(crate) fn encode<T: Serialize>(kind: &str, message: &T) -> String {
    serde_json::to_string(&Outgoing { r#type: kind, message })
        .expect("messages have string keys and writing to memory does not fail")
}

/// The type and the message of a frame that is written as every agent writes it, in this order and without a space. It
/// need not be read twice then, once for its end and once for what it says. If the message can be read, so can the frame.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.strip_prefix(r#"{"type":""#)?.split_once('"')?;
    let body = rest.strip_prefix(r#","message":"#)?.strip_suffix('}')?;
    Some((kind, body))
}

/// A frame taken apart, its message still as text.
pub(crate) enum Opened<'a> {
    Message { kind: std::borrow::Cow<'a, str>, body: &'a str },
    Exception(Exception),
}

pub(crate) fn open(text: &str) -> Result<Opened<'_>, FrameError> {
    match serde_json::from_str::<Incoming<'_>>(text) {
        Ok(Incoming { r#type, message }) => {
            let body = message.map_or("{}", RawValue::get);
            match Exception::from_message(&r#type, body)? {
                Some(exception) => Ok(Opened::Exception(exception)),
                None => Ok(Opened::Message { kind: r#type, body }),
            }
        }
        Err(cause) => {
            Exception::from_bare(text).map(Opened::Exception).ok_or(FrameError::Envelope(cause))
        }
    }
}

pub(crate) fn read<'a, T: Deserialize<'a>>(
    kind: &'static str,
    body: &'a str,
) -> Result<T, FrameError> {
    serde_json::from_str(body).map_err(|cause| FrameError::Message { kind, cause })
}

/// One enum per socket and direction: a variant per message type, whose name on the wire is the type's own.
macro_rules! frames {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $($(#[$message_doc:meta])* $variant:ident($message:ident)),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$message_doc])* $variant($message),)+
            /// The sender gives up on what was asked, and says why.
            Exception($crate::Exception),
        }

        impl $name {
            /// The `type` of the frame.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($message),)+
                    Self::Exception(exception) => exception.kind.as_str(),
                }
            }

            /// The text of the frame.
            pub fn encode(&self) -> String {
                match self {
                    $(Self::$variant(message) => $crate::frame::encode(self.kind(), message),)+
                    Self::Exception(exception) => $crate::frame::encode(self.kind(), exception),
                }
            }

            /// Reads a frame; exceptions also in their bare form `{"<Exception>": "<text>"}`.
            pub fn decode(text: &str) -> Result<Self, $crate::FrameError> {
                // Whatever is wrong is said of the whole frame.
                if let Some((kind, body)) = $crate::frame::split(text)
                    && let Ok(message) = Self::read(kind, body)
                {
                    return Ok(message);
                }
                match $crate::frame::open(text)? {
                    $crate::frame::Opened::Exception(exception) => Ok(Self::Exception(exception)),
                    $crate::frame::Opened::Message { kind, body } => Self::read(&kind, body),
                }
            }

            fn read(kind: &str, body: &str) -> Result<Self, $crate::FrameError> {
                match kind {
                    $(stringify!($message) => {
                        $crate::frame::read(stringify!($message), body).map(Self::$variant)
                    })+
                    other => Err($crate::FrameError::UnknownType(other.to_owned())),
                }
            }
        }

        $(impl From<$message> for $name {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        })+

        impl From<$crate::Exception> for $name {
            fn from(exception: $crate::Exception) -> Self {
                Self::Exception(exception)
            }
        }
    };
}

pub(crate) use frames;
