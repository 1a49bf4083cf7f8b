//! Filters of listings: what each may be about, and what it lets through.

use berth_aws_api::ssm as api;

use super::find::Found;
use super::names::level;
use super::render;
use crate::tables::Parameter;

/// Those of one request; all of them must let a parameter through.
#[derive(Clone, Debug, Default)]
pub struct Filters(Vec<Filter>);

#[derive(Clone, Debug)]
struct Filter {
    about: About,
    how: How,
    /// One of them is enough; without any, all that have the property.
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Name,
    Type,
    KeyId,
    Path,
    Tier,
    DataType,
    Label,
    Tag(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// Which listing asks: they take different filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Describe,
    ByPath,
}

impl Filters {
    pub fn parse(
        given: Option<Vec<api::ParameterStringFilter>>,
        listing: Listing,
    ) -> Result<Self, api::Error> {
        let filters = given.into_iter().flatten().map(|filter| Filter::parse(filter, listing));
        filters.collect::<Result<_, _>>().map(Filters)
    }

    /// AWS: the older kind of filter. Names are looked at from their beginning.
    pub fn parse_old(given: Option<Vec<api::ParametersFilter>>) -> Result<Self, api::Error> {
        let filters = given.into_iter().flatten().map(|filter| {
            let (about, how) = match filter.key {
                Some(api::ParametersFilterKey::Name) => (About::Name, How::BeginsWith),
                Some(api::ParametersFilterKey::Type) => (About::Type, How::Equals),
                Some(api::ParametersFilterKey::KeyId) => (About::KeyId, How::Equals),
                _ => return Err(api::InvalidFilterKey {}.into()),
            };
            Ok(Filter { about, how, values: filter.values.unwrap_or_default() })
        });
        filters.collect::<Result<_, _>>().map(Filters)
    }

    pub fn let_through(&self, found: Found<'_>) -> bool {
        self.0.iter().all(|filter| filter.lets_through(found))
    }

    /// The label that is asked for: it decides which version is shown.
    pub fn label(&self) -> Option<&str> {
        let filter = self.0.iter().find(|filter| filter.about == About::Label)?;
        filter.values.first().map(String::as_str)
    }
}

impl Filter {
    fn parse(given: api::ParameterStringFilter, listing: Listing) -> Result<Self, api::Error> {
        let key = given.key.unwrap_or_default();
        let about = match (key.as_str(), listing) {
            ("Type", _) => About::Type,
            ("KeyId", _) => About::KeyId,
            ("Label", Listing::ByPath) => About::Label,
            ("Name", Listing::Describe) => About::Name,
            ("Path", Listing::Describe) => About::Path,
            ("Tier", Listing::Describe) => About::Tier,
            ("DataType", Listing::Describe) => About::DataType,
            (tag, Listing::Describe) if tag.starts_with("tag:") => About::Tag(tag[4..].to_owned()),
            _ => return Err(api::InvalidFilterKey {}.into()),
        };
        let values = given.values.unwrap_or_default();
        let how = about.how(given.option.as_deref())?;
        about.check(&values)?;
        Ok(Filter { about, how, values })
    }

    fn lets_through(&self, found: Found<'_>) -> bool {
        let Found { parameter, version } = found;
        let any = |text: &str| self.values.iter().any(|value| self.how.takes(text, value));
        match &self.about {
            // AWS: a hierarchy's slash may be left out.
            About::Name => any(&parameter.name) || any(parameter.name.trim_start_matches('/')),
            About::Path => {
                self.values.iter().any(|path| is_below(parameter, path, self.how == How::Recursive))
            }
            About::Type => any(render::kind(parameter.kind).as_str()),
            About::KeyId => version.key_name.as_deref().is_some_and(any),
            About::Tier => any(render::tier(version.tier).as_str()),
            About::DataType => any(&version.data_type),
            About::Label => version.labels.iter().any(|label| any(label)),
            About::Tag(key) => {
                let value = parameter.tags.get(key);
                value.is_some_and(|value| self.values.is_empty() || any(value))
            }
        }
    }
}

impl About {
    fn how(&self, option: Option<&str>) -> Result<How, api::Error> {
        let takes: &[How] = match self {
            About::Name => &[How::Equals, How::BeginsWith, How::Contains],
            About::Path => &[How::OneLevel, How::Recursive],
            About::Tag(_) | About::Label | About::DataType => &[How::Equals, How::BeginsWith],
            About::Type | About::KeyId => &[How::Equals, How::BeginsWith],
            About::Tier => &[How::Equals],
        };
        let Some(option) = option else { return Ok(takes[0]) };
        takes.iter().copied().find(|how| how.as_str() == option).ok_or_else(|| {
            let valid: Vec<_> = takes.iter().map(|how| how.as_str()).collect();
            api::Error::invalid_filter_option(format!(
                "The following filter option is not valid: {option}. Valid options include: [{}].",
                valid.join(", ")
            ))
        })
    }

    fn check(&self, values: &[String]) -> Result<(), api::Error> {
        let invalid = |message: String| Err(api::Error::invalid_filter_value(message));
        if values.is_empty() && !matches!(self, About::Tag(_)) {
            return invalid("The filter has no values.".to_owned());
        }
        let valid: &[&str] = match self {
            About::Type => &["String", "StringList", "SecureString"],
            About::Tier => &["Standard", "Advanced", "Intelligent-Tiering"],
            About::Path if values.iter().any(|path| !path.starts_with('/')) => {
                return invalid("A path begins with a slash.".to_owned());
            }
            _ => return Ok(()),
        };
        match values.iter().find(|value| !valid.contains(&value.as_str())) {
            Some(value) => invalid(format!(
                "The following value is not valid: {value}. Valid values include: [{}].",
                valid.join(", ")
            )),
            None => Ok(()),
        }
    }
}

impl How {
    fn as_str(self) -> &'static str {
        match self {
            How::Equals => "Equals",
            How::BeginsWith => "BeginsWith",
            How::Contains => "Contains",
            How::OneLevel => "OneLevel",
            How::Recursive => "Recursive",
        }
    }

    fn takes(self, text: &str, value: &str) -> bool {
        match self {
            How::Equals => text == value,
            How::BeginsWith => text.starts_with(value),
            How::Contains => text.contains(value),
            // Of paths, which are not compared as texts.
            How::OneLevel | How::Recursive => false,
        }
    }
}

/// Whether a parameter is below a path: directly, or anywhere.
pub fn is_below(parameter: &Parameter, path: &str, recursive: bool) -> bool {
    name_is_below(&parameter.name, path, recursive)
}

pub fn name_is_below(name: &str, path: &str, recursive: bool) -> bool {
    let below = name.strip_prefix(level(path)).and_then(|rest| rest.strip_prefix('/'));
    below.is_some_and(|below| recursive || !below.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_level_and_not_a_beginning_of_a_name() {
        assert!(name_is_below("/a/b", "/a", false) && name_is_below("/a/b", "/a/", false));
        assert!(name_is_below("/a", "/", false) && name_is_below("/a/b", "/", true));
        assert!(!name_is_below("/a/b/c", "/a", false) && name_is_below("/a/b/c", "/a", true));
        assert!(!name_is_below("/ab/c", "/a", true) && !name_is_below("/a", "/a", true));
        assert!(!name_is_below("a", "/", true));
    }
}
