//! Fills a structure from the parts of an HTTP message.

use std::borrow::Cow;

use berth_aws_api::schema::{Kind, Location, Member};
use berth_aws_api::{Path, Structure, Target};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::route::{Labels, Route};
use crate::json::decode::{decode_body_members, decode_value};
use crate::{DecodeError, scalar};

pub(super) fn labels(labels: &Labels<'_>, into: &mut dyn Structure) -> Result<(), DecodeError> {
    each(into, Location::Uri, |member, target, here| {
        let found = labels.iter().find(|(name, _)| *name == member.wire_name());
        found.map_or(Ok(()), |(_, text)| scalar::decode(text, target(), here))
    })
}

/// AWS: lists repeat their parameter; a map takes every parameter that no other member claims.
pub(super) fn query(
    route: &Route,
    pairs: &[(Cow<'_, str>, Cow<'_, str>)],
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    let is_claimed = |name: &str, members: &[Member]| {
        route.names(name)
            || members.iter().any(|member| {
                member.location == Location::QueryString
                    && !matches!(member.shape.kind, Kind::Map(_))
                    && member.wire_name() == name
            })
    };
    let members = into.shape().members();
    each(into, Location::QueryString, |member, target, here| match &member.shape.kind {
        Kind::Map(kind) => {
            let mut free = pairs.iter().filter(|(name, _)| !is_claimed(name, members)).peekable();
            if free.peek().is_none() {
                return Ok(());
            }
            let Target::Map(map) = target() else { return Ok(()) };
            for (name, text) in free {
                match (map.entry(name.clone().into_owned()), &kind.value.kind) {
                    (Target::List(list), _) => scalar::decode(text, list.push(), &here.key(name))?,
                    (single, _) => scalar::decode(text, single, &here.key(name))?,
                }
            }
            Ok(())
        }
        _ => {
            let mut found = pairs.iter().filter(|(name, _)| name == member.wire_name()).peekable();
            if found.peek().is_none() {
                return Ok(());
            }
            match target() {
                Target::List(list) => {
                    for (index, (_, text)) in found.enumerate() {
                        scalar::decode(text, list.push(), &here.index(index))?;
                    }
                    Ok(())
                }
                single => {
                    found.next().map_or(Ok(()), |(_, text)| scalar::decode(text, single, here))
                }
            }
        }
    })
}

/// AWS: lists are separated by commas; a map takes every header that begins with its prefix.
pub(super) fn headers(headers: &HeaderMap, into: &mut dyn Structure) -> Result<(), DecodeError> {
    each(into, Location::Header, |member, target, here| {
        let name = member.wire_name().to_ascii_lowercase();
        let mut values =
            headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).peekable();
        if values.peek().is_none() {
            return Ok(());
        }
        match target() {
            Target::List(list) => {
                let entries = values.flat_map(list_entries);
                for (index, text) in entries.enumerate() {
                    scalar::decode(&text, list.push(), &here.index(index))?;
                }
                Ok(())
            }
            single => values.next().map_or(Ok(()), |text| scalar::decode(text, single, here)),
        }
    })?;
    each(into, Location::Headers, |member, target, here| {
        let prefix = member.location_name.unwrap_or_default().to_ascii_lowercase();
        let found: Vec<(&str, &str)> = headers
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().strip_prefix(&prefix)?, value.to_str().ok()?))
            })
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        let Target::Map(map) = target() else { return Ok(()) };
        found.into_iter().try_for_each(|(name, text)| {
            scalar::decode(text, map.entry(name.to_owned()), &here.key(name))
        })
    })
}

/// The member that is the whole body, or else the members inside of a JSON object.
pub(super) fn body(body: &Bytes, into: &mut dyn Structure) -> Result<(), DecodeError> {
    let members = into.shape().members();
    let Some(index) = members.iter().position(|member| member.location == Location::Payload) else {
        return decode_body_members(body, into);
    };
    if body.is_empty() {
        return Ok(());
    }
    let member = &members[index];
    let here = Path::ROOT.member(member.name);
    match into.open(index) {
        Target::Blob(into) => *into = body.clone(),
        target @ (Target::String(_) | Target::Enum(_)) => {
            let text = std::str::from_utf8(body).map_err(|error| {
                DecodeError::at("the body is not valid UTF-8", error.valid_up_to()).inside(&here)
            })?;
            scalar::decode(text, target, &here)?;
        }
        target => decode_value(body, member.shape, target)?,
    }
    Ok(())
}

pub(super) fn status(status: StatusCode, into: &mut dyn Structure) -> Result<(), DecodeError> {
    each(into, Location::StatusCode, |_, target, here| {
        scalar::decode(status.as_str(), target(), here)
    })
}

/// AWS: dates in headers hold commas of their own, and texts with commas are quoted.
fn list_entries(value: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let (mut is_quoted, mut letters) = (false, value.chars());
    let is_date_comma =
        |entry: &str| ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&entry.trim());
    while let Some(letter) = letters.next() {
        let entry = entries.last_mut().expect("begun with one entry and never emptied");
        match letter {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => entry.extend(letters.next()),
            ',' if !is_quoted && !is_date_comma(entry) => entries.push(String::new()),
            letter => entry.push(letter),
        }
    }
    entries.into_iter().map(|entry| entry.trim().to_owned()).collect()
}

/// Calls `fill` for every member in one place. The member is only opened, and so made present, when
/// `fill` asks for its target.
fn each(
    into: &mut dyn Structure,
    location: Location,
    mut fill: impl for<'a> FnMut(
        &Member,
        Box<dyn FnOnce() -> Target<'a> + 'a>,
        &Path<'_>,
    ) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let members = into.shape().members();
    for (index, member) in
        members.iter().enumerate().filter(|(_, member)| member.location == location)
    {
        fill(member, Box::new(|| into.open(index)), &Path::ROOT.member(member.name))?;
    }
    Ok(())
}
