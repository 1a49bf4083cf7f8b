//! What a policy is: the elements, what each may hold, and what is missing or too much.
//!
//! AWS: user guide, "Grammar of the IAM JSON policy language". Names and effects have case.

use std::collections::BTreeSet;

use super::json::{self, Json, Members};
use super::{Document, Kind, Version};
use crate::actions::Actions;
use crate::condition::{Condition, Operator};
use crate::malformed::Malformed;
use crate::principals::Principals;
use crate::resources::Resources;
use crate::statement::{Effect, Statement};

impl Document {
    /// Reads a policy, or says why it is none.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        let Members(members) = Members::parse(text)?;
        no_name_twice(members.iter().map(|(name, _)| name.as_str()))?;
        let (mut version, mut id, mut statements) = (Version::V2008_10_17, None, None);
        for (name, raw) in &members {
            match name.as_str() {
                "Version" => version = parse_version(&Json::parse(raw.get())?)?,
                "Id" => id = Some(text_of("Id", Json::parse(raw.get())?)?),
                "Statement" => statements = Some(json::one_or_many(raw)?),
                other => {
                    return Err(Malformed::syntax(format!(
                        "`{other}` is not an element of a policy"
                    )));
                }
            }
        }
        let raw = statements.filter(|statements| !statements.is_empty());
        let raw = raw.ok_or_else(|| Malformed::syntax("a policy has at least one statement"))?;
        let mut statements = Vec::with_capacity(raw.len());
        for (number, raw) in raw.into_iter().enumerate() {
            let written = Json::parse(raw.get())?;
            let mut statement =
                statement(written, kind, version).map_err(|refused| refused.within(number))?;
            statement.span = json::span(text, raw);
            statements.push(statement);
        }
        no_sid_twice(&statements)?;
        Ok(Document::new(kind, version, id, statements))
    }
}

fn parse_version(written: &Json) -> Result<Version, Malformed> {
    match written {
        Json::Text(text) if text == "2012-10-17" => Ok(Version::V2012_10_17),
        Json::Text(text) if text == "2008-10-17" => Ok(Version::V2008_10_17),
        _ => Err(Malformed::syntax("`Version` is 2012-10-17 or 2008-10-17")),
    }
}

/// What was written for each element of a statement.
#[derive(Default)]
struct Elements {
    sid: Option<Json>,
    effect: Option<Json>,
    principal: Option<(Json, bool)>,
    action: Option<(Json, bool)>,
    resource: Option<(Json, bool)>,
    condition: Option<Json>,
}

impl Elements {
    fn sort(members: Vec<(String, Json)>) -> Result<Self, Malformed> {
        no_name_twice(members.iter().map(|(name, _)| name.as_str()))?;
        let mut elements = Self::default();
        for (name, value) in members {
            let pair = match name.as_str() {
                "Sid" => {
                    elements.sid = Some(value);
                    continue;
                }
                "Effect" => {
                    elements.effect = Some(value);
                    continue;
                }
                "Condition" => {
                    elements.condition = Some(value);
                    continue;
                }
                "Principal" | "NotPrincipal" => &mut elements.principal,
                "Action" | "NotAction" => &mut elements.action,
                "Resource" | "NotResource" => &mut elements.resource,
                other => {
                    return Err(Malformed::syntax(format!(
                        "`{other}` is not an element of a statement"
                    )));
                }
            };
            if pair.replace((value, name.starts_with("Not"))).is_some() {
                let plain = name.trim_start_matches("Not");
                return Err(Malformed::syntax(format!(
                    "`{plain}` and `Not{plain}` exclude each other"
                )));
            }
        }
        Ok(elements)
    }
}

fn statement(written: Json, kind: Kind, version: Version) -> Result<Statement, Malformed> {
    let Json::Object(members) = written else {
        return Err(Malformed::syntax(format!("a statement is an object, not {}", written.what())));
    };
    let elements = Elements::sort(members)?;
    let condition = elements.condition.map(|written| conditions(written, version)).transpose()?;
    Ok(Statement {
        sid: elements.sid.map(|sid| text_of("Sid", sid)).transpose()?,
        effect: effect(elements.effect)?,
        principals: principals(elements.principal, kind)?,
        actions: actions(elements.action, kind)?,
        resources: resources(elements.resource, kind, version)?,
        conditions: condition.unwrap_or_default().into(),
        span: Default::default(),
    })
}

fn effect(written: Option<Json>) -> Result<Effect, Malformed> {
    match written {
        Some(Json::Text(text)) if text == "Allow" => Ok(Effect::Allow),
        Some(Json::Text(text)) if text == "Deny" => Ok(Effect::Deny),
        _ => Err(Malformed::syntax("`Effect` is Allow or Deny")),
    }
}

