//! All instances of a fleet as one kind of request sees them: who fits, and who is best.
//!
//! Instances that agree in every attribute that is spread over form a *class*: the counts of their values are the
//! same for all of them at any time. So within a class instances compare by what is their own, in a
//! [`Tournament`] that only changes where a task lands; and between classes only the best of each compare, in
//! one more tournament. A task changes the count of its class's values and so, beside its own class, only those that
//! share a value with it: none, where a single attribute is spread over.
//!
//! A board is made by looking at every instance, and then kept true by looking at those that changed. It knows the
//! tasks that the running placement has put somewhere, and forgets them with [`Board::withdraw`].

mod class_numbers;
pub(crate) mod tournament;

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_model::{ContainerInstanceId, CpuUnits, MemoryMib};
use smallvec::SmallVec;

use crate::explanation::{Standing, Standings};
use crate::fit::{self, Here, Needs};
use crate::fleet::figures::Figures;
use crate::fleet::survey::{Question, Survey};
use crate::instance::Instance;
use crate::plan::Reason;
use crate::query::Expression;
use crate::rank::{self, FullKey, Order, Stand, draw};
use crate::request::{Constraint, Request};
use crate::strategy::{BinpackField, SpreadField, Strategy};
use class_numbers::ClassNumbers;
use tournament::Tournament;

/// What a board looks at: the fleet's instances, by their ids, and their figures.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) instances: &'a [Arc<Instance>],
    pub(crate) ids: &'a [ContainerInstanceId],
    pub(crate) figures: &'a [Figures],
}

#[derive(Debug, Clone)]
pub(crate) struct Board {
    /// The request that it was made for. Others that differ in count and seed alone find it, too.
    request: Request,
    needs: Needs,
    order: Order,
    changing: Vec<Arc<Expression>>,
    group_matters: bool,
    rows: Vec<Row>,
    classes: Vec<Class>,
    /// The best of each class.
    top: Tournament<FullKey>,
    spreads: Vec<Spread>,
    tally: [u32; Reason::COUNT],
    /// Where the running placement has put tasks, one for each, and what ruled the instance out before it.
    accepted: Vec<(u32, Option<Reason>)>,
}

/// One instance.
#[derive(Debug, Clone, Copy)]
struct Row {
    class: u32,
    /// In the class.
    place: u32,
    here: Here,
    /// Tasks that the running placement has put here.
    placed: u32,
    /// What it is does not suit the request.
    unsuited: Option<Reason>,
    obstacle: Option<Reason>,
}

#[derive(Debug, Clone)]
struct Class {
    /// Of each attribute that is spread over, by the survey's numbers.
    values: SmallVec<[u32; 2]>,
    /// Indexes of instances, in their order.
    members: Vec<u32>,
    best: Tournament<u128>,
}

/// An attribute that is spread over: by value, the tasks of the group and the classes.
#[derive(Debug, Clone, Default)]
struct Spread {
    tasks: Vec<u32>,
    classes: Vec<Vec<u32>>,
}

