//! The query of an address: names and values, decoded.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode_str;

/// The parameters of an address, in order. One without `=` has an empty value.
pub fn parameters(uri: &Uri) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('+') {
        return percent_decode_str(text).decode_utf8_lossy();
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let uri: Uri = "/x?type=ECS%20Task+State&type=b&&empty&a%3D=%26".parse().unwrap();
        let found: Vec<_> = parameters(&uri).collect();
        let expected = [("type", "ECS Task State"), ("type", "b"), ("empty", ""), ("a=", "&")];
        assert_eq!(found, expected.map(|(name, value)| (name.into(), value.into())));
        assert_eq!(parameters(&"/x".parse().unwrap()).count(), 0);
    }
}
