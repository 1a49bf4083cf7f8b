//! An error's JSON: `__type`, the message, and the members that its shape has.

use std::collections::BTreeMap;

use berth_aws_api::schema::prelude::DOCUMENT;
use berth_aws_api::schema::{Location, Member};
use berth_aws_api::{Document, Target};

use super::decode::decode_value;
use super::encode::{key, members, string};
use crate::ErrorReply;
use crate::protocol::FoundError;

/// AWS: the message is `message` even where the shape has none, and `Message` where the shape spells it so.
/// On REST the type is in a header, and so may be members.
pub(crate) fn encode_error_body(error: &ErrorReply<'_>, is_rest: bool) -> String {
    let mut out = String::from("{");
    let mut first = true;
    if !is_rest {
        key(&mut out, &mut first, "__type");
        string(&mut out, &error.code);
    }
    let mut has_message = false;
    if let Some(body) = error.body {
        let wanted = |member: &Member| !is_rest || member.location == Location::Body;
        members(&mut out, body, &mut first, wanted);
        has_message = body.shape().members().iter().enumerate().any(|(index, member)| {
            wanted(member)
                && member.wire_name().eq_ignore_ascii_case("message")
                && body.get(index).is_some()
        });
    }
    if let (Some(message), false) = (&error.message, has_message) {
        key(&mut out, &mut first, "message");
        string(&mut out, message);
    }
    out.push('}');
    out
}

/// Code and message, as far as the text holds them.
pub(crate) fn read_error(text: &[u8]) -> FoundError {
    let mut document = Document::Null;
    let Ok(()) = decode_value(text, &DOCUMENT, Target::Document(&mut document)) else {
        return (None, None, None);
    };
    let Document::Map(members) = document else { return (None, None, None) };
    let code = text_of(&members, &["__type", "code", "Code"]);
    let message = text_of(&members, &["message", "Message", "errorMessage"]);
    (code, message, None)
}

fn text_of(members: &BTreeMap<String, Document>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match members.get(*name) {
        Some(Document::String(text)) => Some(text.clone()),
        _ => None,
    })
}
