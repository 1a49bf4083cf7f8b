//! Ids: sixteen bytes, 32 lower-case hex digits in text.
//!
//! One type per kind of thing, so that a task's id cannot be taken for an instance's. Where ids
//! come from is `control::IdSource`'s business.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id: 32 hexadecimal digits, lower case, expected")]
pub struct IdError {
    kind: &'static str,
    text: String,
}

/// The same id as a UUID: 8-4-4-4-12. ECS writes the ids of containers and attachments so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hyphenated([u8; 16]);

impl fmt::Display for Hyphenated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Accepts 32 hex digits, or the same with hyphens where a UUID has them (ECS's older ids).
fn bytes_of(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    let mut digits = [0_u8; 32];
    match text.len() {
        32 => digits.copy_from_slice(text),
        36 => {
            if [8, 13, 18, 23].iter().any(|&at| text[at] != b'-') {
                return None;
            }
            let without = text.iter().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
            for (digit, (_, byte)) in digits.iter_mut().zip(without) {
                *digit = *byte;
            }
        }
        _ => return None,
    }
    if digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0; 16];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident is $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                $name(bytes)
            }

            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Rendered as a UUID.
            pub const fn hyphenated(self) -> Hyphenated {
                Hyphenated(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0_u8; 32];
                hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
                f.pad(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                bytes_of(text).map($name).ok_or_else(|| IdError { kind: $kind, text: text.to_owned() })
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                let bytes = bytes.try_into().map_err(|_| {
                    minicbor::decode::Error::message("an id has 16 bytes").at(d.position())
                })?;
                Ok($name(bytes))
            }
        }
    )+};
}

ids! {
    TaskId is "task";
    ContainerInstanceId is "container instance";
    ContainerId is "container";
    ClusterId is "cluster";
    /// One revision of one family.
    TaskDefinitionId is "task definition";
    ServiceId is "service";
    AttachmentId is "attachment";
    /// What a task's containers ask for the credentials of their role with. Whoever knows it gets them.
    CredentialsId is "credentials";
}

/// A task set, also ECS's name for a deployment of a service: `ecs-svc/` and a number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct TaskSetId(#[n(0)] u64);

impl TaskSetId {
    pub const fn from_number(number: u64) -> Self {
        TaskSetId(number)
    }

    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskSetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ecs-svc/{:019}", self.0)
    }
}

/// Why a text is not the id of a task set shares the words of the other ids.
impl FromStr for TaskSetId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.strip_prefix("ecs-svc/")
            .filter(|number| number.len() >= 19 && number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(TaskSetId)
            .ok_or_else(|| IdError { kind: "task set", text: text.to_owned() })
    }
}

impl TaskSetId {
    /// The number that random bytes are for: nineteen digits, as ECS's are.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        const FIRST: u128 = 1_000_000_000_000_000_000;
        let number = FIRST + u128::from_be_bytes(bytes) % (8 * FIRST);
        TaskSetId(number as u64)
    }
}

/// A revision of a service: the number of the deployment that first brought it, without the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRevisionId(u64);

impl ServiceRevisionId {
    pub const fn of_deployment(deployment: TaskSetId) -> Self {
        ServiceRevisionId(deployment.0)
    }

    pub const fn deployment(self) -> TaskSetId {
        TaskSetId(self.0)
    }
}

impl fmt::Display for ServiceRevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:019}", self.0)
    }
}

impl FromStr for ServiceRevisionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Some(text)
            .filter(|number| number.len() >= 19 && number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(ServiceRevisionId)
            .ok_or_else(|| IdError { kind: "service revision", text: text.to_owned() })
    }
}

/// A service deployment, as the API has them: 21 letters of the URL-safe alphabet of base 64.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct ServiceDeploymentId(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 16],
);

impl ServiceDeploymentId {
    const LETTERS: usize = 21;
    const ALPHABET: &'static [u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// Two of the 128 bits find no letter and are dropped.
    pub const fn from_bytes(mut bytes: [u8; 16]) -> Self {
        bytes[0] &= 0x3F;
        ServiceDeploymentId(bytes)
    }
}

impl fmt::Display for ServiceDeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        for place in (0..Self::LETTERS).rev() {
            let letter = Self::ALPHABET[(number >> (6 * place)) as usize & 0x3F];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl FromStr for ServiceDeploymentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError { kind: "service deployment", text: text.to_owned() };
        if text.len() != Self::LETTERS {
            return Err(error());
        }
        let mut number = 0_u128;
        for byte in text.bytes() {
            let digit = Self::ALPHABET.iter().position(|letter| *letter == byte);
            number = number << 6 | digit.ok_or_else(error)? as u128;
        }
        Ok(ServiceDeploymentId(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_id() {
        let id: TaskId = "0123456789abcdef0123456789abcdef".parse().unwrap();
        assert_eq!(id.to_string(), "0123456789abcdef0123456789abcdef");
        assert_eq!(id.hyphenated().to_string(), "01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!("01234567-89ab-cdef-0123-456789abcdef".parse(), Ok(id));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "0123",
            "0123456789ABCDEF0123456789abcdef",
            "0123456789abcdef0123456789abcdeg",
            "0123456789abcdef0123456789abcdef0",
            "0123456-789ab-cdef-0123-456789abcdef",
            "éééééééééééééééé",
        ] {
            let error = text.parse::<ContainerInstanceId>().unwrap_err();
            assert!(error.to_string().contains("container instance id"), "{error}");
        }
    }

    #[test]
    fn stored_as_sixteen_bytes() {
        let id = TaskId::from_bytes([7; 16]);
        let stored = minicbor::to_vec(id).unwrap();
        assert_eq!(stored.len(), 17);
        assert_eq!(minicbor::decode::<TaskId>(&stored).unwrap(), id);
        assert!(
            minicbor::decode::<TaskId>(
                &minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![1, 2])).unwrap()
            )
            .is_err()
        );
    }

    proptest::proptest! {
        #[test]
        fn parsing_what_was_rendered_gives_it_back(bytes: [u8; 16], number: u64) {
            let id = ClusterId::from_bytes(bytes);
            proptest::prop_assert_eq!(id.to_string().parse(), Ok(id));
            proptest::prop_assert_eq!(id.hyphenated().to_string().parse(), Ok(id));
            let set = TaskSetId::from_number(number);
            proptest::prop_assert_eq!(set.to_string().parse(), Ok(set));
            let revision = ServiceRevisionId::of_deployment(set);
            proptest::prop_assert_eq!(revision.to_string().parse(), Ok(revision));
            let deployment = ServiceDeploymentId::from_bytes(bytes);
            proptest::prop_assert_eq!(deployment.to_string().len(), 21);
            proptest::prop_assert_eq!(deployment.to_string().parse(), Ok(deployment));
            let stored = minicbor::to_vec(deployment).unwrap();
            proptest::prop_assert_eq!(minicbor::decode(&stored).ok(), Some(deployment));
            let random = TaskSetId::from_random(bytes).number();
            proptest::prop_assert_eq!(random.to_string().len(), 19);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            drop((text.parse::<TaskId>(), text.parse::<TaskSetId>()));
            drop((text.parse::<ServiceRevisionId>(), text.parse::<ServiceDeploymentId>()));
        }
    }
}
