//! Attributes as agents and users give them, checked.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;

use crate::tables::Attribute;

const LONGEST: usize = 128;
const RESERVED: [&str; 3] = ["ecs.", "com.amazonaws.ecs.", "berth."];

/// What an agent says of its host. The platform's own names are its to use.
///
/// AWS: an agent tells its operator's attributes once, with its first registration. From then on they are
/// like those that a user puts.
pub fn of_agent(given: Vec<api::Attribute>) -> Result<BTreeMap<String, Attribute>, api::Error> {
    let checked = given.into_iter().enumerate().map(|(index, attribute)| {
        let (name, value) = check(index, attribute)?;
        let custom = reserved(&name).is_none();
        Ok((name, Attribute { value, custom }))
    });
    checked.collect()
}

/// The attributes of one request: some, but not too many.
pub fn list(
    given: Option<Vec<api::Attribute>>,
    most: usize,
) -> Result<Vec<api::Attribute>, api::Error> {
    let given = given.unwrap_or_default();
    match given.len() {
        0 => Err(api::Error::invalid_parameter("attributes cannot be empty.")),
        count if count > most => Err(api::Error::invalid_parameter(format!(
            "attributes: at most {most} are possible in one call; {count} were given."
        ))),
        _ => Ok(given),
    }
}

/// What a user puts on an instance: never a name of the platform.
pub fn of_user(index: usize, given: api::Attribute) -> Result<(String, Attribute), api::Error> {
    let (name, value) = check(index, given)?;
    if let Some(prefix) = reserved(&name) {
        return Err(invalid(
            index,
            &format!("names that begin with `{prefix}` are reserved, such as `{name}`"),
        ));
    }
    Ok((name, Attribute { value, custom: true }))
}

fn reserved(name: &str) -> Option<&'static str> {
    RESERVED.into_iter().find(|prefix| name.starts_with(prefix))
}

/// AWS: letters, digits, `-_./\` in names; values also `@:` and spaces, but none at their ends.
fn check(index: usize, given: api::Attribute) -> Result<(String, Option<String>), api::Error> {
    let name = given.name.unwrap_or_default();
    let fits = |text: &str, others: &str| {
        (1..=LONGEST).contains(&text.chars().count())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
    };
    if !fits(&name, "-_./\\") {
        return Err(invalid(
            index,
            &format!(
                "`{name}` is not a name: 1 to {LONGEST} letters, digits, and -_./\\ are expected"
            ),
        ));
    }
    if let Some(value) = given.value.as_deref().filter(|value| !value.is_empty())
        && (!fits(value, "-_./\\@: ") || value.trim() != value)
    {
        return Err(invalid(
            index,
            &format!(
                "`{value}` is not a value of `{name}`: 1 to {LONGEST} letters, digits, -_./\\@: and inner spaces are expected"
            ),
        ));
    }
    Ok((name, given.value))
}

fn invalid(index: usize, problem: &str) -> api::Error {
    api::Error::invalid_parameter(format!("attributes[{index}]: {problem}."))
}
