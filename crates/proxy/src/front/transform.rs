//! Hosts and URLs that are rewritten before a request is forwarded.

use std::borrow::Cow;

use berth_proxy_protocol as protocol;
use berth_proxy_protocol::Pattern;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use regex::bytes::Regex;

use super::own::Own;
use crate::rules::regex;

/// AWS: a URL that is longer is not forwarded.
const LONGEST: usize = 16 * 1024;

/// All of a rule's.
#[derive(Default)]
pub(super) struct Transforms {
    hosts: Vec<Rewrite>,
    urls: Vec<Rewrite>,
}

struct Rewrite {
    matches: Regex,
    replace: String,
}

impl Transforms {
    pub(super) fn compile(transforms: &[protocol::Transform]) -> Result<Transforms, String> {
        let mut compiled = Transforms::default();
        for transform in transforms {
            let (to, rewrites) = match transform {
                protocol::Transform::HostHeaderRewrite { rewrites } => {
                    (&mut compiled.hosts, rewrites)
                }
                protocol::Transform::UrlRewrite { rewrites } => (&mut compiled.urls, rewrites),
            };
            for rewrite in rewrites {
                to.push(Rewrite::compile(
                    rewrite,
                    matches!(transform, protocol::Transform::HostHeaderRewrite { .. }),
                )?);
            }
        }
        Ok(compiled)
    }

    /// Leaves the host in the request's header, whichever way it came. Says whether there was anything to rewrite.
    pub(super) fn apply<B>(
        &self,
        request: &mut Request<B>,
        host: HeaderValue,
    ) -> Result<bool, Own> {
        let host = match self.hosts.is_empty() {
            true => host,
            false => {
                let host = rewritten(&self.hosts, host.as_bytes());
                HeaderValue::from_bytes(&host).map_err(|_| unfit())?
            }
        };
        if !host.is_empty() {
            request.headers_mut().insert(header::HOST, host);
        }
        if !self.urls.is_empty() {
            let url = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
            let url = rewritten(&self.urls, url.as_bytes());
            if !url.starts_with(b"/") || url.len() > LONGEST {
                return Err(unfit());
            }
            *request.uri_mut() = Uri::try_from(&*url).map_err(|_| unfit())?;
        }
        Ok(!self.hosts.is_empty() || !self.urls.is_empty())
    }
}

/// The rewrite made something of the request that is none.
fn unfit() -> Own {
    StatusCode::INTERNAL_SERVER_ERROR.into()
}

fn rewritten<'a>(rewrites: &[Rewrite], text: &'a [u8]) -> Cow<'a, [u8]> {
    let mut text = Cow::Borrowed(text);
    for rewrite in rewrites {
        if let Cow::Owned(new) = rewrite.matches.replace(&text, rewrite.replace.as_bytes()) {
            text = Cow::Owned(new);
        }
    }
    text
}

impl Rewrite {
    fn compile(rewrite: &protocol::Rewrite, ignores_case: bool) -> Result<Rewrite, String> {
        let Pattern::Regex(expression) = &rewrite.matches else {
            return Err("a rewrite is by a regular expression".to_owned());
        };
        Ok(Rewrite {
            matches: regex(expression, ignores_case)?,
            replace: references(&rewrite.replace),
        })
    }
}

/// `$1` as ELB means it: one digit names a group, whatever comes behind.
fn references(replace: &str) -> String {
    let mut ours = String::with_capacity(replace.len());
    let mut characters = replace.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.next_if(char::is_ascii_digit)) {
            ('$', Some(group)) => {
                ours.push_str("${");
                ours.push(group);
                ours.push('}');
            }
            ('$', None) => ours.push_str("$$"),
            (other, digit) => {
                ours.push(other);
                ours.extend(digit);
            }
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use berth_proxy_protocol::{Pattern, Rewrite, Transform};
    use http::{HeaderValue, Request, StatusCode, header};

    use super::Transforms;

    fn rewrite(matches: &str, replace: &str) -> Vec<Rewrite> {
        vec![Rewrite { matches: Pattern::Regex(matches.into()), replace: replace.into() }]
    }

    fn applied(transforms: &[Transform], url: &str) -> Result<(String, String), StatusCode> {
        let transforms = Transforms::compile(transforms).expect("they are valid");
        let mut request = Request::get(url).body(()).expect("a request");
        let host = HeaderValue::from_static("api.example.com:81");
        transforms.apply(&mut request, host).map_err(|own| own.status)?;
        let host = request.headers()[header::HOST].to_str().expect("text").to_owned();
        Ok((host, request.uri().to_string()))
    }

    #[test]
    fn hosts_and_urls_are_rewritten_where_they_match() {
        let host =
            Transform::HostHeaderRewrite { rewrites: rewrite("^(.+)\\.Example", "$1.$1test") };
        let url = Transform::UrlRewrite { rewrites: rewrite("^/api/(v\\d)/(.*)$", "/$2$1?cost=$") };
        let both = [host, url];
        assert_eq!(
            applied(&both, "/api/v1/users?x=1").expect("it is fit"),
            ("api.apitest.com:81".into(), "/users?x=1v1?cost=$".into())
        );
        assert_eq!(
            applied(&both[1..], "/other?x").expect("it is fit"),
            ("api.example.com:81".into(), "/other?x".into())
        );
    }

    #[test]
    fn what_becomes_no_url_is_not_forwarded() {
        let url = Transform::UrlRewrite { rewrites: rewrite("^/", "") };
        assert_eq!(applied(&[url], "/a"), Err(StatusCode::INTERNAL_SERVER_ERROR));
    }
}
