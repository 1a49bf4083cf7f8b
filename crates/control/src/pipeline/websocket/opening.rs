//! The request that asks for a web socket.

use std::borrow::Cow;

use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

/// Where a socket is asked for, and with which parameters. Who asks is in the [`Call`](crate::pipeline::Call).
#[derive(Clone, Debug)]
pub struct Opening {
    pub uri: Uri,
    pub headers: HeaderMap,
}

impl Opening {
    /// The first parameter of this name in the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.uri.query()?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key) == name).then(|| decoded(value))
        })
    }
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
    fn parameters_are_decoded_and_the_first_counts() {
        let uri = "/acs/ws?clusterArn=arn%3Aaws%3Aecs&seqNum=1&seqNum=2&note=a+b%2Bc&empty&sendCredentials=";
        let opening = Opening { uri: uri.parse().unwrap(), headers: HeaderMap::new() };
        assert_eq!(opening.parameter("clusterArn").unwrap(), "arn:aws:ecs");
        assert_eq!(opening.parameter("seqNum").unwrap(), "1");
        assert_eq!(opening.parameter("note").unwrap(), "a b+c");
        assert_eq!(opening.parameter("empty").unwrap(), "");
        assert_eq!(opening.parameter("sendCredentials").unwrap(), "");
        assert_eq!(opening.parameter("cluster"), None);
    }
}
