//! How much one request may name: a bound on the work that is done before anybody has said yes.
//!
//! Whoever is to be judged is asked about everything that the request names, and models do not limit all lists. What
//! is beyond this bound is refused before it is looked at, whoever sends it. Start with [`check`].

use std::fmt;

use berth_aws_api::{Structure, View};

/// AWS: the largest requests are task definitions, which have 64 KiB; no call may name more than 100 resources.
const MOST: usize = 4096;

/// A request has more entries than any that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The lists and maps of a request can have at most {MOST} entries in all.")
    }
}

/// Counts the entries of all lists and maps, and stops when there are too many.
pub fn check(input: &dyn Structure) -> Result<(), TooMany> {
    let mut left = MOST;
    members(input, &mut left)
}

fn members(structure: &dyn Structure, left: &mut usize) -> Result<(), TooMany> {
    let mut present = (0..structure.shape().members().len()).filter_map(|at| structure.get(at));
    present.try_for_each(|member| entries(member, left))
}

fn entries(view: View<'_>, left: &mut usize) -> Result<(), TooMany> {
    match view {
        View::List(list) => {
            take(list.len(), left)?;
            (0..list.len()).try_for_each(|at| entries(list.get(at), left))
        }
        View::Map(map) => {
            take(map.len(), left)?;
            map.entries().try_for_each(|(_, value)| entries(value, left))
        }
        View::Structure(structure) => members(structure, left),
        _ => Ok(()),
    }
}

fn take(count: usize, left: &mut usize) -> Result<(), TooMany> {
    *left = left.checked_sub(count).ok_or(TooMany)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use berth_aws_api::fixture as api;

    use super::*;

    #[test]
    fn all_lists_and_maps_count_however_deep() {
        let names = |count: usize| Some(vec![String::new(); count]);
        let input = |strings: usize, details: usize| api::EverythingRequest {
            strings: names(strings),
            matrix: Some(vec![vec![0; 90]; 10]),
            attributes: Some((0..100).map(|n| (n.to_string(), String::new())).collect()),
            details_list: Some(vec![api::Details::default(); details]),
            ..Default::default()
        };
        assert_eq!(check(&input(MOST - 1110, 100)), Ok(()));
        assert_eq!(check(&input(MOST - 1109, 100)), Err(TooMany));
        assert_eq!(check(&input(0, MOST)), Err(TooMany));
    }
}
