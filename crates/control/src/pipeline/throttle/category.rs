//! Which calls share a bucket, and how much larger than AWS's the buckets are.

use std::fmt;
use std::str::FromStr;

use super::Rate;

/// Calls of one service that share a bucket, as AWS has them.
#[derive(Clone, Copy, Debug)]
pub struct Category {
    /// In AWS's words, such as `Cluster modify actions`.
    pub name: &'static str,
    pub rate: Rate,
    /// Names of operations, and the actions of sockets and paths of ours.
    pub actions: &'static [&'static str],
}

impl Category {
    pub const fn new(
        name: &'static str,
        (burst, per_second): (u32, u32),
        actions: &'static [&'static str],
    ) -> Self {
        Category { name, rate: Rate::new(burst, per_second), actions }
    }
}

/// What becomes of AWS's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimits {
    /// Everybody may call as often as they like.
    Off,
    /// So many times as often as with AWS.
    Times(u32),
}

impl RateLimits {
    /// What AWS allows.
    pub const AWS: RateLimits = RateLimits::Times(1);
    /// What no honest client needs: 8,000 times RunTask a second, in the long run.
    pub const GENEROUS: RateLimits = RateLimits::Times(200);
}

/// `off`, `aws` or `200x`.
impl FromStr for RateLimits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(RateLimits::Off),
            "aws" => Ok(RateLimits::AWS),
            _ => match text.strip_suffix('x').and_then(|factor| factor.parse().ok()) {
                Some(factor @ 1..) => Ok(RateLimits::Times(factor)),
                _ => Err(format!("`{text}` is no rate limit: `off`, `aws` or `200x` expected")),
            },
        }
    }
}

impl fmt::Display for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RateLimits::Off => f.write_str("off"),
            &RateLimits::AWS => f.write_str("aws"),
            RateLimits::Times(factor) => write!(f, "{factor}x"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_are_told() {
        for text in ["off", "aws", "200x"] {
            assert_eq!(text.parse::<RateLimits>().unwrap().to_string(), text);
        }
        assert_eq!("1x".parse(), Ok(RateLimits::AWS));
        for wrong in ["", "x", "0x", "-1x", "200", "on", "1.5x"] {
            assert!(wrong.parse::<RateLimits>().is_err(), "{wrong}");
        }
    }
}
