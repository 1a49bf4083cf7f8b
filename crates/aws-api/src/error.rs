//! A service's modelled errors.
//!
//! Only what AWS's client sees is here: code, status, whose fault, members. Internal causes are added
//! around it by `control`. Errors that every service can answer without modelling them
//! (`SerializationException`, `InternalFailure`, …) are `aws-protocol`'s.

use std::fmt;

use crate::schema::Shape;
use crate::structure::Structure;

/// The error enum of a service.
pub trait ServiceError: std::error::Error + Send + Sync + Sized + 'static {
    /// The code of an error for a request that breaks the model's constraints.
    const VALIDATION_CODE: &'static str;

    fn schema(&self) -> &'static ErrorSchema;

    /// The modelled members, the message among them.
    fn body(&self) -> &dyn Structure;

    fn body_mut(&mut self) -> &mut dyn Structure;

    fn message(&self) -> Option<&str>;

    /// An empty error of this code (the shape's name or the Query code), for clients that decode one.
    fn from_code(code: &str) -> Option<Self>;

    /// The error for a request that breaks the model's constraints.
    ///
    /// `None`: the model has no such error; answer an unmodelled one with [`Self::VALIDATION_CODE`].
    fn invalid(message: String) -> Option<Self>;

    /// The name of the error's shape, which is its code on every wire but Query's.
    fn code(&self) -> &'static str {
        self.schema().shape.name
    }

    /// The code on Query wires and in `x-amzn-query-error`.
    fn query_code(&self) -> &'static str {
        self.schema().query_code
    }

    fn status(&self) -> u16 {
        self.schema().status
    }

    fn fault(&self) -> Fault {
        self.schema().fault
    }
}

/// What a model says about one error.
#[derive(Debug)]
pub struct ErrorSchema {
    pub shape: &'static Shape,
    pub query_code: &'static str,
    pub status: u16,
    pub fault: Fault,
}

impl ErrorSchema {
    /// Whether a wire may spell this error so.
    pub fn is_called(&self, code: &str) -> bool {
        code == self.shape.name || code == self.query_code
    }
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's (`Sender` on Query wires): the same request will fail again.
    Client,
    /// Ours (`Receiver`).
    Server,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Client => "client",
            Fault::Server => "server",
        })
    }
}

/// Defines the `Error` enum of a service.
///
/// Each line is `Variant constructor TABLE [message field];`. The variant carries the struct of its own
/// name; the constructor takes the message, further members are set on the struct.
#[macro_export]
#[doc(hidden)]
macro_rules! service_error {
    (
        validation $validation:literal $(as $invalid:ident)?;
        $($variant:ident $constructor:ident $schema:ident [$($message:ident)?];)*
    ) => {
        /// The errors that the service's model declares.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(clippy::enum_variant_names)]
        pub enum Error {
            $($variant($variant),)*
        }
        impl Error {
            $($crate::service_error!(@constructor $variant $constructor [$($message)?]);)*
        }
        $(
            impl ::std::convert::From<$variant> for Error {
                fn from(body: $variant) -> Self {
                    Self::$variant(body)
                }
            }
        )*
        impl $crate::ServiceError for Error {
            const VALIDATION_CODE: &'static str = $validation;

            fn schema(&self) -> &'static $crate::ErrorSchema {
                match *self {
                    $(Self::$variant(_) => &$schema,)*
                }
            }
            fn body(&self) -> &dyn $crate::Structure {
                match *self {
                    $(Self::$variant(ref body) => body,)*
                }
            }
            fn body_mut(&mut self) -> &mut dyn $crate::Structure {
                match *self {
                    $(Self::$variant(ref mut body) => body,)*
                }
            }
            fn message(&self) -> Option<&str> {
                match *self {
                    $(Self::$variant(ref body) => $crate::service_error!(@message body [$($message)?]),)*
                }
            }
            fn from_code(code: &str) -> Option<Self> {
                $(if $schema.is_called(code) {
                    return Some(Self::$variant(Default::default()));
                })*
                let _ = code; // A service without modelled errors knows no code.
                None
            }
            fn invalid(message: String) -> Option<Self> {
                $crate::service_error!(@invalid message $($invalid)?)
            }
        }
        impl ::std::fmt::Display for Error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::error::display(self, f)
            }
        }
        impl ::std::error::Error for Error {}
    };
    (@constructor $variant:ident $constructor:ident [$message:ident]) => {
        // Most errors have a message and nothing else; the macro does not know which.
        #[allow(clippy::needless_update)]
        pub fn $constructor(message: impl Into<String>) -> Self {
            Self::$variant($variant { $message: Some(message.into()), ..Default::default() })
        }
    };
    (@constructor $variant:ident $constructor:ident []) => {
        pub fn $constructor() -> Self {
            Self::$variant($variant::default())
        }
    };
    (@message $body:ident [$message:ident]) => { $body.$message.as_deref() };
    (@message $body:ident []) => {{
        let _ = $body; // The model gives this error no message.
        None
    }};
    (@invalid $message:ident $constructor:ident) => { Some(Self::$constructor($message)) };
    (@invalid $message:ident) => {{
        drop($message);
        None
    }};
}

#[doc(hidden)]
pub fn display<E: ServiceError>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error.message() {
        Some(message) => write!(f, "{}: {message}", error.code()),
        None => f.write_str(error.code()),
    }
}

#[cfg(test)]
mod tests;
