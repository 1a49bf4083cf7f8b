//! The request that asks for a web socket.

use std::borrow::Cow;

use http::{HeaderMap, Uri};

use crate::pipeline::query::parameters;

/// Where a socket is asked for, and with which parameters. Who asks is in the [`Call`](crate::pipeline::Call).
#[derive(Clone, Debug)]
pub struct Opening {
    pub uri: Uri,
    pub headers: HeaderMap,
}

impl Opening {
    /// The first parameter of this name in the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        parameters(&self.uri).find(|(key, _)| key == name).map(|(_, value)| value)
    }
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
