//! A browser: it has cookies, and follows nothing by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use http::Request;
use rustls::ClientConfig;

use crate::authority::{Authority, secured};
use crate::client::{Answer, Client};

#[derive(Clone)]
pub struct Browser {
    tls: Arc<ClientConfig>,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(authority: &Authority) -> Browser {
        Browser { tls: authority.trusting(&["http/1.1"], None), cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, address: SocketAddr, url: &str) -> Answer {
        self.send(address, Request::get(url)).await
    }

    pub async fn send(&mut self, address: SocketAddr, request: http::request::Builder) -> Answer {
        let stream = secured(Arc::clone(&self.tls), address, "test.example").await;
        let mut client = Client::over(stream.expect("it is trusted")).await.expect("a connection");
        let request = match self.cookies.is_empty() {
            true => request,
            false => request.header("cookie", self.cookie_header()),
        };
        let answer = client.send(request).await;
        self.keep(&answer);
        answer
    }

    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    /// All cookies are for this host alone, and for TLS.
    fn keep(&mut self, answer: &Answer) {
        for cookie in set_cookies(answer) {
            assert!(cookie.len() <= 4096, "{} bytes are too much", cookie.len());
            assert!(cookie.contains("; Path=/; Secure; HttpOnly"), "{cookie}");
            let (name, rest) = cookie.split_once('=').expect("a name and a value");
            let value = rest.split(';').next().expect("a first part");
            match rest.contains("Expires=Thu, 01 Jan 1970") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

pub fn set_cookies(answer: &Answer) -> Vec<&str> {
    let cookies = answer.headers.get_all("set-cookie").iter();
    cookies.map(|cookie| cookie.to_str().expect("text")).collect()
}
