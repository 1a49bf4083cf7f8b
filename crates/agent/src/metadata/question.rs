//! From a path to what it asks for.

/// The shape of a document: each version has what those before it have, and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V2,
    V3,
    V4,
}

/// What a container asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Question<'a> {
    /// With the id that says which container asks.
    Identified {
        version: Version,
        id: &'a str,
        about: About<'a>,
    },
    /// Who asks is told by the address alone.
    ByAddress {
        about: About<'a>,
    },
    Credentials {
        version: u8,
        id: Option<&'a str>,
    },
    TaskProtection {
        id: &'a str,
    },
    /// Faults in a task's network, which this agent does not make.
    Fault {
        id: &'a str,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About<'a> {
    /// The one that asks.
    Container,
    /// Another of the same task, by its id on the engine.
    ContainerOf(&'a str),
    Task,
    TaskWithTags,
    ContainerStats,
    ContainerStatsOf(&'a str),
    TaskStats,
}

impl<'a> Question<'a> {
    pub(super) fn parse(path: &'a str, query: Option<&'a str>) -> Option<Self> {
        let words: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let identified = |version, id, about| {
            Some(Self::Identified { version, id, about }).filter(|_| !id.is_empty())
        };
        let version = match words[0] {
            "v3" => Version::V3,
            _ => Version::V4,
        };
        match words[..] {
            ["v3" | "v4", id] => identified(version, id, About::Container),
            ["v3" | "v4", id, "task"] => identified(version, id, About::Task),
            ["v3" | "v4", id, "taskWithTags"] => identified(version, id, About::TaskWithTags),
            ["v3" | "v4", id, "stats"] => identified(version, id, About::ContainerStats),
            ["v3" | "v4", id, "task", "stats"] => identified(version, id, About::TaskStats),
            ["v2", "metadata"] | ["v2", "metadata", ""] => {
                Some(Self::ByAddress { about: About::Task })
            }
            ["v2", "metadataWithTags"] | ["v2", "metadataWithTags", ""] => {
                Some(Self::ByAddress { about: About::TaskWithTags })
            }
            ["v2", "stats"] | ["v2", "stats", ""] => {
                Some(Self::ByAddress { about: About::TaskStats })
            }
            ["v2", "metadata", id] => Some(Self::ByAddress { about: About::ContainerOf(id) }),
            ["v2", "stats", id] => Some(Self::ByAddress { about: About::ContainerStatsOf(id) }),
            ["v2", "credentials", id] => {
                Some(Self::Credentials { version: 2, id: Some(id).filter(|id| !id.is_empty()) })
            }
            ["v1", "credentials"] => {
                let id = query.and_then(|query| parameter(query, "id"));
                Some(Self::Credentials { version: 1, id })
            }
            ["api", id, "task-protection", "v1", "state"] => Some(Self::TaskProtection { id }),
            ["api", id, "fault", ..] => Some(Self::Fault { id }),
            _ => None,
        }
    }
}

/// The value of a parameter, as it stands: nothing that is asked for here needs escaping.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(held, value)| *held == name && !value.is_empty()).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_ecs() {
        let of_container = |version, about| Some(Question::Identified { version, id: "0a", about });
        for (path, question) in [
            ("/v3/0a", of_container(Version::V3, About::Container)),
            ("/v4/0a", of_container(Version::V4, About::Container)),
            ("/v4/0a/task", of_container(Version::V4, About::Task)),
            ("/v4/0a/taskWithTags", of_container(Version::V4, About::TaskWithTags)),
            ("/v4/0a/stats", of_container(Version::V4, About::ContainerStats)),
            ("/v4/0a/task/stats", of_container(Version::V4, About::TaskStats)),
            ("/v2/metadata", Some(Question::ByAddress { about: About::Task })),
            ("/v2/metadata/", Some(Question::ByAddress { about: About::Task })),
            ("/v2/metadata/c", Some(Question::ByAddress { about: About::ContainerOf("c") })),
            ("/v2/stats/c", Some(Question::ByAddress { about: About::ContainerStatsOf("c") })),
            ("/v2/credentials/x", Some(Question::Credentials { version: 2, id: Some("x") })),
            ("/v2/credentials/", Some(Question::Credentials { version: 2, id: None })),
            ("/api/0a/task-protection/v1/state", Some(Question::TaskProtection { id: "0a" })),
            ("/api/0a/fault/v1/network-latency/start", Some(Question::Fault { id: "0a" })),
            ("/v4/", None),
            ("/v4", None),
            ("/v4/0a/tasks", None),
            ("/v5/0a", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Question::parse(path, None), question, "{path}");
        }
    }

    #[test]
    fn the_first_version_of_credentials_has_its_id_in_the_query() {
        let question = Question::parse("/v1/credentials", Some("a=b&id=x"));
        assert_eq!(question, Some(Question::Credentials { version: 1, id: Some("x") }));
        let question = Question::parse("/v1/credentials", Some("id="));
        assert_eq!(question, Some(Question::Credentials { version: 1, id: None }));
    }
}
