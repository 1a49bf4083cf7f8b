//! Patterns with `*` and `?`.

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub(super) struct Wildcard {
    tokens: Box<[Token]>,
    ignores_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// In lower case, if case is ignored.
    Byte(u8),
    AnyByte,
    AnyBytes,
}

impl Wildcard {
    /// A backslash before `*`, `?` or a backslash makes it mean itself; before anything else it is one itself.
    pub(super) fn compile(pattern: &str, ignores_case: bool) -> Wildcard {
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut bytes = pattern.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let token = match byte {
                b'*' => Token::AnyBytes,
                b'?' => Token::AnyByte,
                b'\\' => Token::Byte(
                    bytes.next_if(|next| matches!(next, b'*' | b'?' | b'\\')).unwrap_or(b'\\'),
                ),
                byte if ignores_case => Token::Byte(byte.to_ascii_lowercase()),
                byte => Token::Byte(byte),
            };
            // Two stars say what one does.
            if token != Token::AnyBytes || tokens.last() != Some(&Token::AnyBytes) {
                tokens.push(token);
            }
        }
        Wildcard { tokens: tokens.into(), ignores_case }
    }

    /// Whether all of `text` is what the pattern says. Takes time of pattern times text at worst.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let tokens = &self.tokens;
        let (mut token, mut at) = (0, 0);
        // Where to go back to: behind the last star, and how much of the text that star has by now.
        let mut last_star: Option<(usize, usize)> = None;
        while at < text.len() {
            match tokens.get(token) {
                Some(Token::AnyBytes) => {
                    token += 1;
                    if token == tokens.len() {
                        return true;
                    }
                    last_star = Some((token, at));
                    continue;
                }
                Some(Token::AnyByte) => {
                    (token, at) = (token + 1, at + 1);
                    continue;
                }
                Some(Token::Byte(byte)) if self.folded(text[at]) == *byte => {
                    (token, at) = (token + 1, at + 1);
                    continue;
                }
                _ => {}
            }
            let Some((behind, taken)) = &mut last_star else { return false };
            *taken += 1;
            (token, at) = (*behind, *taken);
        }
        tokens[token..].iter().all(|token| *token == Token::AnyBytes)
    }

    /// What every match begins with.
    pub(super) fn literal_beginning(&self) -> impl Iterator<Item = u8> {
        self.tokens.iter().map_while(|token| token.byte())
    }

    /// What every match ends with; to be read from its end.
    pub(super) fn literal_end(&self) -> impl DoubleEndedIterator<Item = u8> {
        let length = self.tokens.iter().rev().map_while(|token| token.byte()).count();
        self.tokens[self.tokens.len() - length..].iter().filter_map(|token| token.byte())
    }

    fn folded(&self, byte: u8) -> u8 {
        if self.ignores_case { byte.to_ascii_lowercase() } else { byte }
    }
}

impl Token {
    fn byte(self) -> Option<u8> {
        match self {
            Token::Byte(byte) => Some(byte),
            Token::AnyByte | Token::AnyBytes => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wildcard;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let wildcard = Wildcard::compile(pattern, false);
        for text in matching {
            assert!(wildcard.matches(text.as_bytes()), "{pattern} is {text}");
        }
        for text in others {
            assert!(!wildcard.matches(text.as_bytes()), "{pattern} is not {text}");
        }
    }

    #[test]
    fn stars_stand_for_anything_and_question_marks_for_one() {
        check("", &[""], &["a"]);
        check("*", &["", "a", "a/b"], &[]);
        check("a*", &["a", "ab", "a/b/c"], &["", "ba"]);
        check("*a", &["a", "ba", "aa"], &["", "ab"]);
        check("a?c", &["abc", "a/c", "a?c"], &["ac", "abbc"]);
        check("a*b*c", &["abc", "aXbYc", "abbcc", "abcbc"], &["acb", "abcd"]);
        check("*.php", &["a.php", ".php", "a.php.php"], &["a.php5", "a.ph"]);
        check("**a**", &["a", "bab"], &["b"]);
        check("*?", &["a", "ab"], &[""]);
    }

    #[test]
    fn a_backslash_takes_a_wildcards_meaning() {
        check(r"a\*", &["a*"], &["ab", r"a\*"]);
        check(r"a\?b", &["a?b"], &["axb"]);
        check(r"a\\b", &[r"a\b"], &[r"a\\b"]);
        check(r"a\b", &[r"a\b"], &["ab"]);
        check("a\\", &["a\\"], &["a"]);
    }

    #[test]
    fn case_counts_unless_it_is_ignored() {
        check("/Img/*", &["/Img/x"], &["/img/x"]);
        let wildcard = Wildcard::compile("*.Example.COM", true);
        assert!(wildcard.matches(b"www.eXample.com"));
    }

    #[test]
    fn literal_ends_are_as_long_as_they_can_be() {
        let wildcard = Wildcard::compile(r"/a\*b/*/c?de", false);
        assert_eq!(wildcard.literal_beginning().collect::<Vec<_>>(), b"/a*b/");
        assert_eq!(wildcard.literal_end().collect::<Vec<_>>(), b"de");
        let whole = Wildcard::compile("abc", false);
        assert_eq!(whole.literal_end().rev().collect::<Vec<_>>(), b"cba");
    }

    #[test]
    fn a_pattern_of_many_stars_does_not_take_for_ever() {
        let pattern = "*a".repeat(64) + "b";
        assert!(!Wildcard::compile(&pattern, false).matches(&[b'a'; 16 * 1024]));
    }
}
