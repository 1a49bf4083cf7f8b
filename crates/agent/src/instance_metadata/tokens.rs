//! Session tokens: a time to end, and a seal over it that this agent alone can make.
//!
//! Nothing is remembered of a token, so nobody can fill the memory with them. An agent that starts anew has another
//! key: clients ask for another token when theirs is refused.

use std::time::Duration;

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use tokio::time::Instant;

/// AWS: between a second and six hours.
const SHORTEST: u64 = 1;
const LONGEST: u64 = 21_600;

/// Milliseconds, before the seal.
const END: usize = 8;

pub(super) struct Tokens {
    key: hmac::Key,
    /// What the ends of tokens are counted from.
    since: Instant,
}

impl Tokens {
    pub(super) fn new() -> anyhow::Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| anyhow!("the operating system gives no randomness"))?;
        Ok(Self { key, since: Instant::now() })
    }

    /// A token for so many seconds, as the header says them; `None` for what is no such number.
    pub(super) fn issue(&self, seconds: &str) -> Option<(u64, String)> {
        let seconds: u64 = seconds.trim().parse().ok()?;
        if !(SHORTEST..=LONGEST).contains(&seconds) {
            return None;
        }
        let end = self.since.elapsed() + Duration::from_secs(seconds);
        let end = u64::try_from(end.as_millis()).ok()?.to_be_bytes();
        let seal = hmac::sign(&self.key, &end);
        Some((seconds, URL_SAFE_NO_PAD.encode([&end, seal.as_ref()].concat())))
    }

    /// For how long it is good still; `None` for one that is over, or not of this agent.
    pub(super) fn left(&self, token: &str) -> Option<Duration> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok()?;
        let (end, seal) = bytes.split_at_checked(END)?;
        hmac::verify(&self.key, end, seal).ok()?;
        let end = u64::from_be_bytes(end.try_into().ok()?);
        let left = Duration::from_millis(end).checked_sub(self.since.elapsed())?;
        Some(left).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_good_for_its_time_and_where_it_was_made() {
        let (ours, theirs) = (Tokens::new().unwrap(), Tokens::new().unwrap());
        let (seconds, token) = ours.issue("60").expect("a minute is allowed");
        assert_eq!((seconds, ours.left(&token)), (60, Some(Duration::from_secs(60))));
        assert_eq!(theirs.left(&token), None);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(ours.left(&token), Some(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(ours.left(&token), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_changed_is_no_token() {
        let tokens = Tokens::new().unwrap();
        let (_, token) = tokens.issue("1").unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        bytes[0] ^= 1;
        for wrong in [&URL_SAFE_NO_PAD.encode(&bytes), &token[1..], "", "AAAA", "no base 64!"] {
            assert_eq!(tokens.left(wrong), None, "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_is_a_number_of_seconds_up_to_six_hours() {
        let tokens = Tokens::new().unwrap();
        for wrong in ["", "0", "21601", "-1", "1.5", "ten", "99999999999999999999"] {
            assert_eq!(tokens.issue(wrong), None, "{wrong}");
        }
        assert!(tokens.issue("1").is_some() && tokens.issue("21600").is_some());
    }
}
