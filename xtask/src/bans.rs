//! Crates that must not come in by the back door.

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// Both need more of the machine than a C compiler; TLS is rustls with ring (docs/adr).
const BANNED: [&str; 3] = ["aws-lc-sys", "native-tls", "openssl-sys"];

/// Fails if a banned crate is anywhere in the graph, and says who brings it.
pub fn run(workspace: &Workspace) -> Result<()> {
    let tree = ["tree", "--workspace", "--all-features", "--target", "all", "--locked"];
    let every_crate = workspace.output("cargo", tree.into_iter().chain(["--prefix", "none"]))?;
    let present = found(&every_crate);
    for banned in &present {
        println!("{}", workspace.output("cargo", tree.into_iter().chain(["--invert", banned]))?);
    }
    if !present.is_empty() {
        bail!("banned crates in the graph: {}", present.join(", "));
    }
    println!("none of {} is in the graph", BANNED.join(", "));
    Ok(())
}

/// Which banned crates a listing of `name vX.Y.Z …` lines has.
fn found(listing: &str) -> Vec<&'static str> {
    let has = |name: &str| listing.lines().any(|line| line.split(' ').next() == Some(name));
    BANNED.into_iter().filter(|banned| has(banned)).collect()
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn a_banned_crate_is_found_by_its_whole_name() {
        let listing =
            "berth v0.1.0 (/x)\nring v0.17.0\naws-lc-sys v0.30.0\nopenssl-sysroot v1.0.0\n";
        assert_eq!(found(listing), ["aws-lc-sys"]);
    }
}
