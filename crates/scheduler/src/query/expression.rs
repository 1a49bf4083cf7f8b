//! What a parsed expression can be, and its one canonical spelling.
//!
//! Two expressions that differ in spacing, quotes or the spelling of operators render alike, so the
//! rendering serves as a key: expressions are equal if it is.

use std::cmp::Ordering;
use std::fmt;

use berth_model::Timestamp;

use super::pattern::Pattern;
use super::version::Version;

/// A parsed expression. `Display` gives its canonical spelling, by which it also compares.
#[derive(Debug, Clone)]
pub struct Expression {
    pub(super) root: Node,
    canonical: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Two or more.
    All(Vec<Node>),
    /// Two or more.
    Any(Vec<Node>),
    /// Never of another `Not`.
    Not(Box<Node>),
    Test(Test),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    pub(super) subject: Subject,
    pub(super) condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    AgentConnected,
    AgentVersion,
    Attribute(String),
    Ec2InstanceId,
    RegisteredAt,
    RunningTasksCount,
    TaskGroup,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Exists,
    Text(Relation, String),
    OneOf(Vec<String>),
    Matches(Pattern),
    Version(Relation, Version),
    Instant(Relation, Timestamp),
    Count(Relation, u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Relation {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Relation::Equal => ordering.is_eq(),
            Relation::Greater => ordering.is_gt(),
            Relation::GreaterOrEqual => ordering.is_ge(),
            Relation::Less => ordering.is_lt(),
            Relation::LessOrEqual => ordering.is_le(),
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Relation::Equal => "==",
            Relation::Greater => ">",
            Relation::GreaterOrEqual => ">=",
            Relation::Less => "<",
            Relation::LessOrEqual => "<=",
        }
    }
}

impl Expression {
    pub(super) fn new(root: Node) -> Self {
        let canonical = root.to_string();
        Expression { root, canonical }
    }

    /// Whether it asks only for what an instance is, so that neither tasks nor the agent's connection, which come
    /// and go, change the answer.
    pub fn is_standing(&self) -> bool {
        self.root.is_standing()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Expression {}

impl PartialOrd for Expression {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Expression {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl Node {
    fn is_standing(&self) -> bool {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().all(Node::is_standing),
            Node::Not(node) => node.is_standing(),
            Node::Test(test) => match test.subject {
                Subject::Attribute(_)
                | Subject::AgentVersion
                | Subject::Ec2InstanceId
                | Subject::RegisteredAt => true,
                Subject::AgentConnected | Subject::RunningTasksCount | Subject::TaskGroup => false,
            },
        }
    }

    /// The opposite, without piling up negations.
    pub(super) fn negated(self) -> Node {
        match self {
            Node::Not(node) => *node,
            node => Node::Not(Box::new(node)),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::All(nodes) => write_joined(f, nodes, " and "),
            Node::Any(nodes) => write_joined(f, nodes, " or "),
            Node::Not(node) => match &**node {
                Node::Test(test) if test.has_negated_operator() => test.write(f, true),
                node => write!(f, "not({node})"),
            },
            Node::Test(test) => test.write(f, false),
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, nodes: &[Node], word: &str) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match node {
            Node::All(_) | Node::Any(_) => write!(f, "({node})")?,
            Node::Not(_) | Node::Test(_) => write!(f, "{node}")?,
        }
    }
    Ok(())
}

impl Test {
    fn has_negated_operator(&self) -> bool {
        match &self.condition {
            Condition::Exists | Condition::OneOf(_) | Condition::Matches(_) => true,
            Condition::Text(relation, _)
            | Condition::Version(relation, _)
            | Condition::Instant(relation, _)
            | Condition::Count(relation, _) => *relation == Relation::Equal,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, negated: bool) -> fmt::Result {
        let symbol = |relation: Relation| if negated { "!=" } else { relation.symbol() };
        let not = if negated { "!" } else { "" };
        write!(f, "{} ", self.subject)?;
        match &self.condition {
            Condition::Exists => write!(f, "{not}exists"),
            Condition::Text(relation, value) => {
                write!(f, "{} {}", symbol(*relation), Literal(value))
            }
            Condition::OneOf(values) => {
                write!(f, "{not}in [")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if index > 0 { ", " } else { "" }, Literal(value))?;
                }
                f.write_str("]")
            }
            Condition::Matches(pattern) => {
                write!(f, "{} {}", if negated { "!~" } else { "=~" }, Literal(pattern.source()))
            }
            Condition::Version(relation, version) => write!(f, "{} {version}", symbol(*relation)),
            Condition::Instant(relation, instant) => write!(f, "{} {instant}", symbol(*relation)),
            Condition::Count(relation, count) => write!(f, "{} {count}", symbol(*relation)),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::AgentConnected => f.write_str("agentConnected"),
            Subject::AgentVersion => f.write_str("agentVersion"),
            Subject::Attribute(name) => write!(f, "attribute:{name}"),
            Subject::Ec2InstanceId => f.write_str("ec2InstanceId"),
            Subject::RegisteredAt => f.write_str("registeredAt"),
            Subject::RunningTasksCount => f.write_str("runningTasksCount"),
            Subject::TaskGroup => f.write_str("task:group"),
        }
    }
}

/// A value as it must be written: bare where that is safe, in quotes otherwise.
struct Literal<'a>(&'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |c: char| c.is_ascii_alphanumeric() || "-_.:/@*+^$?".contains(c);
        if !self.0.is_empty() && self.0.chars().all(bare) {
            return f.write_str(self.0);
        }
        f.write_str("'")?;
        for c in self.0.chars() {
            if matches!(c, '\'' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        f.write_str("'")
    }
}
