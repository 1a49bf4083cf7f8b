//! Reads the pieces of an expression from its text.
//!
//! What a piece may contain depends on where it stands (a pattern may have brackets, a subject may
//! not), so the parser asks for the piece it needs rather than for the next token.

use super::error::ExpressionError;

pub(super) struct Scanner<'a> {
    text: &'a str,
    /// In bytes; always between characters.
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The place of the next piece.
    pub(super) fn mark(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    pub(super) fn error_at(&self, mark: usize, problem: impl Into<String>) -> ExpressionError {
        ExpressionError { position: self.text[..mark].chars().count() + 1, problem: problem.into() }
    }

    /// An error at the next piece: this was expected, that is there.
    pub(super) fn expected(&mut self, what: &str) -> ExpressionError {
        let mark = self.mark();
        let found = match self.rest().chars().next() {
            Some(c) => format!("{what} expected, found `{c}`"),
            None => format!("{what} expected, but the expression ends"),
        };
        self.error_at(mark, found)
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.rest().is_empty()
    }

    /// Takes a symbol if it comes next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
        }
        found
    }

    /// Takes a word if it comes next, in any case, and no longer word.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let rest = self.rest();
        let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(is_word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// The characters of a name, possibly none.
    pub(super) fn take_name(&mut self) -> &'a str {
        self.skip_space();
        self.take_while(is_word)
    }

    /// A value: in quotes, or bare up to the next space or bracket.
    pub(super) fn take_value(&mut self, in_list: bool) -> Result<String, ExpressionError> {
        let mark = self.mark();
        if let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"')) {
            self.at += 1;
            return self.take_quoted(quote, mark);
        }
        let rest = self.rest();
        let ends = |(index, c): (usize, char)| {
            c.is_whitespace()
                || matches!(c, '(' | ')')
                || (in_list && matches!(c, ',' | ']'))
                || rest[index..].starts_with("&&")
                || rest[index..].starts_with("||")
        };
        let end =
            rest.char_indices().find(|&found| ends(found)).map_or(rest.len(), |(index, _)| index);
        if rest[end..].starts_with('(') {
            return Err(self.error_at(mark + end, "a value with parentheses must be in quotes"));
        }
        if end == 0 {
            return Err(self.expected("a value"));
        }
        self.at += end;
        Ok(rest[..end].to_owned())
    }

    /// A backslash escapes a quote or a backslash, and is itself before anything else.
    fn take_quoted(&mut self, quote: char, mark: usize) -> Result<String, ExpressionError> {
        let mut value = String::new();
        let rest = self.rest();
        let mut characters = rest.char_indices().peekable();
        while let Some((index, c)) = characters.next() {
            if c == quote {
                self.at += index + c.len_utf8();
                return Ok(value);
            }
            let escaped = (c == '\\')
                .then(|| characters.next_if(|(_, next)| matches!(next, '\\' | '\'' | '"')))
                .flatten();
            value.push(escaped.map_or(c, |(_, next)| next));
        }
        Err(self.error_at(mark, format!("the quote {quote} is never closed")))
    }

    fn take_while(&mut self, allowed: fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !allowed(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// What names of subjects and attributes may have.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '\\')
}
