//! `models/services.toml`: which services and operations are generated, and from where.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The version on PyPI that `--update` takes the models from.
    pub botocore: String,
    pub services: BTreeMap<String, Service>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The operations to generate; all of the model's without this line.
    pub operations: Option<Vec<String>>,
    /// The error for a request that breaks the model's constraints.
    pub validation_error: String,
    /// Codes that the service answers and its model does not declare.
    #[serde(default)]
    pub further_errors: Vec<String>,
    /// The service's errors have messages that the model leaves out.
    #[serde(default)]
    pub error_messages: bool,
    /// Members that clients send and the model does not declare: of a structure, by name, with their shapes.
    #[serde(default)]
    pub further_members: BTreeMap<String, BTreeMap<String, String>>,
    /// Shapes whose pattern looks ahead, which Rust's regular expressions do not, or leaves out what Berth
    /// takes as well. The service has to check these by itself.
    #[serde(default)]
    pub unchecked_patterns: Vec<String>,
    /// Shapes whose length the service has to check by itself.
    #[serde(default)]
    pub unchecked_lengths: Vec<String>,
    /// The model is written by hand, so `--update` keeps what it says.
    #[serde(default)]
    pub handwritten: bool,
}

impl Config {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }
}
