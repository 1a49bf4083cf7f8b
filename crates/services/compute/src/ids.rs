//! Ids: how they look, what is answered to one that is not there, and those that follow from account and region.

use berth_aws_api::ec2::Error;
use berth_model::Scope;
use sha2::{Digest, Sha256};

/// AWS: seventeen hexadecimal digits, eight in the days of old.
const LENGTHS: [usize; 2] = [17, 8];

/// The ids of one kind of thing.
pub struct IdKind {
    pub prefix: &'static str,
    /// What EC2 calls them in its messages.
    pub noun: &'static str,
    /// `None`: EC2 has no such error, and says that it is not there.
    pub malformed: Option<fn(String) -> Error>,
    pub not_found: fn(String) -> Error,
}

impl IdKind {
    /// AWS: asked before anything is looked up.
    pub fn check(&self, id: &str) -> Result<(), Error> {
        let Some(malformed) = self.malformed else { return Ok(()) };
        if is_well_formed(self.prefix, id) {
            return Ok(());
        }
        Err(malformed(format!("Invalid id: \"{id}\" (expecting \"{}-...\")", self.prefix)))
    }

    pub fn missing(&self, id: &str) -> Error {
        (self.not_found)(format!("The {} '{id}' does not exist", self.noun))
    }
}

fn is_well_formed(prefix: &str, id: &str) -> bool {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.is_some_and(|digits| LENGTHS.contains(&digits.len()) && digits.bytes().all(is_digit))
}

/// The id of what every account has in every region: always the same, and no two have the same.
pub fn derived(scope: &Scope, prefix: &str, what: &str) -> String {
    let Scope { partition, account, region } = scope;
    let said = format!("{partition}/{account}/{region}/{prefix}/{what}");
    let digits = hex::encode(Sha256::digest(said));
    format!("{prefix}-{}", &digits[..LENGTHS[0]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_of_two_lengths() {
        for (id, is_one) in [
            ("vpc-0123456789abcdef0", true),
            ("vpc-01234567", true),
            ("vpc-012345678", false),
            ("vpc-0123456789ABCDEF0", false),
            ("subnet-0123456789abcdef0", false),
            ("vpc0123456789abcdef0", false),
            ("", false),
        ] {
            assert_eq!(is_well_formed("vpc", id), is_one, "{id}");
        }
    }

    #[test]
    fn no_two_worlds_share_an_id() {
        let scope = |account: &str, region: &str| {
            Scope::new(account.parse().expect("an account"), region.parse().expect("a region"))
        };
        let here = scope("123456789012", "us-east-1");
        let id = derived(&here, "vpc", "default");
        assert!(is_well_formed("vpc", &id), "{id}");
        assert_eq!(derived(&here, "vpc", "default"), id);
        assert_ne!(derived(&scope("123456789013", "us-east-1"), "vpc", "default"), id);
        assert_ne!(derived(&scope("123456789012", "us-east-2"), "vpc", "default"), id);
    }
}
