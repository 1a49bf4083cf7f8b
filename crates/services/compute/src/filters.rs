//! Filters: what a thing must be to be listed. All of them must hold, each by any of its values.
//!
//! AWS: in values `*` is any text, `?` any letter, and a backslash takes the meaning from the next letter. Letters differ
//! by case. A filter that a kind of thing does not have is an error.

use berth_aws_api::ec2::{Error, Filter};

/// What can be asked of a kind of thing: a filter's names (EC2 has several for some), and what a thing answers.
pub type Facts<T> = &'static [(&'static [&'static str], fn(&T) -> Vec<String>)];

pub struct Filters<T: 'static>(Vec<Wanted<T>>);

struct Wanted<T> {
    fact: fn(&T) -> Vec<String>,
    patterns: Vec<String>,
}

impl<T> Filters<T> {
    pub fn parse(facts: Facts<T>, given: Option<Vec<Filter>>) -> Result<Self, Error> {
        let parse = |filter: Filter| {
            let name = filter.name.unwrap_or_default();
            let known = facts.iter().find(|(names, _)| names.contains(&name.as_str()));
            let fact = match known {
                Some((_, fact)) => *fact,
                None if is_of_tags(&name) => untagged,
                None => {
                    let message = format!("The filter '{name}' is invalid");
                    return Err(Error::invalid_parameter_value(message));
                }
            };
            let patterns = filter.values.unwrap_or_default();
            if patterns.is_empty() {
                let message = format!("The filter '{name}' must have at least one value");
                return Err(Error::missing_parameter(message));
            }
            Ok(Wanted { fact, patterns })
        };
        given.unwrap_or_default().into_iter().map(parse).collect::<Result<_, _>>().map(Filters)
    }

    pub fn take(&self, thing: &T) -> bool {
        self.0.iter().all(|Wanted { fact, patterns }| {
            let values = fact(thing);
            patterns.iter().any(|pattern| values.iter().any(|value| is_like(pattern, value)))
        })
    }
}

/// Nothing of what an account begins with has tags.
fn untagged<T>(_: &T) -> Vec<String> {
    Vec::new()
}

fn is_of_tags(name: &str) -> bool {
    matches!(name, "tag-key" | "tag-value") || name.starts_with("tag:")
}

fn is_like(pattern: &str, value: &str) -> bool {
    let (pattern, value) = (tokens(pattern), value.chars().collect::<Vec<_>>());
    // Where to go on, once a star has taken one letter more.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < value.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, from));
                at += 1;
            }
            Some(token) if token.takes(value[from]) => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    (at, from) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|token| matches!(token, Token::Any))
}

enum Token {
    Any,
    One,
    Letter(char),
}

impl Token {
    fn takes(&self, letter: char) -> bool {
        match self {
            Token::Any => false,
            Token::One => true,
            Token::Letter(own) => *own == letter,
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut letters = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Letter(letters.next().unwrap_or('\\')),
            letter => Token::Letter(letter),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, value, is_one) in [
            ("us-east-1a", "us-east-1a", true),
            ("us-east-1a", "us-east-1A", false),
            ("us-east-1?", "us-east-1a", true),
            ("us-east-1?", "us-east-1", false),
            ("*", "", true),
            ("*-1*", "us-east-1a", true),
            ("*a", "aba", true),
            ("*ab", "aba", false),
            ("a*b*c", "axxbyybzc", true),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(is_like(pattern, value), is_one, "{pattern} {value}");
        }
    }

    #[test]
    fn all_filters_hold_each_by_any_of_its_values() {
        static FACTS: Facts<&str> = &[
            (&["first", "theFirst"], |text| vec![text[..1].to_owned()]),
            (&["letters"], |text| text.chars().map(String::from).collect()),
        ];
        let filter = |name: &str, values: &[&str]| Filter {
            name: Some(name.to_owned()),
            values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
        };
        let takes = |given: Vec<Filter>, text: &'static str| {
            Filters::parse(FACTS, Some(given)).map(|filters| filters.take(&text))
        };
        assert_eq!(takes(vec![], "abc"), Ok(true));
        assert_eq!(takes(vec![filter("first", &["x", "a"])], "abc"), Ok(true));
        let both = || vec![filter("theFirst", &["a"]), filter("letters", &["d"])];
        assert_eq!(takes(both(), "abc"), Ok(false));
        assert_eq!(takes(both(), "abd"), Ok(true));
        assert_eq!(takes(vec![filter("tag:Name", &["*"])], "abc"), Ok(false));
        let refused = takes(vec![filter("second", &["a"])], "abc").expect_err("not known");
        assert_eq!(refused.to_string(), "InvalidParameterValue: The filter 'second' is invalid");
        let refused = takes(vec![filter("first", &[])], "abc").expect_err("nothing wanted");
        assert!(refused.to_string().starts_with("MissingParameter"), "{refused}");
    }
}
