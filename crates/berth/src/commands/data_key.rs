//! `berth data-key`: what seals secrets is replaced before its time.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use berth_agent::JsonService;
use clap::Subcommand;

use crate::administrator;
use crate::data_dir::DataDir;
use crate::settings::EndpointOptions;

const PATH: &str = "/_berth/kms/data-key";

#[derive(Debug, Subcommand)]
pub enum DataKeyAction {
    /// Have a new data key seal from now on; what older ones have sealed is sealed anew, and they are destroyed
    /// when no session that they sealed is left
    Rotate,
}

pub async fn run(
    data_dir: &Path,
    endpoint: EndpointOptions,
    action: DataKeyAction,
    out: &mut impl Write,
) -> Result<()> {
    let server = administrator::client(endpoint, &DataDir::create(data_dir)?)?;
    match action {
        DataKeyAction::Rotate => {
            let answer = server.tell(JsonService::KMS, PATH).await;
            let answer = answer.context("asking for a new data key failed")?;
            let replaced = answer["Replaced"].as_u64().context("the server told no data key")?;
            writeln!(out, "data key {replaced} is being replaced by data key {}", replaced + 1)?;
        }
    }
    Ok(())
}
