//! Where the keys of an issuer of OpenID Connect tokens are: `https://issuer=/path/to/jwks.json`.

use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct IssuerKeys {
    pub issuer: String,
    pub file: PathBuf,
}

impl FromStr for IssuerKeys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split = text.split_once('=');
        let Some((issuer, file)) = split.filter(|(issuer, _)| issuer.starts_with("https://"))
        else {
            return Err(format!("`{text}`: https://ISSUER=FILE is expected"));
        };
        Ok(IssuerKeys { issuer: issuer.to_owned(), file: file.into() })
    }
}

impl TryFrom<String> for IssuerKeys {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_url_and_its_keys_a_file() {
        let keys: IssuerKeys = "https://ci.example/x=/etc/ci.json".parse().expect("both are there");
        assert_eq!(
            (keys.issuer.as_str(), keys.file),
            ("https://ci.example/x", "/etc/ci.json".into())
        );
        for wrong in ["", "ci.example=/etc/ci.json", "https://ci.example"] {
            assert!(wrong.parse::<IssuerKeys>().is_err(), "{wrong}");
        }
    }
}
