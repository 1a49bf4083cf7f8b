//! Where a thing lives in AWS's world: partition, account, region.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use minicbor::{Decode, Encode};

use crate::word;

/// Why a text is not an account, a region or a partition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    #[error("`{0}` is not an account id: 12 digits expected")]
    Account(String),
    #[error(
        "`{0}` is not a region name: lower-case letters, digits and hyphens expected, such as us-east-1"
    )]
    Region(String),
    #[error("`{0}` is not a partition: aws, aws-cn or aws-us-gov expected")]
    Partition(String),
}

/// An AWS account: twelve digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct AccountId(#[n(0)] u64);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It is in every ARN, so it is not left to the padding of numbers, which costs twice as much.
        let (mut digits, mut rest) = ([b'0'; 12], self.0);
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        f.pad(std::str::from_utf8(&digits).expect("digits are text"))
    }
}

impl FromStr for AccountId {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let twelve_digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        twelve_digits
            .then(|| text.parse().ok().map(AccountId))
            .flatten()
            .ok_or_else(|| ScopeError::Account(text.to_owned()))
    }
}

/// A region's name; cheap to clone. Berth lets its owner name regions, so any well-formed name is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

impl Region {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for Region {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let well_formed =
            (1..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        well_formed
            .then(|| Region(word::shared(text)))
            .ok_or_else(|| ScopeError::Region(text.to_owned()))
    }
}

impl<C> Encode<C> for Region {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Region {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(minicbor::decode::Error::custom)
    }
}

/// A world of regions whose ARNs begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Partition {
    #[default]
    #[n(0)]
    Aws,
    #[n(1)]
    AwsCn,
    #[n(2)]
    AwsUsGov,
}

impl Partition {
    pub const fn as_str(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsCn => "aws-cn",
            Partition::AwsUsGov => "aws-us-gov",
        }
    }

    /// The partition that a region of this name belongs to.
    pub fn of(region: &Region) -> Self {
        match region.as_str() {
            name if name.starts_with("cn-") => Partition::AwsCn,
            name if name.starts_with("us-gov-") => Partition::AwsUsGov,
            _ => Partition::Aws,
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text {
            "aws" => Ok(Partition::Aws),
            "aws-cn" => Ok(Partition::AwsCn),
            "aws-us-gov" => Ok(Partition::AwsUsGov),
            _ => Err(ScopeError::Partition(text.to_owned())),
        }
    }
}

/// One account in one region: a world of its own, which nothing in another can see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Scope {
    #[n(0)]
    pub partition: Partition,
    #[n(1)]
    pub account: AccountId,
    #[n(2)]
    pub region: Region,
}

impl Scope {
    /// The region's name says which partition it is in.
    pub fn new(account: AccountId, region: Region) -> Self {
        Scope { partition: Partition::of(&region), account, region }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_keep_their_zeros() {
        let account: AccountId = "000000000042".parse().unwrap();
        assert_eq!(account.to_string(), "000000000042");
        for text in ["", "42", "1234567890123", "12345678901x", "+12345678901"] {
            assert_eq!(text.parse::<AccountId>(), Err(ScopeError::Account(text.into())));
        }
    }

    #[test]
    fn regions_say_their_partition() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("home", "aws"),
        ] {
            assert_eq!(Partition::of(&region.parse().unwrap()).as_str(), partition);
        }
        for text in ["", "EU-WEST-1", "eu west", "-x", "../etc"] {
            assert_eq!(text.parse::<Region>(), Err(ScopeError::Region(text.into())));
        }
    }

    #[test]
    fn a_stored_scope_is_the_same_scope() {
        let scope = Scope::new("123456789012".parse().unwrap(), "cn-north-1".parse().unwrap());
        assert_eq!(minicbor::decode::<Scope>(&minicbor::to_vec(&scope).unwrap()).unwrap(), scope);
    }
}
