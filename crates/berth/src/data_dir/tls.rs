//! The server's own certificate authority: `ca.key`, mode 0600, and `ca.pem`, its certificate.
//!
//! The key is made once and never replaced. A certificate that is missing is made anew: who trusts it trusts its key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use berth_control::tls::Authority;
use berth_model::Timestamp;
use zeroize::Zeroizing;

use super::{DataDir, read_if_there, whole_file};

/// The folder `tls`.
#[derive(Debug, Clone)]
pub struct TlsDir {
    path: PathBuf,
}

/// An authority and its certificate as clients take it, in PEM.
pub struct OwnAuthority {
    pub authority: Arc<Authority>,
    pub certificate: String,
}

impl TlsDir {
    pub(super) fn new(path: PathBuf) -> Self {
        TlsDir { path }
    }

    /// The certificate that clients trust.
    pub fn authority_file(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    /// Key and certificate of the authority, if there is one.
    pub fn authority(&self) -> Result<Option<(Zeroizing<String>, String)>> {
        let key = read_if_there(&self.path.join("ca.key"))?.map(Zeroizing::new);
        let certificate = read_if_there(&self.authority_file())?;
        Ok(key.zip(certificate))
    }

    /// Keeps the certificate of an authority whose key is elsewhere.
    pub fn keep_authority(&self, certificate: &str) -> Result<()> {
        DataDir::create(&self.path)?;
        let file = self.authority_file();
        let kept = read_if_there(&file)?;
        if kept.as_deref() == Some(certificate) {
            return Ok(());
        }
        anyhow::ensure!(
            self.authority()?.is_none(),
            "{} has another authority than this cell's: move it away",
            self.path.display()
        );
        let written = whole_file::replace(&file, certificate.as_bytes());
        written.with_context(|| format!("cannot write {}", file.display()))
    }

    /// The authority, made at the first start.
    pub fn authority_or_new(&self, now: Timestamp) -> Result<OwnAuthority> {
        DataDir::create(&self.path)?;
        let (key_file, certificate_file) = (self.path.join("ca.key"), self.authority_file());
        let key = match read_if_there(&key_file)?.map(Zeroizing::new) {
            Some(key) => key,
            None => made(&key_file, &Authority::generate_key()?)?,
        };
        let certificate = match read_if_there(&certificate_file)? {
            Some(certificate) => certificate,
            None => made(&certificate_file, &Authority::certify(&key, now)?)?.to_string(),
        };
        let authority = Authority::parse(&key, &certificate)
            .with_context(|| format!("the certificate authority in {}", self.path.display()))?;
        Ok(OwnAuthority { authority: Arc::new(authority), certificate })
    }
}

/// What is in the file: this, unless somebody else was faster.
fn made(path: &Path, content: &str) -> Result<Zeroizing<String>> {
    let placed = whole_file::place_new(path, content.as_bytes());
    if placed.with_context(|| format!("cannot write {}", path.display()))? {
        return Ok(Zeroizing::new(content.to_owned()));
    }
    let theirs = read_if_there(path)?.map(Zeroizing::new);
    theirs.with_context(|| format!("{} came and went", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);

    #[test]
    fn an_authority_is_made_once_and_its_key_is_nobody_elses() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let dir = TlsDir::new(temporary.path().join("tls"));
        let first = dir.authority_or_new(NOW).expect("it is made");
        let again = dir.authority_or_new(NOW).expect("it is there");
        assert_eq!(first.authority.fingerprint(), again.authority.fingerprint());
        assert_eq!(first.certificate, again.certificate);
        let mode = fs::metadata(temporary.path().join("tls/ca.key")).expect("a key").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);

        fs::remove_file(dir.authority_file()).expect("it is there");
        let renewed = dir.authority_or_new(NOW).expect("it is made anew");
        assert_eq!(first.authority.fingerprint(), renewed.authority.fingerprint());
        assert_ne!(first.certificate, renewed.certificate);
    }

    #[test]
    fn a_damaged_authority_is_told_and_not_replaced() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let dir = TlsDir::new(temporary.path().to_owned());
        dir.authority_or_new(NOW).expect("it is made");
        fs::write(temporary.path().join("ca.key"), "nonsense").expect("writable");
        let error = format!("{:#}", dir.authority_or_new(NOW).err().expect("it is damaged"));
        assert!(error.contains("key of the certificate authority"), "{error}");
    }
}
