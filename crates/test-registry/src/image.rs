//! An image as a registry holds it: a configuration and layers, each under the digest of its bytes.

use std::collections::BTreeMap;
use std::io::{self, Read};

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[derive(Clone, Debug)]
pub struct Image {
    config: Value,
    layers: Vec<Bytes>,
}

impl Image {
    /// From what `docker save` makes; the first image of the archive.
    pub fn from_archive(archive: &[u8]) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents)?;
            files.insert(path, Bytes::from(contents));
        }
        let file = |path: &str| {
            files.get(path).cloned().ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, format!("the archive lacks `{path}`"))
            })
        };
        let manifest: Value = serde_json::from_slice(&file("manifest.json")?)?;
        let path = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let config = serde_json::from_slice(&file(&path(&manifest[0]["Config"]))?)?;
        let layers = manifest[0]["Layers"].as_array().into_iter().flatten();
        let layers = layers.map(|layer| file(&path(layer))).collect::<io::Result<_>>()?;
        Ok(Self { config, layers })
    }

    /// Another image that does the same.
    pub fn labelled(mut self, label: &str, value: &str) -> Self {
        self.config["config"]["Labels"][label] = json!(value);
        self
    }

    /// One more layer, with one file.
    pub fn with_file(mut self, path: &str, contents: &[u8]) -> io::Result<Self> {
        let mut layer = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        layer.append_data(&mut header, path, contents)?;
        let layer = Bytes::from(layer.into_inner()?);
        if let Some(ids) = self.config["rootfs"]["diff_ids"].as_array_mut() {
            ids.push(json!(digest(&layer)));
        }
        if let Some(history) = self.config["history"].as_array_mut() {
            history.push(json!({ "created_by": format!("COPY {path}") }));
        }
        self.layers.push(layer);
        Ok(self)
    }

    /// The manifest, and all that it names, by digest.
    pub(crate) fn pack(&self) -> (Bytes, BTreeMap<String, Bytes>) {
        let config = Bytes::from(self.config.to_string());
        let describe = |kind: &str, bytes: &Bytes| json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() });
        let layers: Vec<_> = self.layers.iter().map(|layer| describe(LAYER, layer)).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": describe(CONFIG, &config),
            "layers": layers,
        });
        let blobs = self.layers.iter().cloned().chain([config]);
        let blobs = blobs.map(|blob| (digest(&blob), blob)).collect();
        (Bytes::from(manifest.to_string()), blobs)
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}
