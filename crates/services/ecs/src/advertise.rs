//! Where agents find this server.

use http::uri::Authority;

/// What `DiscoverPollEndpoint` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advertise {
    /// Always this, such as `http://192.0.2.1:4566`: whoever runs the server knows better.
    Fixed(String),
    /// Wherever the agent has just found it. A server that listens everywhere cannot know which of its
    /// addresses an agent reaches; the agent does.
    AsCalled,
}

impl Advertise {
    /// The address for an agent that called at `authority`; `None` if it named no host and nobody else did.
    ///
    /// Whoever came by TLS stays with it.
    pub fn url(&self, authority: Option<&Authority>, secure: bool) -> Option<String> {
        let scheme = if secure { "https" } else { "http" };
        match self {
            Self::Fixed(url) => Some(url.clone()),
            Self::AsCalled => authority.map(|authority| format!("{scheme}://{authority}")),
        }
    }
}

impl From<&str> for Advertise {
    fn from(url: &str) -> Self {
        Self::Fixed(url.trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_sent_where_it_came_to() {
        let called = Authority::from_static("10.0.0.1:4566");
        let url = |advertise: Advertise| advertise.url(Some(&called), false);
        assert_eq!(url(Advertise::AsCalled).as_deref(), Some("http://10.0.0.1:4566"));
        assert_eq!(url("http://berth.example/".into()).as_deref(), Some("http://berth.example"));
        let secure = Advertise::AsCalled.url(Some(&called), true);
        assert_eq!(secure.as_deref(), Some("https://10.0.0.1:4566"));
        assert_eq!(Advertise::AsCalled.url(None, true), None);
    }
}
