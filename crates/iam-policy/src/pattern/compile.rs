//! Cuts a text into pieces.

use super::{Piece, Shape, Variable, Wildcards};
use crate::context::Key;
use crate::document::Version;
use crate::malformed::Malformed;

/// The colons before an ARN's resource.
const COLONS: usize = 5;

pub(super) fn shape(
    text: &str,
    wildcards: Wildcards,
    version: Version,
) -> Result<Shape, Malformed> {
    if text == "*" && wildcards != Wildcards::Literal {
        return Ok(Shape::Anything);
    }
    let mut cut = Cut {
        wildcards,
        pieces: Vec::new(),
        variables: Vec::new(),
        text: String::new(),
        colons: 0,
    };
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if version == Version::V2012_10_17 && rest.starts_with("${") {
            rest = cut.variable(text, rest)?;
            continue;
        }
        rest = &rest[character.len_utf8()..];
        cut.character(character, rest);
    }
    Ok(cut.shape())
}

struct Cut {
    wildcards: Wildcards,
    pieces: Vec<Piece>,
    variables: Vec<Variable>,
    /// What has not become a piece yet.
    text: String,
    colons: usize,
}

impl Cut {
    fn character(&mut self, character: char, rest: &str) {
        let in_resource = self.colons >= COLONS;
        let (over_colons, beyond) = match self.wildcards {
            Wildcards::Literal => return self.text(character),
            Wildcards::Free => (true, true),
            Wildcards::PerPart => (in_resource, in_resource),
            Wildcards::PerPartOrBeyond => {
                (in_resource, in_resource || rest.is_empty() || rest.starts_with(':'))
            }
        };
        match character {
            '*' => self.piece(Piece::Star { over_colons: beyond }),
            '?' => self.piece(Piece::One { over_colons }),
            _ => self.text(character),
        }
    }

    fn text(&mut self, character: char) {
        self.colons += usize::from(character == ':');
        self.text.push(character);
    }

    fn piece(&mut self, piece: Piece) {
        self.end_text();
        self.pieces.push(piece);
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(self.text.as_str().into()));
            self.text.clear();
        }
    }

    /// Takes what begins with `${`; what comes after it is returned.
    fn variable<'a>(&mut self, text: &str, rest: &'a str) -> Result<&'a str, Malformed> {
        let refused = |why: &str| Malformed::syntax(format!("`{text}`: {why}"));
        for (escape, character) in [("${*}", '*'), ("${?}", '?'), ("${$}", '$')] {
            if let Some(after) = rest.strip_prefix(escape) {
                self.text(character);
                return Ok(after);
            }
        }
        let (inside, after) =
            split_at_end(&rest[2..]).ok_or_else(|| refused("a variable is not closed by `}`"))?;
        let (key, default) = match inside.split_once(',') {
            None => (inside, None),
            Some((key, default)) => {
                let quoted = default.trim().strip_prefix('\'').and_then(|d| d.strip_suffix('\''));
                let default = quoted
                    .ok_or_else(|| refused("the default of a variable stands in single quotes"))?;
                (key, Some(default.into()))
            }
        };
        let key = key.trim();
        if key.is_empty() || key.contains(['$', '{', '\'', '*', '?']) {
            return Err(refused("a variable is the name of one key"));
        }
        let arn = matches!(self.wildcards, Wildcards::PerPartOrBeyond);
        if arn && self.colons < COLONS {
            return Err(refused(
                "a variable of a resource stands after the fifth colon of the ARN",
            ));
        }
        self.piece(Piece::Variable(self.variables.len()));
        self.variables.push(Variable { key: Key::new(key), default });
        Ok(after)
    }

    fn shape(mut self) -> Shape {
        self.end_text();
        if self.variables.is_empty() {
            match &mut self.pieces[..] {
                [] => return Shape::Exact("".into()),
                [Piece::Text(exact)] => return Shape::Exact(std::mem::take(exact)),
                [Piece::Text(prefix), Piece::Star { over_colons: true }] => {
                    return Shape::Prefix(std::mem::take(prefix));
                }
                _ => {}
            }
        }
        Shape::Pieces { pieces: self.pieces.into(), variables: self.variables.into() }
    }
}

/// What a variable has inside, and what follows its brace; a default in quotes may have braces.
fn split_at_end(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (index, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '}' if !quoted => return Some((&text[..index], &text[index + 1..])),
            _ => {}
        }
    }
    None
}
