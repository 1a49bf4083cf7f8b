//! Runs a benchmark by its name, whichever crate it is in.

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::workspace::Workspace;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// One `benches/<name>.rs`.
#[derive(Debug, PartialEq, Eq)]
struct Bench {
    package: String,
    name: String,
}

/// Runs the benchmark of that name with the arguments that follow; without a name, lists what there is.
pub fn run(workspace: &Workspace, name: Option<&str>, arguments: &[String]) -> Result<()> {
    let metadata = workspace
        .output("cargo", ["metadata", "--format-version", "1", "--no-deps", "--offline"])?;
    let benches = benches(&metadata)?;
    let Some(name) = name else {
        for bench in &benches {
            println!("{} ({})", bench.name, bench.package);
        }
        return Ok(());
    };
    let Some(bench) = benches.iter().find(|bench| bench.name == name) else {
        let names: Vec<&str> = benches.iter().map(|bench| bench.name.as_str()).collect();
        bail!("there is no benchmark `{name}`; there are: {}", names.join(", "));
    };
    let command = ["bench", "--package", &bench.package, "--bench", name, "--"];
    workspace.run("cargo", command.into_iter().chain(arguments.iter().map(String::as_str)))
}

fn benches(metadata: &str) -> Result<Vec<Bench>> {
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let mut benches = Vec::new();
    for package in metadata.packages {
        for target in package.targets {
            if target.kind.iter().any(|kind| kind == "bench") {
                benches.push(Bench { package: package.name.clone(), name: target.name });
            }
        }
    }
    benches.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(benches)
}

#[cfg(test)]
mod tests {
    use super::{Bench, benches};

    #[test]
    fn benches_are_found_in_every_crate() {
        let metadata = r#"{"packages": [
            {"name": "b", "targets": [{"name": "place", "kind": ["bench"]}, {"name": "b", "kind": ["lib"]}]},
            {"name": "a", "targets": [{"name": "commit", "kind": ["bench"]}]}
        ]}"#;
        let bench =
            |package: &str, name: &str| Bench { package: package.into(), name: name.into() };
        assert_eq!(
            benches(metadata).expect("the fixture is metadata"),
            [bench("a", "commit"), bench("b", "place")]
        );
    }
}
