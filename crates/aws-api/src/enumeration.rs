//! Enums of strings that can hold a value the model does not know.
//!
//! A newer client may send a value that this build has never heard of. It must survive decoding, so that
//! validation can refuse it by name instead of a codec failing without saying where.

/// Defines an enum of strings: `enumeration!(LaunchType: Ec2 "EC2", Fargate "FARGATE");`
#[macro_export]
#[doc(hidden)]
macro_rules! enumeration {
    ($type:ident: $($variant:ident $text:literal),* $(,)?) => {
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($variant,)*
            /// A value that the model does not have; validation refuses it.
            Unknown(String),
        }
        impl $type {
            /// Every value that the model has, in its order.
            pub const VALUES: &'static [&'static str] = &[$($text),*];

            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }
        impl ::std::convert::From<&str> for $type {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(text.to_owned()),
                }
            }
        }
        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::default::Default for $type {
            /// What a decoder fills; no value of its own.
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }
        impl $crate::value::EnumTarget for $type {
            fn set(&mut self, text: &str) {
                *self = Self::from(text);
            }
        }
        impl $crate::Value for $type {
            fn view(&self) -> $crate::View<'_> {
                $crate::View::Enum(self.as_str())
            }
            fn target(&mut self) -> $crate::Target<'_> {
                $crate::Target::Enum(self)
            }
        }
    };
}
