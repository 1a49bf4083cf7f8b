//! Makes a container image out of one static program, in the form that `docker load` reads.
//!
//! The same program and tag always give the same bytes, hence the same image id: loading it again
//! changes nothing. No registry and no base image are needed.

use std::io;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};

/// An archive whose image holds `program` at `/<its file name>`, as the entry point, and nothing else.
pub fn image_archive(program: &Path, tag: &str) -> io::Result<Vec<u8>> {
    let name = program.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} does not name a program", program.display()),
        )
    })?;
    archive_of(name, std::fs::read(program)?, tag)
}

/// As [`image_archive`], of a program that is in memory.
pub(crate) fn archive_of(name: &str, program: Vec<u8>, tag: &str) -> io::Result<Vec<u8>> {
    let layer = tar_of(&[(name.to_owned(), program, 0o755)])?;
    let config = json!({
        "architecture": architecture(),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": { "Entrypoint": [format!("/{name}")], "WorkingDir": "/" },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&layer))] },
        "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": format!("COPY {name} /") }],
    });
    let config = serde_json::to_vec(&config)?;
    let config_name = format!("{}.json", sha256(&config));
    let layer_name = format!("{}/layer.tar", sha256(&layer));
    let manifest =
        json!([{ "Config": config_name, "RepoTags": [tagged(tag)], "Layers": [layer_name] }]);
    tar_of(&[
        (layer_name, layer, 0o644),
        (config_name, config, 0o644),
        ("manifest.json".to_owned(), serde_json::to_vec(&manifest)?, 0o644),
    ])
}

/// An archive loaded without a tag would be an image without a name.
fn tagged(tag: &str) -> String {
    crate::image::with_default_tag(tag).into_owned()
}

/// What Go, and so every image, calls this machine's architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Everything in a header that is not given is fixed, so that the bytes are.
fn tar_of(files: &[(String, Vec<u8>, u32)]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, contents, mode) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(*mode);
        header.set_mtime(0);
        archive.append_data(&mut header, name, contents.as_slice())?;
    }
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;

    fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(archive);
        let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).unwrap();
            (entry.path().unwrap().to_str().unwrap().to_owned(), contents)
        };
        archive.entries().unwrap().map(read).collect()
    }

    #[test]
    fn names_and_digests_agree() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("web");
        std::fs::write(&program, b"not really a program").unwrap();
        let archive = image_archive(&program, "berth/web").unwrap();
        assert_eq!(archive, image_archive(&program, "berth/web").unwrap());
        let files = entries(&archive);
        let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(manifest[0]["RepoTags"], json!(["berth/web:latest"]));
        let config = &files[manifest[0]["Config"].as_str().unwrap()];
        assert_eq!(manifest[0]["Config"], format!("{}.json", sha256(config)));
        let config: serde_json::Value = serde_json::from_slice(config).unwrap();
        assert_eq!(config["config"]["Entrypoint"], json!(["/web"]));
        let layer = &files[manifest[0]["Layers"][0].as_str().unwrap()];
        assert_eq!(config["rootfs"]["diff_ids"], json!([format!("sha256:{}", sha256(layer))]));
        assert_eq!(entries(layer)["web"], b"not really a program");
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let error = image_archive(Path::new("/nonexistent/web"), "web").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
