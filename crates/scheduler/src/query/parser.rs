//! Parses an expression: alternatives of conjunctions of tests.

use super::error::ExpressionError;
use super::expression::{Condition, Expression, Node, Relation, Subject, Test};
use super::pattern::Pattern;
use super::scanner::Scanner;
use super::version::Version;

/// AWS: API reference, PlacementConstraint.
const LONGEST: usize = 2000;

/// Parentheses and negations inside one another. Far beyond need, well within the stack.
const DEEPEST: usize = 100;

impl Expression {
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut scanner = Scanner::new(text);
        if let Some((index, _)) = text.char_indices().nth(LONGEST) {
            return Err(
                scanner.error_at(index, format!("an expression has at most {LONGEST} characters"))
            );
        }
        let root = any(&mut scanner, DEEPEST)?;
        if !scanner.is_at_end() {
            return Err(scanner.expected("`and`, `or` or the end"));
        }
        Ok(Expression::new(root))
    }
}

impl std::str::FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Expression::parse(text)
    }
}

fn any(scanner: &mut Scanner<'_>, depth: usize) -> Result<Node, ExpressionError> {
    let mut nodes = vec![all(scanner, depth)?];
    while scanner.take("||") || scanner.take_word("or") {
        nodes.push(all(scanner, depth)?);
    }
    Ok(one_or(nodes, Node::Any))
}

fn all(scanner: &mut Scanner<'_>, depth: usize) -> Result<Node, ExpressionError> {
    let mut nodes = vec![single(scanner, depth)?];
    while scanner.take("&&") || scanner.take_word("and") {
        nodes.push(single(scanner, depth)?);
    }
    Ok(one_or(nodes, Node::All))
}

fn one_or(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        Some(last) => {
            nodes.push(last);
            several(nodes)
        }
        None => several(nodes),
    }
}

fn single(scanner: &mut Scanner<'_>, depth: usize) -> Result<Node, ExpressionError> {
    let mark = scanner.mark();
    let deeper = |scanner: &Scanner<'_>| {
        depth
            .checked_sub(1)
            .ok_or_else(|| scanner.error_at(mark, format!("nested more than {DEEPEST} deep")))
    };
    if scanner.take("!") || scanner.take_word("not") {
        let depth = deeper(scanner)?;
        return Ok(single(scanner, depth)?.negated());
    }
    if scanner.take("(") {
        let depth = deeper(scanner)?;
        let inner = any(scanner, depth)?;
        if !scanner.take(")") {
            return Err(scanner.expected("`)`"));
        }
        return Ok(inner);
    }
    test(scanner)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Relation(Relation),
    Exists,
    In,
    Matches,
}

fn test(scanner: &mut Scanner<'_>) -> Result<Node, ExpressionError> {
    let subject = subject(scanner)?;
    let mark = scanner.mark();
    let (operator, negated) = operator(scanner)?;
    if !allows(&subject, operator) {
        return Err(scanner.error_at(mark, format!("`{subject}` cannot be asked so")));
    }
    let condition = condition(scanner, &subject, operator)?;
    let test = Node::Test(Test { subject, condition });
    Ok(if negated { test.negated() } else { test })
}

fn subject(scanner: &mut Scanner<'_>) -> Result<Subject, ExpressionError> {
    let mark = scanner.mark();
    match scanner.take_name() {
        "" => Err(scanner.expected("a subject, such as `attribute:NAME`,")),
        "agentConnected" => Ok(Subject::AgentConnected),
        "agentVersion" => Ok(Subject::AgentVersion),
        "ec2InstanceId" => Ok(Subject::Ec2InstanceId),
        "registeredAt" => Ok(Subject::RegisteredAt),
        "runningTasksCount" => Ok(Subject::RunningTasksCount),
        "task:group" => Ok(Subject::TaskGroup),
        name => match name.strip_prefix("attribute:") {
            Some("") => Err(scanner.error_at(mark, "`attribute:` needs the name of an attribute")),
            Some(attribute) => Ok(Subject::Attribute(attribute.to_owned())),
            None => Err(scanner.error_at(
                mark,
                format!(
                    "`{name}` is not a subject; `attribute:NAME`, `task:group`, `agentConnected`, `agentVersion`, \
                     `ec2InstanceId`, `registeredAt` or `runningTasksCount` expected"
                ),
            )),
        },
    }
}

