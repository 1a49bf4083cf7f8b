//! Names that people choose, with ECS's rules: 1 to 255 letters, digits, hyphens and underscores.
//!
//! Cheap to clone. A name is checked once, where it enters, and trusted from there on.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::word;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a {kind} name must not be empty")]
    Empty { kind: &'static str },
    #[error("a {kind} name has at most 255 characters, not {length}")]
    TooLong { kind: &'static str, length: usize },
    #[error(
        "a {kind} name has letters, digits, hyphens and underscores only; found `{found}` at character {position}"
    )]
    Character { kind: &'static str, found: char, position: usize },
}

const LONGEST: usize = 255;

fn check(kind: &'static str, text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { kind });
    }
    let foreign = text
        .chars()
        .enumerate()
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    if let Some((index, found)) = foreign {
        return Err(NameError::Character { kind, found, position: index + 1 });
    }
    if text.len() > LONGEST {
        return Err(NameError::TooLong { kind, length: text.len() });
    }
    Ok(())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident is $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                check($kind, text)?;
                Ok($name(word::shared(text)))
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.str()?.parse().map_err(minicbor::decode::Error::custom)
            }
        }
    )+};
}

names! {
    ClusterName is "cluster";
    /// The name that the revisions of a task definition share.
    Family is "task definition family";
    ServiceName is "service";
    /// Also `FARGATE` and `FARGATE_SPOT`, which are nobody's to create.
    CapacityProviderName is "capacity provider";
}

impl ClusterName {
    /// The cluster meant by a request that names none.
    pub const DEFAULT: &'static str = "default";
}

impl Default for ClusterName {
    fn default() -> Self {
        ClusterName(Self::DEFAULT.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_ecs() {
        assert!("web_1-A".parse::<ClusterName>().is_ok());
        assert!("a".repeat(255).parse::<Family>().is_ok());
        assert_eq!("".parse::<ServiceName>(), Err(NameError::Empty { kind: "service" }));
        let long = "a".repeat(256).parse::<ClusterName>().unwrap_err();
        assert_eq!(long, NameError::TooLong { kind: "cluster", length: 256 });
        for (text, found, position) in
            [("a/../b", '/', 2), ("é", 'é', 1), ("web 1", ' ', 4), ("web:1", ':', 4)]
        {
            let error = text.parse::<ClusterName>().unwrap_err();
            assert_eq!(error, NameError::Character { kind: "cluster", found, position });
        }
    }

    #[test]
    fn stored_names_are_checked_again() {
        let stored = minicbor::to_vec("not a name").unwrap();
        assert!(minicbor::decode::<ClusterName>(&stored).is_err());
    }

    proptest::proptest! {
        #[test]
        fn parsing_what_was_rendered_gives_it_back(text in "[A-Za-z0-9_-]{1,255}") {
            let name: Family = text.parse().unwrap();
            proptest::prop_assert_eq!(name.to_string(), text);
            let stored = minicbor::to_vec(&name).unwrap();
            proptest::prop_assert_eq!(minicbor::decode::<Family>(&stored).unwrap(), name);
        }

        #[test]
        fn no_text_panics(text in ".*") {
            drop(text.parse::<ClusterName>());
        }
    }
}
