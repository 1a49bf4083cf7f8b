//! Who gets the next request or flow.
//!
//! Whoever was there before goes there again if that target may still get something; flows go by their hash; everything else by the
//! group's algorithm.

use std::sync::atomic::Ordering;

use berth_proxy_protocol::Algorithm;
use tokio::time::Instant;

use super::Group;
use super::anomaly::{self, WHOLE};
use super::choice::{Choice, Choices, Share};
use super::target::{Picked, TargetIdentity};

/// Of how many targets the least busy one is looked for, among very many: more would cost more than they are better.
const COMPARED: usize = 64;

/// What is asked of a group.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The target that this client got before, if it is to keep it.
    pub sticky: Option<TargetIdentity>,
    /// The same for what must come to the same target, in place of an algorithm.
    pub flow_hash: Option<u64>,
    /// Targets that were tried already.
    pub except: &'a [TargetIdentity],
    /// Any number, another one each time.
    pub chance: u64,
    pub now: Instant,
}

impl Group {
    /// None if nobody may get it.
    pub fn pick(&self, wanted: &Wanted<'_>) -> Option<Picked> {
        let choices = self.choices.load();
        self.judge(&choices, wanted.now);
        let choice = choices.choice();
        let share =
            choice.kept(wanted).or_else(|| match (wanted.flow_hash, choices.algorithm) {
                (Some(hash), _) => choice.by_hash(hash, wanted),
                (None, Algorithm::RoundRobin) => choice.round_robin(wanted),
                (None, Algorithm::LeastOutstandingRequests) => choice.least_outstanding(wanted),
                (None, Algorithm::WeightedRandom) => choice.weighted_random(wanted),
            })?;
        Some(Picked::new(share.target.clone()))
    }

    fn judge(&self, choices: &Choices, now: Instant) {
        let Some(mitigates) = choices.mitigates_anomalies else {
            return;
        };
        // Enough for half a billion years.
        let at = now.saturating_duration_since(self.began_at).as_millis() as u64;
        let due = self.judged_at.load(Ordering::Relaxed);
        if at >= due
            && self
                .judged_at
                .compare_exchange(
                    due,
                    at + anomaly::WINDOW_MS,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
        {
            let mitigates = mitigates && choices.algorithm == Algorithm::WeightedRandom;
            anomaly::judge(choices.everywhere().shares.iter().map(|s| &s.target), mitigates);
        }
    }
}

impl Choice {
    fn kept(&self, wanted: &Wanted<'_>) -> Option<&Share> {
        let sticky = wanted.sticky.filter(|sticky| !wanted.except.contains(sticky))?;
        let position = self.identities.iter().position(|known| *known == sticky)?;
        self.shares.get(position)
    }

    /// The target whose identity makes most of this hash: if one comes or goes, only its own flows move.
    fn by_hash(&self, hash: u64, wanted: &Wanted<'_>) -> Option<&Share> {
        let (position, _) = self
            .identities
            .iter()
            .enumerate()
            .filter(|(_, identity)| !wanted.except.contains(identity))
            .max_by_key(|(_, identity)| mix(identity.as_u64() ^ hash))?;
        self.shares.get(position)
    }

    fn round_robin(&self, wanted: &Wanted<'_>) -> Option<&Share> {
        let ramps = self.ramps_end_at.is_some_and(|end| wanted.now < end);
        let mut lot = Lot(wanted.chance);
        for _ in 0..self.shares.len() {
            let turn = self.cursor.fetch_add(1, Ordering::Relaxed);
            let share = &self.shares[turn % self.shares.len()];
            let takes = !ramps || share.ramp.is_none_or(|ramp| ramp.takes(wanted.now, &mut lot));
            if takes && share.is_wanted(wanted) {
                return Some(share);
            }
        }
        // Others turned the cursor too, or all targets are at the beginning of their ramps.
        let warmth = |share: &&Share| share.ramp.map_or(u64::MAX, |ramp| ramp.share(wanted.now));
        self.wanted(wanted).max_by_key(warmth)
    }

    fn least_outstanding(&self, wanted: &Wanted<'_>) -> Option<&Share> {
        let start = Lot(wanted.chance).below(self.shares.len() as u64) as usize;
        let (after, before) = (self.shares.get(start..)?, &self.shares[..start]);
        let mut best: Option<(&Share, u32)> = None;
        let compared = after.iter().chain(before).filter(|share| share.is_wanted(wanted));
        for share in compared.take(COMPARED) {
            let outstanding = share.target.outstanding();
            if outstanding == 0 {
                return Some(share);
            }
            if best.is_none_or(|(_, least)| outstanding < least) {
                best = Some((share, outstanding));
            }
        }
        best.map(|(share, _)| share)
    }

    fn weighted_random(&self, wanted: &Wanted<'_>) -> Option<&Share> {
        let mut lot = Lot(wanted.chance);
        // Each try succeeds with the mean of the weights, which is never small: most targets are like most targets.
        for _ in 0..16 {
            let share = self.shares.get(lot.below(self.shares.len() as u64) as usize)?;
            if lot.below(u64::from(WHOLE)) < u64::from(share.target.conduct.weight())
                && share.is_wanted(wanted)
            {
                return Some(share);
            }
        }
        self.wanted(wanted).max_by_key(|share| share.target.conduct.weight())
    }

    fn wanted(&self, wanted: &Wanted<'_>) -> impl Iterator<Item = &Share> {
        self.shares.iter().filter(|share| share.is_wanted(wanted))
    }
}

impl Share {
    fn is_wanted(&self, wanted: &Wanted<'_>) -> bool {
        !wanted.except.contains(&self.target.identity())
    }
}

/// Numbers drawn from the one that came in.
pub(super) struct Lot(u64);

impl Lot {
    /// From zero to one less than this; zero if there is nothing to draw from.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = mix(self.0);
        // The upper half of a product of two 64 bit numbers is less than either.
        ((u128::from(self.0) * u128::from(end)) >> 64) as u64
    }
}

/// splitmix64: every bit of the outcome depends on every bit of what came in.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
