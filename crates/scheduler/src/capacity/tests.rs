use proptest::prelude::*;

use super::*;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Items `(base, weight, running)`, called a, b, c.
fn items(given: &[(u32, u32, u32)]) -> Vec<StrategyItem<'static>> {
    let item = |(&provider, &(base, weight, running)): (&&'static str, &(u32, u32, u32))| {
        StrategyItem { provider, base, weight, running }
    };
    NAMES.iter().zip(given).map(item).collect()
}

fn counts(given: &[(u32, u32, u32)], count: u32) -> Vec<u32> {
    split(&items(given), count).into_iter().map(|(_, count)| count).collect()
}

#[test]
fn the_examples_of_the_developer_guide() {
    assert_eq!(counts(&[(0, 1, 0), (0, 1, 0)], 10), [5, 5]);
    assert_eq!(counts(&[(0, 1, 0), (0, 4, 0)], 10), [2, 8]);
    assert_eq!(counts(&[(3, 1, 0), (0, 1, 0)], 9), [6, 3], "a base of three, then evenly");
}

#[test]
fn a_base_comes_before_every_weight() {
    assert_eq!(counts(&[(0, 9, 0), (4, 1, 0)], 3), [0, 3]);
    assert_eq!(counts(&[(0, 9, 0), (4, 1, 3)], 3), [2, 1]);
    assert_eq!(counts(&[(2, 0, 0), (0, 1, 0)], 6), [2, 4], "a base needs no weight");
}

#[test]
fn what_runs_already_is_made_up_for() {
    assert_eq!(counts(&[(0, 1, 6), (0, 1, 0)], 4), [0, 4]);
    assert_eq!(counts(&[(0, 1, 6), (0, 1, 0)], 8), [1, 7]);
}

#[test]
fn a_single_provider_takes_everything() {
    assert_eq!(counts(&[(0, 0, 3)], 7), [7]);
    assert_eq!(counts(&[(2, 5, 0)], 7), [7]);
}

#[test]
fn weights_that_are_all_zero_take_nothing_beyond_the_base() {
    assert_eq!(counts(&[(0, 0, 0), (2, 0, 0)], 5), [0, 2]);
    assert_eq!(counts(&[], 5), [0_u32; 0]);
}

fn strategies() -> impl Strategy<Value = Vec<(u32, u32, u32)>> {
    let item = (0..6_u32, prop_oneof![0..4_u32, 0..1001_u32], 0..20_u32);
    proptest::collection::vec(item, 1..5)
}

proptest! {
    /// A service that grows task by task stands where one that started at once does.
    #[test]
    fn in_two_steps_is_all_at_once(given in strategies(), first in 0..40_u32, second in 0..40_u32) {
        let once = counts(&given, first + second);
        let before = counts(&given, first);
        let grown: Vec<_> =
            given.iter().zip(&before).map(|(&(b, w, running), more)| (b, w, running + more)).collect();
        let after = counts(&grown, second);
        let both: Vec<u32> = before.iter().zip(&after).map(|(first, second)| first + second).collect();
        prop_assert_eq!(both, once);
    }

    #[test]
    fn every_task_goes_somewhere_if_anybody_may_take_it(given in strategies(), count in 0..80_u32) {
        let split = counts(&given, count);
        let missing: u32 = given.iter().map(|&(base, _, running)| base.saturating_sub(running)).sum();
        let somebody = given.len() == 1 || given.iter().any(|&(_, weight, _)| weight > 0);
        let expected = if somebody { count } else { count.min(missing) };
        prop_assert_eq!(split.iter().sum::<u32>(), expected);
    }

    #[test]
    fn bases_are_met_first_and_weight_zero_gets_no_more(given in strategies(), count in 0..80_u32) {
        let split = counts(&given, count);
        let missing = |&(base, _, running): &(u32, u32, u32)| base.saturating_sub(running);
        let all_met = given.iter().zip(&split).all(|(item, &got)| got >= missing(item));
        let beyond = given.iter().zip(&split).any(|(item, &got)| got > missing(item));
        prop_assert!(all_met || !beyond, "{:?} {:?}", given, split);
        if given.len() > 1 {
            for (item, got) in given.iter().zip(split) {
                prop_assert!(item.1 > 0 || got <= missing(item));
            }
        }
    }

    /// From nothing, and without a base, whole multiples of the weights are met exactly.
    #[test]
    fn whole_rounds_are_exact(weights in proptest::collection::vec(0..9_u32, 2..5), rounds in 1..5_u32) {
        let given: Vec<_> = weights.iter().map(|&weight| (0, weight, 0)).collect();
        let expected: Vec<u32> = weights.iter().map(|weight| weight * rounds).collect();
        prop_assert_eq!(counts(&given, expected.iter().sum()), expected);
    }

    /// Of two providers, neither is ever a whole task away from its share.
    #[test]
    fn two_providers_are_never_a_task_off(a in 1..1001_u32, b in 1..1001_u32, count in 0..300_u32) {
        let split = counts(&[(0, a, 0), (0, b, 0)], count);
        let share = f64::from(count) * f64::from(a) / f64::from(a + b);
        prop_assert!((f64::from(split[0]) - share).abs() < 1.0, "{:?} {}", split, share);
    }
}
