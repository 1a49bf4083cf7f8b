//! Objects of S3 that somebody has put on this server's disk: `buckets/BUCKET/KEY` in the data directory.
//!
//! For what AWS reads from S3 alone, such as the contents of a trust store. There are no versions, and no way out of the
//! folder by name.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use async_trait::async_trait;
use berth_control::ports::Objects;

use crate::data_dir::DataDir;

pub struct Buckets {
    folder: PathBuf,
}

impl Buckets {
    pub fn of(dir: &DataDir) -> Self {
        Self { folder: dir.buckets_folder() }
    }

    /// `None`: nothing can be called so.
    fn path(&self, bucket: &str, key: &str) -> Option<PathBuf> {
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        let (bucket, key) = (Path::new(bucket), Path::new(key));
        let is_one = bucket.components().count() == 1 && key.components().next().is_some();
        let mut parts = bucket.components().chain(key.components());
        (is_one && parts.all(is_plain)).then(|| self.folder.join(bucket).join(key))
    }
}

#[async_trait]
impl Objects for Buckets {
    async fn get(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(path) = self.path(bucket, key).filter(|_| version.is_none()) else {
            return Ok(None);
        };
        match tokio::fs::read(&path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn objects_are_files_and_nothing_leads_out() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let folder = temporary.path().join("buckets");
        std::fs::create_dir_all(folder.join("trust/certificates")).expect("a folder");
        std::fs::write(folder.join("trust/certificates/ca.pem"), "PEM").expect("a file");
        std::fs::write(temporary.path().join("credentials"), "secret").expect("a file");
        let buckets = Buckets { folder };
        let get = async |bucket: &str, key: &str, version: Option<&str>| {
            buckets.get(bucket, key, version).await.expect("the disk is read")
        };
        assert_eq!(get("trust", "certificates/ca.pem", None).await, Some(b"PEM".to_vec()));
        for (bucket, key, version) in [
            ("trust", "certificates", None),
            ("trust", "certificates/ca.pem", Some("1")),
            ("trust", "other.pem", None),
            ("trust", "../../credentials", None),
            ("trust", "/etc/hostname", None),
            ("..", "credentials", None),
            ("trust/certificates", "ca.pem", None),
            ("", "credentials", None),
            ("trust", "", None),
        ] {
            assert_eq!(get(bucket, key, version).await, None, "{bucket} {key}");
        }
    }
}