/// The operator, and whether it is the negation of it.
fn operator(scanner: &mut Scanner<'_>) -> Result<(Operator, bool), ExpressionError> {
    use Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    // Longer symbols before those they begin with.
    const SYMBOLS: [(&str, Operator, bool); 8] = [
        ("==", Operator::Relation(Equal), false),
        ("!=", Operator::Relation(Equal), true),
        ("=~", Operator::Matches, false),
        ("!~", Operator::Matches, true),
        (">=", Operator::Relation(GreaterOrEqual), false),
        ("<=", Operator::Relation(LessOrEqual), false),
        (">", Operator::Relation(Greater), false),
        ("<", Operator::Relation(Less), false),
    ];
    const WORDS: [(&str, Operator, bool); 14] = [
        ("equals", Operator::Relation(Equal), false),
        ("not_equals", Operator::Relation(Equal), true),
        ("greater_than", Operator::Relation(Greater), false),
        ("greater_than_equal", Operator::Relation(GreaterOrEqual), false),
        ("less_than", Operator::Relation(Less), false),
        ("less_than_equal", Operator::Relation(LessOrEqual), false),
        ("exists", Operator::Exists, false),
        ("!exists", Operator::Exists, true),
        ("not_exists", Operator::Exists, true),
        ("in", Operator::In, false),
        ("!in", Operator::In, true),
        ("not_in", Operator::In, true),
        ("matches", Operator::Matches, false),
        ("not_matches", Operator::Matches, true),
    ];
    if let Some(&(_, operator, negated)) = SYMBOLS.iter().find(|(symbol, ..)| scanner.take(symbol))
    {
        return Ok((operator, negated));
    }
    // `not in` as people say it, beside `not_in`.
    let turned = scanner.take_word("not");
    match WORDS.iter().find(|(word, ..)| scanner.take_word(word)) {
        Some(&(_, operator, negated)) => Ok((operator, negated != turned)),
        None => Err(scanner.expected("an operator, such as `==`, `in` or `=~`,")),
    }
}

/// AWS: developer guide, cluster-query-language, the valid operators of each subject.
fn allows(subject: &Subject, operator: Operator) -> bool {
    match subject {
        Subject::Attribute(_) | Subject::TaskGroup => true,
        Subject::AgentConnected | Subject::Ec2InstanceId => {
            matches!(
                operator,
                Operator::Relation(Relation::Equal) | Operator::In | Operator::Matches
            )
        }
        Subject::AgentVersion | Subject::RegisteredAt | Subject::RunningTasksCount => {
            matches!(operator, Operator::Relation(_))
        }
    }
}

fn condition(
    scanner: &mut Scanner<'_>,
    subject: &Subject,
    operator: Operator,
) -> Result<Condition, ExpressionError> {
    match operator {
        Operator::Exists => Ok(Condition::Exists),
        Operator::In => list(scanner, subject).map(Condition::OneOf),
        Operator::Matches => {
            let mark = scanner.mark();
            let source = scanner.take_value(false)?;
            let pattern = Pattern::parse(&source);
            pattern.map(Condition::Matches).map_err(|problem| {
                scanner.error_at(mark, format!("`{source}` is not a pattern: {problem}"))
            })
        }
        Operator::Relation(relation) => relate(scanner, subject, relation),
    }
}

fn relate(
    scanner: &mut Scanner<'_>,
    subject: &Subject,
    relation: Relation,
) -> Result<Condition, ExpressionError> {
    let mark = scanner.mark();
    let value = scanner.take_value(false)?;
    match subject {
        Subject::AgentVersion => Version::written(&value)
            .map(|version| Condition::Version(relation, version))
            .ok_or_else(|| {
                scanner.error_at(mark, format!("`{value}` is not a version, such as 1.14.5"))
            }),
        Subject::RegisteredAt => {
            value.parse().map(|instant| Condition::Instant(relation, instant)).map_err(
                |error: berth_model::TimestampError| scanner.error_at(mark, error.to_string()),
            )
        }
        Subject::RunningTasksCount => value
            .parse()
            .map(|count| Condition::Count(relation, count))
            .map_err(|_| scanner.error_at(mark, format!("`{value}` is not a number of tasks"))),
        Subject::AgentConnected => {
            truth(scanner, mark, value).map(|value| Condition::Text(relation, value))
        }
        Subject::Attribute(_) | Subject::TaskGroup | Subject::Ec2InstanceId => {
            Ok(Condition::Text(relation, value))
        }
    }
}

fn list(scanner: &mut Scanner<'_>, subject: &Subject) -> Result<Vec<String>, ExpressionError> {
    if !scanner.take("[") {
        return Err(scanner.expected("a list, such as `[a, b]`,"));
    }
    let mut values = Vec::new();
    loop {
        let mark = scanner.mark();
        let value = scanner.take_value(true)?;
        values.push(if *subject == Subject::AgentConnected {
            truth(scanner, mark, value)?
        } else {
            value
        });
        if scanner.take("]") {
            return Ok(values);
        }
        if !scanner.take(",") {
            return Err(scanner.expected("`,` or `]`"));
        }
    }
}

fn truth(scanner: &Scanner<'_>, mark: usize, value: String) -> Result<String, ExpressionError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok("true".to_owned()),
        "false" => Ok("false".to_owned()),
        _ => Err(scanner.error_at(mark, format!("`{value}` is neither true nor false"))),
    }
}