impl Board {
    pub(crate) fn new(request: &Request, ground: Ground<'_>, survey: &mut Survey) -> Self {
        let order = Order::new(&request.strategies);
        let (questions, reasons): (Vec<Question>, Vec<Reason>) =
            fit::questions(request).into_iter().unzip();
        survey.prepare(ground.instances, &questions, &order.attributes);
        let changing: Vec<_> = fit::changing(request).cloned().collect();
        let mut board = Board {
            needs: Needs::of(request),
            group_matters: order.counts_tasks()
                || !changing.is_empty()
                || request.constraints.contains(&Constraint::DistinctInstance),
            changing,
            spreads: vec![Spread::default(); order.attributes.len()],
            order,
            request: request.clone(),
            rows: Vec::with_capacity(ground.instances.len()),
            classes: Vec::new(),
            top: Tournament::new([].into_iter(), false),
            tally: [0; Reason::COUNT],
            accepted: Vec::new(),
        };
        board.classify(ground, survey);
        let answers: Vec<_> = questions.iter().map(|it| survey.answers(it)).collect();
        for index in 0..ground.instances.len() {
            let mut asked = answers.iter().zip(&reasons);
            let unsuited =
                asked.find(|(answers, _)| !answers.get(index)).map(|(_, reason)| *reason);
            let here = board.look(index, ground);
            board.count(index, 0, here.group_tasks);
            let row = &mut board.rows[index];
            (row.unsuited, row.here) = (unsuited, here);
            let obstacle = board.obstacle(index, ground);
            board.rows[index].obstacle = obstacle;
            if let Some(reason) = obstacle {
                board.tally[reason as usize] += 1;
            }
        }
        for class in 0..board.classes.len() {
            let members = board.classes[class].members.iter();
            let keys = members.map(|&index| board.own_key(index as usize, ground));
            let keys = keys.collect::<Vec<_>>().into_iter();
            board.classes[class].best = Tournament::new(keys, board.order.by_lot);
        }
        let nobody = vec![None; board.classes.len()].into_iter();
        board.top = Tournament::new(nobody, board.order.by_lot);
        for class in 0..board.classes.len() {
            board.lift(class);
        }
        board
    }

    /// Puts every instance into its class; classes are in the order of their first instances.
    fn classify(&mut self, ground: Ground<'_>, survey: &Survey) {
        let columns: Vec<_> =
            self.order.attributes.iter().map(|name| survey.values(name)).collect();
        let mut numbers = ClassNumbers::new(&columns);
        for index in 0..ground.instances.len() {
            let class = numbers.of(&columns, index, self.classes.len() as u32);
            if class as usize == self.classes.len() {
                let values = columns.iter().map(|column| column.of(index)).collect();
                let best = Tournament::new([].into_iter(), false);
                self.classes.push(Class { values, members: Vec::new(), best });
            }
            let members = &mut self.classes[class as usize].members;
            let place = members.len() as u32;
            members.push(index as u32);
            let (here, unsuited, obstacle) = (Here::default(), None, None);
            self.rows.push(Row { class, place, here, placed: 0, unsuited, obstacle });
        }
        for (at, spread) in self.spreads.iter_mut().enumerate() {
            spread.tasks = vec![0; columns[at].bound()];
            spread.classes = vec![Vec::new(); columns[at].bound()];
            for (number, class) in self.classes.iter().enumerate() {
                spread.classes[class.values[at] as usize].push(number as u32);
            }
        }
    }

