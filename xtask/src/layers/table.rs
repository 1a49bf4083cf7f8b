//! What `layers.toml` says.

use serde::Deserialize;

/// The layers from the top (the most basic) to the bottom, and the arrows allowed besides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    #[serde(rename = "layer")]
    pub layers: Vec<Layer>,
    #[serde(rename = "exception", default)]
    pub exceptions: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    pub name: String,
    pub crates: Vec<String>,
    /// What no crate of this layer may depend on, of ours or of others'.
    #[serde(default)]
    pub never: Vec<String>,
    /// Whether other crates may use this layer's crates outside their tests.
    #[serde(default = "yes")]
    pub dependents: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    pub from: String,
    pub to: String,
    pub why: String,
}

fn yes() -> bool {
    true
}

impl Table {
    /// The layer that holds a crate, and its place from the top.
    pub fn layer_of(&self, name: &str) -> Option<(usize, &Layer)> {
        self.layers
            .iter()
            .enumerate()
            .find(|(_, layer)| layer.crates.iter().any(|member| member == name))
    }

    pub fn exception(&self, from: &str, to: &str) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| exception.from == from && exception.to == to)
    }
}
