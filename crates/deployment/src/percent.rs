//! How few tasks must serve, and how many may exist, while something changes.

/// A deployment's limits, in percent of the desired count.
///
/// AWS: the ceiling rounds down and the floor rounds up, so that one task at 100/150 percent can never
/// be replaced. We keep that, and say so in the explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub minimum_healthy_percent: u32,
    pub maximum_percent: u32,
}

impl Bounds {
    /// ECS's defaults for `REPLICA`.
    pub const REPLICA: Bounds = Bounds { minimum_healthy_percent: 100, maximum_percent: 200 };

    /// ECS's defaults for `DAEMON`, whose ceiling is fixed.
    pub const DAEMON: Bounds = Bounds { minimum_healthy_percent: 0, maximum_percent: 100 };

    /// The fewest tasks that must stay healthy.
    pub fn floor(self, desired: u32) -> u32 {
        percent_of(desired, self.minimum_healthy_percent, 99)
    }

    /// The most tasks that may be RUNNING or on their way there.
    pub fn ceiling(self, desired: u32) -> u32 {
        percent_of(desired, self.maximum_percent, 0)
    }
}

pub(crate) fn percent_of(desired: u32, percent: u32, round_up_by: u64) -> u32 {
    let hundredths = u64::from(desired) * u64::from(percent) + round_up_by;
    u32::try_from(hundredths / 100).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(minimum_healthy_percent: u32, maximum_percent: u32) -> Bounds {
        Bounds { minimum_healthy_percent, maximum_percent }
    }

    #[test]
    fn the_floor_rounds_up_and_the_ceiling_down() {
        for (desired, minimum, maximum, floor, ceiling) in [
            (4, 50, 200, 2, 8),
            (3, 50, 150, 2, 4),
            (1, 100, 150, 1, 1),
            (7, 33, 133, 3, 9),
            (0, 100, 200, 0, 0),
            (5, 0, 100, 0, 5),
            (u32::MAX, 100, 200, u32::MAX, u32::MAX),
        ] {
            let bounds = bounds(minimum, maximum);
            assert_eq!((bounds.floor(desired), bounds.ceiling(desired)), (floor, ceiling));
        }
    }
}