    /// Whether it answers this request as well as the one that it was made for.
    pub(crate) fn serves(&self, request: &Request) -> bool {
        // Field by field, so that a new one is not forgotten.
        let Request {
            count: _,
            seed: _,
            group,
            launch_type,
            capacity_provider,
            demand,
            required_attributes,
            constraints,
            strategies,
            tasks_per_instance,
        } = &self.request;
        (!self.group_matters || *group == request.group)
            && *launch_type == request.launch_type
            && *demand == request.demand
            && *tasks_per_instance == request.tasks_per_instance
            && *capacity_provider == request.capacity_provider
            && *strategies == request.strategies
            && *constraints == request.constraints
            && *required_attributes == request.required_attributes
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many instances each cause rules out as things stand.
    pub(crate) fn ruled_out(&self) -> BTreeMap<Reason, usize> {
        let counts = Reason::ALL.into_iter().zip(self.tally);
        counts
            .filter(|&(_, count)| count > 0)
            .map(|(reason, count)| (reason, count as usize))
            .collect()
    }

    /// The best instance for another task, by its index.
    pub(crate) fn best(&self, seed: u64, round: u32) -> Option<Pick> {
        let (key, equals) = self.top.best()?;
        let index = if self.order.by_lot {
            let (class, nth) = self.top.find(draw(seed, round, equals));
            let class = &self.classes[class];
            class.members[class.best.find(nth).0]
        } else {
            rank::place(&key)
        };
        Some(Pick { index: index as usize, equals })
    }

    /// Puts a task there, until it is [withdrawn](Self::withdraw).
    pub(crate) fn accept(&mut self, index: usize, ground: Ground<'_>) {
        self.accepted.push((index as u32, self.rows[index].obstacle));
        self.rows[index].placed += 1;
        self.count(index, 0, 1);
        self.judge(index, ground);
        let (key, Row { class, place, .. }) = (self.own_key(index, ground), self.rows[index]);
        let key = key.map(|key| (key, 1));
        self.classes[class as usize].best.suppose(place as usize, key);
        self.for_all_like(index, |board, class| board.top.suppose(class, board.best_of(class)));
    }

    /// Takes all tasks back that were accepted: everything is again as it was before the first.
    pub(crate) fn withdraw(&mut self) {
        let mut accepted = std::mem::take(&mut self.accepted);
        for (index, obstacle) in accepted.drain(..).rev() {
            let index = index as usize;
            self.rows[index].placed -= 1;
            self.count(index, 1, 0);
            self.rule_out(index, obstacle);
            self.classes[self.rows[index].class as usize].best.take_back();
        }
        self.top.take_back();
        // Room that was made once is kept for the next placement.
        self.accepted = accepted;
    }

    /// Looks again at an instance whose tasks, status or figures have changed.
    pub(crate) fn refresh(&mut self, index: usize, ground: Ground<'_>) {
        let here = self.look(index, ground);
        let before = std::mem::replace(&mut self.rows[index].here, here);
        self.count(index, before.group_tasks, here.group_tasks);
        self.settle(index, ground);
        if before.group_tasks == here.group_tasks {
            self.lift(self.rows[index].class as usize);
        } else {
            self.for_all_like(index, Self::lift);
        }
    }

    /// How an instance stands, one for each strategy up to a lot.
    pub(crate) fn standings(&self, index: usize, equals: u32, ground: Ground<'_>) -> Standings {
        let (row, stand) = (&self.rows[index], self.stand(index, ground));
        let values = &self.classes[row.class as usize].values;
        let mut standings = Standings::new();
        for strategy in &self.request.strategies {
            standings.push(match strategy {
                Strategy::Random => {
                    standings.push(Standing::Drawn { equals });
                    break;
                }
                Strategy::Spread(SpreadField::Instance) => Standing::Tasks(stand.group_tasks),
                Strategy::Spread(SpreadField::Attribute(name)) => {
                    let spread = self.order.attributes.iter().zip(values).zip(&self.spreads);
                    let tasks = spread
                        .filter(|((attribute, _), _)| *attribute == name)
                        .map(|((_, &value), spread)| spread.tasks[value as usize])
                        .next();
                    Standing::Tasks(tasks.unwrap_or_default())
                }
                Strategy::Binpack(BinpackField::Cpu) => Standing::CpuLeft(CpuUnits(stand.cpu)),
                Strategy::Binpack(BinpackField::Memory) => {
                    Standing::MemoryLeft(MemoryMib(stand.memory))
                }
            });
        }
        standings
    }

    pub(crate) fn obstacle_of(&self, index: usize) -> Option<Reason> {
        self.rows[index].obstacle
    }

    /// Where it comes among those that fit; the lowest is next, unless a lot decides.
    pub(crate) fn rank_of(&self, index: usize, ground: Ground<'_>) -> Option<FullKey> {
        let own = self.own_key(index, ground)?;
        let class = &self.classes[self.rows[index].class as usize];
        Some(self.full_key(class, own))
    }

    /// Most instances are not looked at for it: their figures tell that there is nothing to find.
    fn look(&self, index: usize, ground: Ground<'_>) -> Here {
        let counts = self.group_matters && ground.figures[index].has_groups;
        if !counts && !self.needs.names_ports() {
            return Here::default();
        }
        let here = Here::of(&ground.instances[index], &self.request);
        if self.group_matters { here } else { Here { group_tasks: 0, ..here } }
    }

    fn stand(&self, index: usize, ground: Ground<'_>) -> Stand {
        let (row, figures) = (&self.rows[index], &ground.figures[index]);
        Stand {
            group_tasks: row.here.group_tasks.saturating_add(row.placed),
            cpu: self.needs.cpu_after(figures, row.placed),
            memory: self.needs.memory_after(figures, row.placed),
        }
    }

    fn obstacle(&self, index: usize, ground: Ground<'_>) -> Option<Reason> {
        let (row, figures) = (&self.rows[index], &ground.figures[index]);
        fit::out_of_service(figures)
            .or(row.unsuited)
            .or_else(|| self.contradiction(&ground.instances[index], row.placed))
            .or_else(|| self.needs.obstacle(figures, row.here, row.placed))
    }

    /// An expression that an instance does not meet, or no longer with the tasks placed there.
    fn contradiction(&self, instance: &Instance, placed: u32) -> Option<Reason> {
        if self.changing.is_empty() {
            return None;
        }
        let after = (placed > 0).then(|| instance.after(placed, &self.request));
        let instance = after.as_ref().unwrap_or(instance);
        let met = self.changing.iter().all(|expression| expression.matches(instance));
        (!met).then_some(Reason::MemberOf)
    }

    fn own_key(&self, index: usize, ground: Ground<'_>) -> Option<u128> {
        let fits = self.rows[index].obstacle.is_none();
        fits.then(|| self.order.own_key(self.stand(index, ground), index as u32))
    }

    fn full_key(&self, class: &Class, own: u128) -> FullKey {
        let tasks = |at: usize| self.spreads[at].tasks[class.values[at] as usize];
        self.order.full_key(own, tasks)
    }

    /// Counts the tasks of the group that are at an instance where they are spread over values.
    fn count(&mut self, index: usize, before: u32, after: u32) {
        let class = &self.classes[self.rows[index].class as usize];
        for (spread, &value) in self.spreads.iter_mut().zip(&class.values) {
            let tasks = &mut spread.tasks[value as usize];
            *tasks = *tasks - before + after;
        }
    }

    /// Sees anew whether an instance fits and how it stands in its class.
    fn settle(&mut self, index: usize, ground: Ground<'_>) {
        self.judge(index, ground);
        let (key, Row { class, place, .. }) = (self.own_key(index, ground), self.rows[index]);
        self.classes[class as usize].best.set(place as usize, key.map(|key| (key, 1)));
    }

    /// Sees anew whether an instance fits.
    fn judge(&mut self, index: usize, ground: Ground<'_>) {
        let obstacle = self.obstacle(index, ground);
        self.rule_out(index, obstacle);
    }

    fn rule_out(&mut self, index: usize, obstacle: Option<Reason>) {
        let before = std::mem::replace(&mut self.rows[index].obstacle, obstacle);
        if before != obstacle {
            before.into_iter().for_each(|reason| self.tally[reason as usize] -= 1);
            obstacle.into_iter().for_each(|reason| self.tally[reason as usize] += 1);
        }
    }

    /// Brings a class's best to the top.
    fn lift(&mut self, class: usize) {
        self.top.set(class, self.best_of(class));
    }

    fn best_of(&self, class: usize) -> Option<(FullKey, u32)> {
        let class = &self.classes[class];
        class.best.best().map(|(own, equals)| (self.full_key(class, own), equals))
    }

    /// For the class of an instance and every other class that shares a value with it.
    fn for_all_like(&mut self, index: usize, mut each: impl FnMut(&mut Self, usize)) {
        let own = self.rows[index].class as usize;
        if self.spreads.len() < 2 {
            return each(self, own);
        }
        for at in 0..self.spreads.len() {
            let value = self.classes[own].values[at] as usize;
            for nth in 0..self.spreads[at].classes[value].len() {
                let class = self.spreads[at].classes[value][nth] as usize;
                each(self, class);
            }
        }
    }
}

/// An instance that was chosen, and from how many that were equal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pick {
    pub(crate) index: usize,
    pub(crate) equals: u32,
}
