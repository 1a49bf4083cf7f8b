//! Every instance of a fleet as a request sees it: what rules it out, or how it ranks. For people who ask why.

use std::cmp::Reverse;

use berth_model::ContainerInstanceId;

use crate::explanation::Standings;
use crate::fit::refusal;
use crate::fleet::Fleet;
use crate::plan::Refusal;
use crate::rank::FullKey;
use crate::request::Request;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub instance: ContainerInstanceId,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It could take the next task, and stands so by each strategy up to a lot.
    Fits(Standings),
    RuledOut(Refusal),
}

/// The best first; then those ruled out, the most fleeting causes before the most lasting: who is nearest to fit.
pub fn candidates(fleet: &mut Fleet, request: &Request) -> Vec<Candidate> {
    let (board, ground) = fleet.board(request);
    let mut fitting = Vec::new();
    let mut ruled_out = Vec::new();
    for (index, instance) in ground.instances.iter().enumerate() {
        match (board.rank_of(index, ground), board.obstacle_of(index)) {
            (Some(rank), _) => fitting.push((rank, index)),
            (None, Some(reason)) => {
                let verdict = Verdict::RuledOut(refusal(instance, request, reason));
                ruled_out.push((reason, Candidate { instance: instance.id, verdict }));
            }
            (None, None) => unreachable!("what nothing rules out has a rank"),
        }
    }
    fitting.sort_by_key(|(rank, _)| *rank);
    // Stable: those with one cause stay in the order of their ids.
    ruled_out.sort_by_key(|(reason, _)| Reverse(*reason));
    // All words but the last, which tells apart what a strategy does not.
    let equal =
        |(a, _): &(FullKey, usize), (b, _): &(FullKey, usize)| a[..a.len() - 1] == b[..b.len() - 1];
    let mut candidates = Vec::with_capacity(ground.instances.len());
    for equals in fitting.chunk_by(equal) {
        candidates.extend(equals.iter().map(|&(_, index)| Candidate {
            instance: ground.instances[index].id,
            verdict: Verdict::Fits(board.standings(index, equals.len() as u32, ground)),
        }));
    }
    candidates.extend(ruled_out.into_iter().map(|(_, candidate)| candidate));
    candidates
}
