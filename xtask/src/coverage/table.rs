//! `models/coverage.toml`, parsed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// Services by the name of their model.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub services: BTreeMap<String, Service>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    pub title: String,
    /// The folders of `crates/services` that serve it, if that is not one of the service's name.
    pub served_by: Vec<String>,
    pub operations: BTreeMap<String, Support>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Support {
    /// Answered. The note says what of it is not.
    Supported { note: Option<String> },
    /// Refused for now, in the issue given if there is one.
    Planned { issue: Option<u32> },
    /// Refused for good.
    Refused { why: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceRow {
    title: String,
    #[serde(default)]
    served_by: Vec<String>,
    operations: BTreeMap<String, SupportRow>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SupportRow {
    Word(String),
    Entry(BTreeMap<String, toml::Value>),
}

impl Table {
    pub fn parse(text: &str) -> Result<Table> {
        let rows: BTreeMap<String, ServiceRow> = toml::from_str(text)?;
        let services = rows.into_iter().map(|(name, row)| {
            let operations = row.operations.into_iter().map(|(operation, support)| {
                let parsed = parse_support(&support);
                let parsed = parsed.with_context(|| format!("{name}: {operation}"))?;
                Ok((operation, parsed))
            });
            let operations = operations.collect::<Result<_>>()?;
            Ok((name.clone(), Service { title: row.title, served_by: row.served_by, operations }))
        });
        Ok(Table { services: services.collect::<Result<_>>()? })
    }
}

fn parse_support(row: &SupportRow) -> Result<Support> {
    use toml::Value::{Integer, String};
    let entry = match row {
        SupportRow::Word(word) => match word.as_str() {
            "supported" => return Ok(Support::Supported { note: None }),
            "planned" => return Ok(Support::Planned { issue: None }),
            word => bail!("`{word}` is neither supported nor planned; a refusal needs a reason"),
        },
        SupportRow::Entry(entry) => entry,
    };
    let mut pairs = entry.iter().map(|(key, value)| (key.as_str(), value));
    match (pairs.next(), pairs.next()) {
        (Some(("supported", String(note))), None) => {
            Ok(Support::Supported { note: Some(note.clone()) })
        }
        (Some(("planned", Integer(issue))), None) => {
            Ok(Support::Planned { issue: Some(u32::try_from(*issue)?) })
        }
        (Some(("refused", String(why))), None) => Ok(Support::Refused { why: why.clone() }),
        _ => bail!(
            "expected {{ supported = \"note\" }}, {{ planned = issue }} or {{ refused = \"why\" }}"
        ),
    }
}
