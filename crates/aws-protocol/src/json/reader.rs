//! Pulls tokens out of JSON text. Strict (RFC 8259), knows the byte it stands at, and never recurses deeper than it is told.

use std::borrow::Cow;

use crate::DecodeError;

/// How many objects and arrays may be inside each other.
pub(super) const DEEPEST: usize = 128;

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// What the next value is, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

impl Token {
    /// The text of a value that is one word.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Token::True => Some("true"),
            Token::False => Some("false"),
            Token::Null => Some("null"),
            Token::Object | Token::Array | Token::String | Token::Number => None,
        }
    }

    /// As AWS's messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Token::Object => "START_OBJECT",
            Token::Array => "START_ARRAY",
            Token::String => "STRING_VALUE",
            Token::Number => "NUMBER_VALUE",
            Token::True => "TRUE_VALUE",
            Token::False => "FALSE_VALUE",
            Token::Null => "NULL_VALUE",
        }
    }
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| DecodeError::at("the text is not valid UTF-8", error.valid_up_to()))?;
        Ok(Reader { text, at: 0 })
    }

    /// The byte that the next token begins at, or where the last one ended.
    pub fn offset(&self) -> usize {
        self.at
    }

    pub fn is_blank(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// Refuses anything but space up to the end.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        if self.is_blank() { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    pub fn peek(&mut self) -> Result<Token, DecodeError> {
        self.skip_space();
        match self.byte() {
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'"') => Ok(Token::String),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Takes `true`, `false` or `null`, which [`peek`](Self::peek) has announced.
    pub fn word(&mut self, word: &'static str) -> Result<(), DecodeError> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.unexpected(word))
    }

    /// Takes the opening bracket that [`peek`](Self::peek) has announced.
    pub fn open(&mut self) {
        self.at += 1;
    }

    /// The next key of an object, or `None` after its last. `first` is true for the first call.
    pub fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if !self.entry(b'}', first)? {
            return Ok(None);
        }
        self.skip_space();
        if self.byte() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        self.skip_space();
        if self.byte() != Some(b':') {
            return Err(self.unexpected("':'"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Whether an array has one more item. `first` is true for the first call.
    pub fn item(&mut self, first: &mut bool) -> Result<bool, DecodeError> {
        self.entry(b']', first)
    }

    fn entry(&mut self, close: u8, first: &mut bool) -> Result<bool, DecodeError> {
        self.skip_space();
        let is_first = std::mem::replace(first, false);
        match self.byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                self.skip_space();
                if self.byte() == Some(close) {
                    Err(self.unexpected("one more entry"))
                } else {
                    Ok(true)
                }
            }
            // What follows is for the taker of a key or value to judge.
            _ if is_first => Ok(true),
            _ => Err(self.unexpected(if close == b'}' { "',' or '}'" } else { "',' or ']'" })),
        }
    }

    /// Takes a string that [`peek`](Self::peek) has announced; borrowed unless it has escapes.
    pub fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(Cow::Borrowed(&self.text[start..at]));
                }
                Some(b'\\') => return self.escaped(start, at),
                Some(0..=0x1F) => {
                    return Err(DecodeError::at("a control character in a string", at));
                }
                Some(_) => at += 1,
                None => return Err(DecodeError::at("a string without its end", self.at)),
            }
        }
    }

    #[cold]
    fn escaped(&mut self, start: usize, mut at: usize) -> Result<Cow<'a, str>, DecodeError> {
        let bytes = self.text.as_bytes();
        let mut out = String::with_capacity((at - start) * 2);
        let mut plain = start;
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    out.push_str(&self.text[plain..at]);
                    self.at = at + 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    out.push_str(&self.text[plain..at]);
                    let (letter, length) = escape(&bytes[at + 1..])
                        .ok_or_else(|| DecodeError::at("an invalid escape in a string", at))?;
                    out.push(letter);
                    at += 1 + length;
                    plain = at;
                }
                Some(0..=0x1F) => {
                    return Err(DecodeError::at("a control character in a string", at));
                }
                Some(_) => at += 1,
                None => return Err(DecodeError::at("a string without its end", self.at)),
            }
        }
    }

    /// Takes the text of a number that [`peek`](Self::peek) has announced.
    pub fn number(&mut self) -> Result<&'a str, DecodeError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |at: &mut usize| {
            let from = *at;
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            *at - from
        };
        let mut at = start + usize::from(bytes[start] == b'-');
        let leading_zero = bytes.get(at) == Some(&b'0');
        let whole = digits(&mut at);
        let mut valid = whole == 1 || (whole > 1 && !leading_zero);
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            valid &= digits(&mut at) > 0;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            valid &= digits(&mut at) > 0;
        }
        if !valid {
            return Err(DecodeError::at("an invalid number", start));
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    /// Takes a whole value and forgets it.
    pub fn skip(&mut self, depth: usize) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::String => drop(self.string()?),
            Token::Number => drop(self.number()?),
            Token::True => self.word("true")?,
            Token::False => self.word("false")?,
            Token::Null => self.word("null")?,
            Token::Object => {
                self.check_depth(depth)?;
                self.open();
                let mut first = true;
                while self.key(&mut first)?.is_some() {
                    self.skip(depth + 1)?;
                }
            }
            Token::Array => {
                self.check_depth(depth)?;
                self.open();
                let mut first = true;
                while self.item(&mut first)? {
                    self.skip(depth + 1)?;
                }
            }
        }
        Ok(())
    }

    pub fn check_depth(&self, depth: usize) -> Result<(), DecodeError> {
        if depth < DEEPEST {
            return Ok(());
        }
        Err(DecodeError::at(
            format!("more than {DEEPEST} objects and arrays inside each other"),
            self.at,
        ))
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> DecodeError {
        let what = match self.text[self.at..].chars().next() {
            Some(found) => format!("expected {wanted}, found {found:?}"),
            None => format!("expected {wanted}, found the end of the text"),
        };
        DecodeError::at(what, self.at)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }
}

/// The character behind a backslash, and how many bytes spell it.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let plain = match bytes.first()? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(&bytes[1..]).map(|(letter, length)| (letter, length + 1)),
        _ => return None,
    };
    Some((plain, 1))
}

/// Four hexadecimal digits, or two groups of them for a surrogate pair.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = four_digits(bytes)?;
    if let Some(letter) = char::from_u32(first) {
        return Some((letter, 4));
    }
    if bytes.get(4..6)? != b"\\u" {
        return None;
    }
    let second = four_digits(&bytes[6..])?;
    let is_pair = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
    let code = is_pair.then(|| 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?;
    Some((char::from_u32(code)?, 10))
}

fn four_digits(bytes: &[u8]) -> Option<u32> {
    bytes
        .get(..4)?
        .iter()
        .try_fold(0, |code, byte| Some(code * 16 + char::from(*byte).to_digit(16)?))
}