fn principals(written: Option<(Json, bool)>, kind: Kind) -> Result<Option<Principals>, Malformed> {
    let (written, negated) = match (written, kind.names_principals()) {
        (None, false) => return Ok(None),
        (None, true) => return Err(Malformed::new("Missing required field Principal")),
        (Some(_), false) => {
            return Err(Malformed::new("Policy document should not specify a principal."));
        }
        (Some(written), true) => written,
    };
    if negated && kind == Kind::Trust {
        return Err(Malformed::new("Has prohibited field NotPrincipal"));
    }
    let members = match written {
        Json::Text(text) if text == "*" => return Ok(Some(Principals::everybody(negated))),
        Json::Text(text) => return Err(Malformed::invalid_principal("AWS", &text)),
        Json::Object(members) => members,
        other => {
            let what = other.what();
            return Err(Malformed::syntax(format!(
                "`Principal` is an object or \"*\", not {what}"
            )));
        }
    };
    no_name_twice(members.iter().map(|(name, _)| name.as_str()))?;
    let mut named = Vec::new();
    for (kind, texts) in members {
        let texts = texts_of(&kind, texts)?;
        named.extend(texts.into_iter().map(|text| (kind.clone(), text)));
    }
    if named.is_empty() {
        return Err(Malformed::syntax("`Principal` names nobody"));
    }
    Principals::compile(&named, negated).map(Some)
}

fn actions(written: Option<(Json, bool)>, kind: Kind) -> Result<Actions, Malformed> {
    let missing = || Malformed::new("Policy statement must contain actions.");
    let (written, negated) = written.ok_or_else(missing)?;
    let texts = texts_of("Action", written)?;
    if texts.is_empty() {
        return Err(missing());
    }
    let about_roles = |text: &String| {
        text.split_once(':').is_some_and(|(service, name)| {
            service.eq_ignore_ascii_case("sts") && !name.is_empty() && name != "*"
        })
    };
    if kind == Kind::Trust && (negated || !texts.iter().all(about_roles)) {
        return Err(Malformed::new("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    Actions::compile(texts, negated)
}

/// AWS: some resource-based policies need not name the resource that they are attached to.
fn resources(
    written: Option<(Json, bool)>,
    kind: Kind,
    version: Version,
) -> Result<Option<Resources>, Malformed> {
    let missing = || Malformed::new("Policy statement must contain resources.");
    let (written, negated) = match (written, kind) {
        (None, Kind::Trust | Kind::Resource) => return Ok(None),
        (None, Kind::Identity) => return Err(missing()),
        (Some(_), Kind::Trust) => return Err(Malformed::new("Has prohibited field Resource")),
        (Some(written), _) => written,
    };
    let texts = texts_of("Resource", written)?;
    if texts.is_empty() {
        return Err(missing());
    }
    Resources::compile(texts, negated, version).map(Some)
}

fn conditions(written: Json, version: Version) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = Vec::new();
    for (name, keys) in members_of("Condition", written)? {
        let operator = Operator::parse(&name).ok_or_else(|| {
            Malformed::syntax(format!("`{name}` is not an operator of conditions"))
        })?;
        for (key, values) in members_of(&name, keys)? {
            let values = values_of(&key, values)?;
            conditions.push(Condition::compile(operator, &key, values, version)?);
        }
    }
    Ok(conditions)
}

fn members_of(name: &str, written: Json) -> Result<Vec<(String, Json)>, Malformed> {
    let Json::Object(members) = written else {
        return Err(Malformed::syntax(format!("`{name}` is an object, not {}", written.what())));
    };
    no_name_twice(members.iter().map(|(name, _)| name.as_str()))?;
    Ok(members)
}

/// One value or a list; numbers and truths may stand without quotes.
fn values_of(key: &str, written: Json) -> Result<Vec<String>, Malformed> {
    let values = match written {
        Json::List(values) => values,
        value => vec![value],
    };
    if values.is_empty() {
        return Err(Malformed::syntax(format!("`{key}` has no values")));
    }
    let text = |value| match value {
        Json::Text(text) | Json::Number(text) => Ok(text),
        Json::Bool(truth) => Ok(truth.to_string()),
        other => {
            let what = other.what();
            Err(Malformed::syntax(format!("a value of `{key}` is a text, not {what}")))
        }
    };
    values.into_iter().map(text).collect()
}

fn text_of(name: &str, written: Json) -> Result<String, Malformed> {
    match written {
        Json::Text(text) => Ok(text),
        other => Err(Malformed::syntax(format!("`{name}` is a text, not {}", other.what()))),
    }
}

fn texts_of(name: &str, written: Json) -> Result<Vec<String>, Malformed> {
    match written {
        Json::List(members) => members.into_iter().map(|member| text_of(name, member)).collect(),
        other => Ok(vec![text_of(name, other)?]),
    }
}

/// AWS: "Individual elements must not contain multiple instances of the same key."
fn no_name_twice<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Malformed> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Malformed::syntax(format!("`{name}` is said twice")));
        }
    }
    Ok(())
}

/// An empty id is none.
fn no_sid_twice(statements: &[Statement]) -> Result<(), Malformed> {
    let mut seen = BTreeSet::new();
    for sid in statements.iter().filter_map(Statement::sid).filter(|sid| !sid.is_empty()) {
        if !seen.insert(sid) {
            let rule = Malformed::new("Statement IDs (SID) in a single policy must be unique.");
            return Err(rule.with(format!("`{sid}`")));
        }
    }
    Ok(())
}
