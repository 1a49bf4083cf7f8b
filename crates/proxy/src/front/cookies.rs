//! Cookies by which a client comes to the same group and target again.
//!
//! DEVIATES: what they say is not encrypted: a hash of the target's name, which says nothing about where it is. Who makes one up
//! chooses among the targets that may be chosen.

use std::time::{Duration, SystemTime};

use berth_proxy_protocol::Stickiness;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::group::TargetIdentity;

const TARGET: &str = "AWSALB";
const TARGET_OF_APP: &str = "AWSALBAPP-0";
const GROUP: &str = "AWSALBTG";

/// The target that a client had before, if its group is to keep it.
pub(super) fn target(headers: &HeaderMap, stickiness: &Stickiness) -> Option<TargetIdentity> {
    let value = match stickiness {
        Stickiness::LbCookie { .. } => {
            find(headers, TARGET).or_else(|| find(headers, "AWSALBCORS"))?
        }
        Stickiness::AppCookie { name, .. } => {
            // AWS: without the application's own cookie ours means nothing.
            find(headers, name)?;
            find(headers, TARGET_OF_APP)?
        }
        Stickiness::SourceIp => return None,
    };
    parse(value).map(TargetIdentity::from_u64)
}

/// Has the client come to this target again.
pub(super) fn keep_target(
    response: &mut HeaderMap,
    stickiness: &Stickiness,
    target: TargetIdentity,
    now: SystemTime,
) {
    match stickiness {
        Stickiness::LbCookie { seconds } => {
            set_both(response, TARGET, target.as_u64(), *seconds, now);
        }
        Stickiness::AppCookie { name, seconds } => {
            let sets = |value: &HeaderValue| {
                let value = value.as_bytes();
                value.starts_with(name.as_bytes()) && value.get(name.len()) == Some(&b'=')
            };
            if response.get_all(SET_COOKIE).iter().any(sets) {
                set(response, TARGET_OF_APP, target.as_u64(), *seconds, "", now);
            }
        }
        Stickiness::SourceIp => {}
    }
}

/// Which of these groups a client had before.
pub(super) fn group<'a>(
    headers: &HeaderMap,
    mut arns: impl Iterator<Item = &'a str>,
) -> Option<usize> {
    let value = find(headers, GROUP).or_else(|| find(headers, "AWSALBTGCORS"))?;
    let wanted = parse(value)?;
    arns.position(|arn| hash(arn) == wanted)
}

/// Has the client come to this group again.
pub(super) fn keep_group(response: &mut HeaderMap, arn: &str, seconds: u32, now: SystemTime) {
    set_both(response, GROUP, hash(arn), seconds, now);
}

fn hash(arn: &str) -> u64 {
    TargetIdentity::of(arn, 0).as_u64()
}

fn parse(value: &str) -> Option<u64> {
    u64::from_str_radix(value, 16).ok()
}

/// AWS: once for whoever is on the same site and once for those who are not.
fn set_both(response: &mut HeaderMap, name: &str, value: u64, seconds: u32, now: SystemTime) {
    set(response, name, value, seconds, "", now);
    set(response, &format!("{name}CORS"), value, seconds, "; SameSite=None; Secure", now);
}

fn set(
    response: &mut HeaderMap,
    name: &str,
    value: u64,
    seconds: u32,
    rest: &str,
    now: SystemTime,
) {
    let expires = httpdate::fmt_http_date(now + Duration::from_secs(seconds.into()));
    let cookie = format!("{name}={value:016x}; Expires={expires}; Path=/{rest}");
    response.append(SET_COOKIE, HeaderValue::try_from(cookie).expect("it is made of text"));
}

/// The value of a cookie.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            let (its_name, value) = pair.trim().split_once('=')?;
            (its_name == name).then_some(value)
        })
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use berth_proxy_protocol::Stickiness;
    use http::header::{COOKIE, SET_COOKIE};
    use http::{HeaderMap, HeaderValue};

    use super::{group, keep_group, keep_target, target};
    use crate::group::TargetIdentity;

    /// What a client that was answered so asks with.
    fn next(response: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in response.get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a first part");
            headers.append(COOKIE, HeaderValue::from_str(pair).expect("a value"));
        }
        headers
    }

    #[test]
    fn a_cookie_leads_back() {
        let stickiness = Stickiness::LbCookie { seconds: 60 };
        let identity = TargetIdentity::of("i-1", 80);
        let mut response = HeaderMap::new();
        keep_target(&mut response, &stickiness, identity, UNIX_EPOCH);
        let cookies: Vec<&HeaderValue> = response.get_all(SET_COOKIE).iter().collect();
        let value = format!("{:016x}", identity.as_u64());
        let expires = "Expires=Thu, 01 Jan 1970 00:01:00 GMT; Path=/";
        assert_eq!(cookies[0], &format!("AWSALB={value}; {expires}"));
        assert_eq!(cookies[1], &format!("AWSALBCORS={value}; {expires}; SameSite=None; Secure"));
        assert_eq!(target(&next(&response), &stickiness), Some(identity));
        assert_eq!(target(&HeaderMap::new(), &stickiness), None);
    }

    #[test]
    fn an_applications_cookie_begins_and_ends_it() {
        let stickiness = Stickiness::AppCookie { name: "sid".into(), seconds: 60 };
        let identity = TargetIdentity::of("i-1", 80);
        let mut response = HeaderMap::new();
        response.append(SET_COOKIE, HeaderValue::from_static("side=1"));
        keep_target(&mut response, &stickiness, identity, UNIX_EPOCH);
        assert_eq!(response.get_all(SET_COOKIE).iter().count(), 1, "the application set none");
        response.append(SET_COOKIE, HeaderValue::from_static("sid=1"));
        keep_target(&mut response, &stickiness, identity, UNIX_EPOCH);
        let mut request = next(&response);
        assert_eq!(target(&request, &stickiness), Some(identity));
        let ours = format!("AWSALBAPP-0={:016x}", identity.as_u64());
        request.insert(COOKIE, HeaderValue::try_from(ours).expect("a value"));
        assert_eq!(target(&request, &stickiness), None, "the application's is gone");
    }

    #[test]
    fn a_group_is_found_again_among_others() {
        let mut response = HeaderMap::new();
        keep_group(&mut response, "blue", 1, UNIX_EPOCH);
        assert_eq!(group(&next(&response), ["green", "blue"].into_iter()), Some(1));
        assert_eq!(group(&next(&response), ["green"].into_iter()), None);
    }
}
