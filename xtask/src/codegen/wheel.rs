//! Takes models out of botocore's wheel, the only published form of them that is small and versioned.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
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

/// The model of the service's latest API version.
fn newest(wheel: &mut ZipArchive<File>, service: &str) -> Result<Vec<u8>> {
    let folder = format!("botocore/data/{service}/");
    let mut newest = None;
    for name in wheel.file_names() {
        let name = name?;
        if name.starts_with(&folder) && name.contains("/service-2.") {
            newest = newest.max(Some(name.into_owned()));
        }
    }
    let Some(newest) = newest else { bail!("botocore has no such service") };
    // A patch sorts after the model that it patches; none of ours has one, and none may go unnoticed.
    ensure!(!newest.contains("sdk-extras"), "{newest} patches the model, which is not supported");
    let mut bytes = Vec::new();
    let mut file = wheel.by_name(&newest)?;
    if newest.ends_with(".gz") {
        GzDecoder::new(file).read_to_end(&mut bytes)?;
    } else {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
