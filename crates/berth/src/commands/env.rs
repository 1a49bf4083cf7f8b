//! `berth env`: what a shell must export so that AWS clients talk to Berth.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::data_dir::{AccessKey, ClientConfig, DataDir};

/// For `eval "$(berth env)"`.
pub fn run(data_dir: &Path, out: &mut impl Write) -> Result<()> {
    let (key, config) = DataDir::existing(data_dir)?.client()?;
    Ok(out.write_all(render(&key, &config).as_bytes())?)
}

fn render(key: &AccessKey, config: &ClientConfig) -> String {
    let region = config.region.as_str();
    let variables = [
        ("AWS_ENDPOINT_URL", config.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &key.id),
        ("AWS_SECRET_ACCESS_KEY", &key.secret),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
    ];
    let ca_bundle = config.ca_bundle.as_ref().map(|file| file.to_string_lossy());
    let ca_bundle = ca_bundle.as_deref().map(|file| ("AWS_CA_BUNDLE", file));
    let exports = variables
        .into_iter()
        .chain(ca_bundle)
        .map(|(name, value)| format!("export {name}={}\n", quoted(value)));
    // A token left over from another login would be sent with our key, and refused.
    exports.collect::<String>() + "unset AWS_SESSION_TOKEN\n"
}

/// One word for any shell.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_gets_what_clients_need() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let data = DataDir::create(dir.path()).expect("it can be made");
        let key = data.administrator_or_new().expect("a key is made");
        let region = "eu-west-1".parse().expect("a region");
        let endpoint = "http://127.0.0.1:4566".to_owned();
        let config = ClientConfig { endpoint, region, ca_bundle: None };
        let printed = |config: &ClientConfig| {
            data.write_client_config(config).expect("writable");
            let mut printed = Vec::new();
            run(dir.path(), &mut printed).expect("a server has run");
            String::from_utf8(printed).expect("text")
        };
        let expected = format!(
            "export AWS_ENDPOINT_URL=http://127.0.0.1:4566\nexport AWS_ACCESS_KEY_ID={}\n\
             export AWS_SECRET_ACCESS_KEY={}\nexport AWS_REGION=eu-west-1\n\
             export AWS_DEFAULT_REGION=eu-west-1\nunset AWS_SESSION_TOKEN\n",
            key.id, key.secret
        );
        assert_eq!(printed(&config), expected);

        let endpoint = "https://127.0.0.1:4566".to_owned();
        let secure = printed(&ClientConfig {
            endpoint,
            ca_bundle: Some("/var/lib/my berth/tls/ca.pem".into()),
            ..config
        });
        assert!(secure.contains("export AWS_ENDPOINT_URL=https://127.0.0.1:4566\n"), "{secure}");
        assert!(
            secure.contains("export AWS_CA_BUNDLE='/var/lib/my berth/tls/ca.pem'\n"),
            "{secure}"
        );
    }

    #[test]
    fn before_the_first_start_there_is_nothing_to_export() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut printed = Vec::new();
        let error = run(dir.path(), &mut printed).expect_err("no server has run");
        assert!(error.to_string().contains("start `berth up` first"), "{error}");
        assert!(printed.is_empty());
    }

    #[test]
    fn nothing_that_a_shell_would_read_goes_unquoted() {
        assert_eq!(quoted("a$(rm -rf)'b"), r"'a$(rm -rf)'\''b'");
        assert_eq!(quoted(""), "''");
    }
}
