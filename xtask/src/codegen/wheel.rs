//! Takes models out of botocore's wheel, the only published form of them that is small and versioned.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::{Map, Value};
use zip::ZipArchive;

use super::config::Config;
use super::model::Model;
use super::reach;

/// Rewrites the model of every service; one that is written by hand is only put into the usual layout.
pub fn update(config: &Config, models: &Path) -> Result<()> {
    let path = download(&config.botocore)?;
    let file = File::open(&path).with_context(|| path.display().to_string())?;
    let mut wheel = ZipArchive::new(file)?;
    for (name, service) in &config.services {
        let path = models.join(format!("{name}.json"));
        let model = if service.handwritten {
            Model::read(&path)?
        } else {
            let bytes = newest(&mut wheel, name).with_context(|| format!("service {name}"))?;
            let model =
                Model::parse(&bytes).with_context(|| format!("botocore's model of {name}"))?;
            reach::only(model, service.operations.as_deref())?
        };
        fs::write(path, model.render()?)?;
    }
    Ok(())
}

/// The wheel in the build directory, fetched by pip unless an earlier run did.
fn download(version: &str) -> Result<PathBuf> {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let cache = target.join("models");
    fs::create_dir_all(&cache)?;
    let wheel = cache.join(format!("botocore-{version}-py3-none-any.whl"));
    if !wheel.exists() {
        let status = Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--dest",
            ])
            .arg(&cache)
            .arg(format!("botocore=={version}"))
            .status()
            .context("python3 with pip is needed to update the models")?;
        ensure!(status.success(), "pip could not download botocore {version}");
    }
    Ok(wheel)
}

/// The model of the service's latest API version, with botocore's own changes to it.
fn newest(wheel: &mut ZipArchive<File>, service: &str) -> Result<Vec<u8>> {
    let folder = format!("botocore/data/{service}/");
    let mut names = BTreeSet::new();
    for name in wheel.file_names() {
        let name = name?;
        if name.starts_with(&folder) && name.contains("/service-2.") {
            names.insert(name.into_owned());
        }
    }
    let (patches, models): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| name.contains(".sdk-extras."));
    let Some(newest) = models.last() else { bail!("botocore has no such service") };
    let bytes = read(wheel, newest)?;
    let version = newest.rsplit_once('/').map_or("", |(version, _)| version);
    if !patches.iter().any(|patch| patch.starts_with(version)) {
        return Ok(bytes);
    }
    let mut model: Value = serde_json::from_slice(&bytes)?;
    for patch in patches.iter().filter(|patch| patch.starts_with(version)) {
        let mut patch: Map<String, Value> = serde_json::from_slice(&read(wheel, patch)?)?;
        merge(&mut model, patch.remove("merge").unwrap_or_default());
    }
    Ok(serde_json::to_vec(&model)?)
}

fn read(wheel: &mut ZipArchive<File>, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = wheel.by_name(name)?;
    if name.ends_with(".gz") {
        GzDecoder::new(file).read_to_end(&mut bytes)?;
    } else {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What the patch says, over what the model says.
fn merge(model: &mut Value, patch: Value) {
    match (model, patch) {
        (_, Value::Null) => {}
        (Value::Object(model), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(model.entry(key).or_insert(Value::Null), value);
            }
        }
        (model, patch) => *model = patch,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_goes_over_the_model() {
        let mut model = json!({ "metadata": { "serviceId": "Old", "kept": 1 }, "shapes": {} });
        merge(&mut model, json!({ "metadata": { "serviceId": "New", "added": { "a": 2 } } }));
        let metadata = json!({ "serviceId": "New", "kept": 1, "added": { "a": 2 } });
        assert_eq!(model, json!({ "metadata": metadata, "shapes": {} }));
        merge(&mut model, Value::Null);
        assert_eq!(model["metadata"]["serviceId"], "New");
    }
}
