//! `berth version`.

use std::io::Write;

use anyhow::Result;

pub fn run(out: &mut impl Write) -> Result<()> {
    Ok(writeln!(out, "berth {}", env!("CARGO_PKG_VERSION"))?)
}
