//! How well one wire works.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::dice::Dice;

/// The state of the wire between one place and the control plane. The default is a good one.
#[derive(Clone, Debug, PartialEq)]
pub struct Weather {
    /// How long one message takes one way.
    pub latency: RangeInclusive<Duration>,
    /// How likely a request, an answer or a frame gets lost.
    pub loss: f64,
    /// How likely a request or a frame arrives twice.
    pub duplication: f64,
    /// How likely a frame is held up and overtaken by later ones.
    pub reordering: f64,
    /// Nothing gets from the place to the control plane.
    pub up_blocked: bool,
    /// Nothing gets from the control plane to the place.
    pub down_blocked: bool,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Towards the control plane.
    Up,
    Down,
}

/// How long a frame that is held up may take.
const DETOUR: RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_secs(5);

/// What becomes of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// How long it takes, once for each time that it arrives: never, once or twice.
    pub(super) arrivals: Vec<Duration>,
    /// It may be overtaken.
    pub(super) strays: bool,
}

impl Default for Weather {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(1)..=Duration::from_millis(8),
            loss: 0.0,
            duplication: 0.0,
            reordering: 0.0,
            up_blocked: false,
            down_blocked: false,
        }
    }
}

impl Weather {
    pub fn blocks(&self, way: Way) -> bool {
        match way {
            Way::Up => self.up_blocked,
            Way::Down => self.down_blocked,
        }
    }

    /// Seen from the other end.
    pub(super) fn turned(self) -> Self {
        Self { up_blocked: self.down_blocked, down_blocked: self.up_blocked, ..self }
    }

    /// Of a way that has both: the worse of the two.
    pub(super) fn and(self, other: &Self) -> Self {
        let longest = |one: &RangeInclusive<Duration>, other: &RangeInclusive<Duration>| {
            *one.start().max(other.start())..=*one.end().max(other.end())
        };
        Self {
            latency: longest(&self.latency, &other.latency),
            loss: self.loss.max(other.loss),
            duplication: self.duplication.max(other.duplication),
            reordering: self.reordering.max(other.reordering),
            up_blocked: self.up_blocked || other.up_blocked,
            down_blocked: self.down_blocked || other.down_blocked,
        }
    }

    pub(super) fn fate(&self, dice: &mut Dice) -> Fate {
        let strays = dice.chance(self.reordering);
        let mut arrival = || {
            let detour = if strays { dice.duration(&DETOUR) } else { Duration::ZERO };
            dice.duration(&self.latency) + detour
        };
        let (first, second) = (arrival(), arrival());
        let arrivals = match (dice.chance(self.loss), dice.chance(self.duplication)) {
            (true, _) => vec![],
            (false, false) => vec![first],
            (false, true) => vec![first, second],
        };
        Fate { arrivals, strays }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(weather: &Weather) -> Vec<Fate> {
        let mut dice = Dice::new(1);
        (0..200).map(|_| weather.fate(&mut dice)).collect()
    }

    #[test]
    fn fair_weather_loses_and_doubles_nothing() {
        let is_plain = |fate: &Fate| fate.arrivals.len() == 1 && !fate.strays;
        assert!(fates(&Weather::default()).iter().all(is_plain));
    }

    #[test]
    fn a_storm_does_everything() {
        let storm = Weather { loss: 0.3, duplication: 0.3, reordering: 0.3, ..Weather::default() };
        let fates = fates(&storm);
        for arrivals in 0..=2 {
            assert!(fates.iter().any(|fate| fate.arrivals.len() == arrivals), "{arrivals}");
        }
        assert!(fates.iter().any(|fate| fate.strays));
    }
}
