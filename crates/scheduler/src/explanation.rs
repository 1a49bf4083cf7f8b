//! How a plan came about, in words.

use std::collections::BTreeMap;
use std::fmt;

use berth_model::{ContainerInstanceId, CpuUnits, MemoryMib};

use smallvec::SmallVec;

use crate::plan::Reason;
use crate::strategy::{BinpackField, SpreadField, Strategy};

/// Facts, not sentences: rendering waits until somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    pub instances: usize,
    /// Before anything was placed: how many instances each cause ruled out.
    pub ruled_out: BTreeMap<Reason, usize>,
    pub strategies: Vec<Strategy>,
    pub asked: u32,
    /// One per placement, in the same order.
    pub choices: Vec<Choice>,
    /// When the first task found no place: how many instances each cause ruled out by then.
    pub exhausted: BTreeMap<Reason, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub instance: ContainerInstanceId,
    /// How the instance stood before the task came, one per strategy up to a lot.
    pub standings: Standings,
}

pub type Standings = SmallVec<[Standing; 3]>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// By lot from so many that were equal up to here.
    Drawn {
        equals: u32,
    },
    /// Tasks of the group that share the field's value; the fewest win.
    Tasks(u32),
    CpuLeft(CpuUnits),
    MemoryLeft(MemoryMib),
}

impl Explanation {
    /// How many instances could take a task at first.
    pub fn candidates(&self) -> usize {
        self.instances - self.ruled_out.values().sum::<usize>()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} instances could take a task", self.candidates(), self.instances)?;
        write_counts(f, &self.ruled_out)?;
        write!(f, ". Placed {} of {}", self.choices.len(), self.asked)?;
        for (index, strategy) in self.strategies.iter().enumerate() {
            write!(f, "{} {strategy}", if index == 0 { " by" } else { ", then" })?;
        }
        f.write_str(".")?;
        for choice in &self.choices {
            write!(f, " {}", choice.instance)?;
            for (index, (strategy, standing)) in
                self.strategies.iter().zip(&choice.standings).enumerate()
            {
                f.write_str(if index == 0 { " (" } else { ", " })?;
                write!(f, "{}", standing.in_words(strategy))?;
            }
            f.write_str(if choice.standings.is_empty() { "." } else { ")." })?;
        }
        if (self.choices.len() as u64) < u64::from(self.asked) {
            f.write_str(" For the next task there was no instance left")?;
            write_counts(f, &self.exhausted)?;
            f.write_str(".")?;
        }
        Ok(())
    }
}

fn write_counts(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<Reason, usize>) -> fmt::Result {
    for (index, (reason, count)) in counts.iter().enumerate() {
        write!(f, "{} {count} {}", if index == 0 { ":" } else { "," }, reason.in_words())?;
    }
    Ok(())
}

impl Standing {
    /// For people: how an instance stands by this strategy.
    pub fn in_words<'a>(&self, strategy: &'a Strategy) -> impl fmt::Display + use<'a> {
        let standing = *self;
        fmt::from_fn(move |f| {
            let place = match strategy {
                Strategy::Spread(SpreadField::Attribute(name)) => name.as_str(),
                Strategy::Spread(SpreadField::Instance) => "instance",
                Strategy::Binpack(BinpackField::Cpu | BinpackField::Memory) | Strategy::Random => {
                    ""
                }
            };
            match standing {
                Standing::Drawn { equals } => write!(f, "drawn by lot from {equals}"),
                Standing::Tasks(tasks) => write!(f, "{tasks} of the group in its {place}"),
                Standing::CpuLeft(cpu) => write!(f, "{cpu} CPU units left"),
                Standing::MemoryLeft(memory) => write!(f, "{memory} MiB left"),
            }
        })
    }
}
