//! Takes an ARN's text apart and remembers where each part stood, so that an error can point at it.

use std::fmt;
use std::str::FromStr;

use super::{ArnError, ArnPart};
use crate::scope::{AccountId, Partition, Region, Scope};

pub(super) struct Parts<'a> {
    text: &'a str,
    /// Partition, service, region, account, resource.
    parts: [&'a str; 5],
}

impl<'a> Parts<'a> {
    pub(super) fn split(text: &'a str) -> Result<Self, ArnError> {
        const NAMES: [ArnPart; 5] = [
            ArnPart::Partition,
            ArnPart::Service,
            ArnPart::Region,
            ArnPart::Account,
            ArnPart::Resource,
        ];
        let rest = text
            .strip_prefix("arn:")
            .ok_or_else(|| error(text, ArnPart::Prefix, text, "`arn:` expected"))?;
        // Five at most: the resource may have colons of its own.
        let mut found = rest.splitn(5, ':');
        let mut parts = [""; 5];
        for (part, name) in parts.iter_mut().zip(NAMES) {
            *part =
                found.next().ok_or_else(|| error(text, name, &text[text.len()..], "missing"))?;
        }
        Ok(Parts { text, parts })
    }

    pub(super) fn partition(&self) -> Result<Partition, ArnError> {
        self.read(ArnPart::Partition, self.parts[0])
    }

    pub(super) fn service(&self) -> Result<&'a str, ArnError> {
        let service = self.parts[1];
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if service.is_empty() || !service.bytes().all(allowed) {
            return Err(self.error(
                ArnPart::Service,
                service,
                format!("`{service}` is not the name of a service"),
            ));
        }
        Ok(service)
    }

    pub(super) fn region(&self) -> Result<Option<Region>, ArnError> {
        self.read_unless_empty(ArnPart::Region, self.parts[2])
    }

    pub(super) fn account(&self) -> Result<Option<AccountId>, ArnError> {
        self.read_unless_empty(ArnPart::Account, self.parts[3])
    }

    pub(super) fn resource(&self) -> Result<&'a str, ArnError> {
        if self.parts[4].is_empty() {
            return Err(self.error(ArnPart::Resource, self.parts[4], "missing"));
        }
        Ok(self.parts[4])
    }

    /// The scope of an ARN of ECS, which always says all of it.
    pub(super) fn ecs_scope(&self) -> Result<Scope, ArnError> {
        let partition = self.partition()?;
        if self.parts[1] != "ecs" {
            return Err(self.error(
                ArnPart::Service,
                self.parts[1],
                format!("`ecs` expected, not `{}`", self.parts[1]),
            ));
        }
        let region =
            self.region()?.ok_or_else(|| self.error(ArnPart::Region, self.parts[2], "missing"))?;
        let account = self
            .account()?
            .ok_or_else(|| self.error(ArnPart::Account, self.parts[3], "missing"))?;
        Ok(Scope { partition, account, region })
    }

    /// What follows `kind/` in the resource.
    pub(super) fn resource_of_kind(&self, kind: &str) -> Result<&'a str, ArnError> {
        let resource = self.resource()?;
        match resource.split_once('/') {
            Some((found, rest)) if found == kind => Ok(rest),
            _ => {
                let found = resource.split('/').next().unwrap_or(resource);
                Err(self.error(
                    ArnPart::Resource,
                    resource,
                    format!("`{kind}/…` expected, not `{found}`"),
                ))
            }
        }
    }

    /// Reads a piece of the resource. `piece` must be a slice of the text, so that its place is known.
    pub(super) fn read_resource<T>(&self, piece: &'a str) -> Result<T, ArnError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.read(ArnPart::Resource, piece)
    }

    pub(super) fn error(
        &self,
        part: ArnPart,
        piece: &'a str,
        problem: impl fmt::Display,
    ) -> ArnError {
        error(self.text, part, piece, problem)
    }

    fn read<T>(&self, part: ArnPart, piece: &'a str) -> Result<T, ArnError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        piece.parse().map_err(|problem| self.error(part, piece, problem))
    }

    fn read_unless_empty<T>(&self, part: ArnPart, piece: &'a str) -> Result<Option<T>, ArnError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        if piece.is_empty() { Ok(None) } else { self.read(part, piece).map(Some) }
    }
}

fn error(text: &str, part: ArnPart, piece: &str, problem: impl fmt::Display) -> ArnError {
    let offset = (piece.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let position = text.get(..offset).map_or(1, |before| before.chars().count() + 1);
    ArnError { text: text.to_owned(), part, position, problem: problem.to_string() }
}
