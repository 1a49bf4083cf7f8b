//! A policy document.
//!
//! [`Document::parse`] is in `grammar.rs`, what it reads JSON with in `json.rs`, and the way back in
//! `render.rs`. Two documents are equal if they say the same, wherever their statements stand.

mod grammar;
mod json;
mod render;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::by_service::ByService;
use crate::malformed::Malformed;
use crate::statement::Statement;

/// What sort of policy a text is to be, which decides what it must say and what it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A user's, group's or role's, a permissions boundary or a session's: whom it is about is clear.
    /// They are of one form, and a managed policy may be all of them.
    Identity,
    /// A resource's: it names its principals.
    Resource,
    /// A role's, about who may be in it: the role is the resource.
    Trust,
}

impl Kind {
    /// Whether its statements name principals.
    pub(crate) fn names_principals(self) -> bool {
        matches!(self, Kind::Resource | Kind::Trust)
    }
}

/// The version of the language, not of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Without variables; what a document has that does not say.
    V2008_10_17,
    V2012_10_17,
}

impl Version {
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2008_10_17 => "2008-10-17",
            Version::V2012_10_17 => "2012-10-17",
        }
    }
}

/// A parsed and compiled policy.
#[derive(Debug, Clone)]
pub struct Document {
    kind: Kind,
    version: Version,
    id: Option<String>,
    statements: Vec<Arc<Statement>>,
    /// Numbers of statements by the services whose actions they may be about.
    index: ByService<u32>,
}

impl Document {
    fn new(kind: Kind, version: Version, id: Option<String>, statements: Vec<Statement>) -> Self {
        let services: Vec<Option<Vec<String>>> =
            statements.iter().map(|statement| statement.actions.services()).collect();
        let mut entries: Vec<(Option<&str>, u32)> = Vec::new();
        for (number, services) in (0..).zip(&services) {
            match services {
                None => entries.push((None, number)),
                Some(names) => {
                    entries.extend(names.iter().map(|name| (Some(name.as_str()), number)));
                }
            }
        }
        let index = ByService::new(&entries);
        let statements = statements.into_iter().map(Arc::new).collect();
        Self { kind, version, id, statements, index }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn version(&self) -> Version {
        self.version
    }

    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub fn statements(&self) -> &[Arc<Statement>] {
        &self.statements
    }

    /// The statements that may be about actions of this service, with their numbers, in order.
    pub(crate) fn about(&self, service: &str) -> impl Iterator<Item = (usize, &Arc<Statement>)> {
        self.index.get(service).iter().map(|&number| {
            let number = number as usize;
            (number, &self.statements[number])
        })
    }

    /// What IAM asks of a customer managed policy besides: the language of today, and plain statement ids.
    pub fn check_managed(&self) -> Result<(), Malformed> {
        if self.version < Version::V2012_10_17 {
            return Err(Malformed::new("Policy document must be version 2012-10-17 or greater."));
        }
        for (number, statement) in self.statements.iter().enumerate() {
            let sid = statement.sid().unwrap_or_default();
            if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Malformed::new(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                     expression [0-9A-Za-z]*",
                )
                .with(format!("`{sid}`"))
                .within(number));
            }
        }
        Ok(())
    }

    /// The keys that its conditions and variables ask for, as it spells them, in order and each once.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        self.spellings().into_values()
    }

    /// How it spells each key that it asks for, by the key in lower case.
    pub(crate) fn spellings(&self) -> BTreeMap<&str, &str> {
        let keys = self.statements.iter().flat_map(|statement| statement.keys());
        keys.map(|key| (&*key.plain, &*key.written)).collect()
    }

    /// A document's length as AWS's limits count it: without white space.
    pub fn size(text: &str) -> usize {
        text.chars().filter(|character| !character.is_whitespace()).count()
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.version == other.version
            && self.id == other.id
            && self.statements == other.statements
    }
}

impl Eq for Document {}

#[cfg(test)]
mod tests;
