use proptest::prelude::*;

use super::{Pattern, Piece, Shape, Wildcards};
use crate::context::{Keys, Nothing};
use crate::document::Version;

fn pattern(text: &str, wildcards: Wildcards) -> Pattern {
    Pattern::compile(text, wildcards, Version::V2012_10_17).unwrap()
}

#[test]
fn wildcards_reach_as_far_as_their_kind_of_text_lets_them() {
    use Wildcards::{Free, Literal, PerPart, PerPartOrBeyond};
    let table = [
        (Literal, "a*", "ab", false),
        (Literal, "a*", "a*", true),
        (Free, "", "", true),
        (Free, "", "a", false),
        (Free, "*", "", true),
        (Free, "a*c", "a:b:c", true),
        (Free, "a?c", "a:c", true),
        (Free, "a?c", "aéc", true),
        (Free, "*é", "caffé", true),
        (Free, "home/*/x*", "home/a/b/xyz", true),
        (Free, "home/*/x*", "home/a/b/yz", false),
        (Free, "*ab*ab", "abab", true),
        (Free, "*ab*ab", "aab", false),
        // The example of AWS's page about ARN operators.
        (
            PerPart,
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            false,
        ),
        (
            Free,
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            true,
        ),
        (PerPart, "arn:aws:ecs:*:*:cluster/*", "arn:aws:ecs:us-east-1:1:cluster/a:b", true),
        (PerPart, "arn:aws:ecs:*", "arn:aws:ecs:us-east-1:1:cluster/a", false),
        (PerPart, "arn:aws:iam::1:role/a?c", "arn:aws:iam::1:role/a:c", true),
        (PerPart, "arn:aws:iam:?:1:x", "arn:aws:iam:::1:x", false),
        (PerPart, "*", "arn:aws:ecs:us-east-1:1:cluster/a", true),
        (PerPartOrBeyond, "arn:aws:ecs:*", "arn:aws:ecs:us-east-1:1:cluster/a", true),
        (PerPartOrBeyond, "arn:aws:ecs:*:cluster/a", "arn:aws:ecs:us-east-1:1:cluster/a", true),
        (PerPartOrBeyond, "arn:aws:ecs:us-*", "arn:aws:ecs:us-east-1:1:cluster/a", true),
        (PerPartOrBeyond, "arn:aws:ecs:*-1:1:x", "arn:aws:ecs:us-east-1:1:x", true),
        (PerPartOrBeyond, "arn:aws:ecs:u*1:1:x", "arn:aws:ecs:us:east-1:1:x", false),
        (PerPartOrBeyond, "arn:aws:s3:::b/*.jpg", "arn:aws:s3:::b/a/b:c.jpg", true),
        // A star that stops at colons gives way to an earlier one that does not.
        (PerPartOrBeyond, "*:x*y", "a:x:b:xqy", true),
    ];
    for (wildcards, written, text, expected) in table {
        let matches = pattern(written, wildcards).matches(text, &Nothing);
        assert_eq!(matches, expected, "{wildcards:?} {written} of {text}");
    }
}

#[test]
fn variables_stand_for_what_the_request_says() {
    let keys = Keys::new()
        .with("aws:username", "ann")
        .with("aws:PrincipalTag/Team", "a*b")
        .with_many("aws:TagKeys", ["one"]);
    let table = [
        ("home/${aws:username}/*", "home/ann/x", true),
        ("home/${AWS:UserName}/*", "home/ann/x", true),
        ("home/${aws:username}/*", "home/bob/x", false),
        // A value is taken literally.
        ("${aws:PrincipalTag/Team}", "axb", false),
        ("${aws:PrincipalTag/Team}", "a*b", true),
        ("*${aws:username}*", "joanna", true),
        // Without a value there is nothing that would match.
        ("${aws:userid}", "", false),
        ("*${aws:userid}", "x", false),
        ("${aws:TagKeys}", "one", false),
        ("${aws:userid, 'nobody'}", "nobody", true),
        ("${aws:username, 'nobody'}", "nobody", false),
        ("${aws:userid, 'a}b'}", "a}b", true),
        ("${aws:userid,''}x", "x", true),
        ("${*}a${?}b${$}{c}", "*a?b${c}", true),
        ("${*}a", "xa", false),
    ];
    for (written, text, expected) in table {
        let matches = pattern(written, Wildcards::Free).matches(text, &keys);
        assert_eq!(matches, expected, "{written} of {text}");
    }
}

#[test]
fn the_old_version_has_no_variables() {
    let old = |text| Pattern::compile(text, Wildcards::Free, Version::V2008_10_17).unwrap();
    let keys = Keys::new().with("aws:username", "ann");
    assert!(old("${aws:username}").matches("${aws:username}", &keys));
    assert!(old("${unclosed").matches("${unclosed", &keys));
}

#[test]
fn a_variable_must_be_one() {
    for written in ["${", "${aws:username", "${}", "${a:b, c}", "${a${b}}", "${a:b*}"] {
        let refused = Pattern::compile(written, Wildcards::Free, Version::V2012_10_17);
        assert!(refused.is_err(), "{written}");
    }
    let place = "arn:aws:s3:${aws:RequestedRegion}::x";
    let refused = Pattern::compile(place, Wildcards::PerPartOrBeyond, Version::V2012_10_17);
    assert!(refused.unwrap_err().to_string().contains("after the fifth colon"));
}

/// Tries everything.
fn plainly(pieces: &[Piece], text: &str) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return text.is_empty() };
    let mut characters = text.char_indices();
    match piece {
        Piece::Text(part) => text.strip_prefix(&**part).is_some_and(|text| plainly(rest, text)),
        Piece::Variable(_) => unreachable!("there are none"),
        Piece::One { over_colons } => characters.next().is_some_and(|(_, character)| {
            (*over_colons || character != ':') && plainly(rest, &text[character.len_utf8()..])
        }),
        Piece::Star { over_colons } => {
            let reach =
                if *over_colons { text.len() } else { text.find(':').unwrap_or(text.len()) };
            (0..=reach)
                .filter(|end| text.is_char_boundary(*end))
                .any(|end| plainly(rest, &text[end..]))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn one_walk_finds_what_trying_everything_finds(
        written in "[ab:*?é]{0,14}",
        text in "[ab:é]{0,14}",
        kind in prop::sample::select(vec![
            Wildcards::Free, Wildcards::PerPart, Wildcards::PerPartOrBeyond, Wildcards::Literal,
        ]),
    ) {
        let compiled = pattern(&written, kind);
        let plain = match &compiled.shape {
            Shape::Anything => true,
            Shape::Exact(exact) => **exact == text,
            Shape::Prefix(prefix) => text.starts_with(&**prefix),
            Shape::Pieces { pieces, .. } => plainly(pieces, &text),
        };
        prop_assert_eq!(compiled.matches(&text, &Nothing), plain);
    }
}
