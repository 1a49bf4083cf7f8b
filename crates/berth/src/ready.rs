//! Saying that clients and scripts may begin: a line on standard output, and a word to systemd.

use std::io::Write;

use anyhow::Result;

use crate::notify;

/// `berth is ready at http://127.0.0.1:4566`, once, and nothing after it.
pub fn tell(address: &str, out: &mut impl Write) -> Result<()> {
    writeln!(out, "berth is ready at {address}")?;
    out.flush()?;
    notify::tell(notify::State::Ready);
    Ok(())
}
