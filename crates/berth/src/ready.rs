//! The line on standard output that says that clients and scripts may begin.

use std::io::Write;

use anyhow::Result;

/// `berth is ready at http://127.0.0.1:4566`, once, and nothing after it.
pub fn tell(address: &str, out: &mut impl Write) -> Result<()> {
    writeln!(out, "berth is ready at {address}")?;
    Ok(out.flush()?)
}
