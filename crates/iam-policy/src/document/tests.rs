use super::{Document, Kind};
use crate::statement::{Effect, Position};

const PLAIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:*"],"Resource":["*"]}]}"#;

fn refusal(text: &str, kind: Kind) -> String {
    match Document::parse(text, kind) {
        Ok(document) => panic!("{text} became {document}"),
        Err(refused) => refused.to_string(),
    }
}

/// A policy of one statement that has these elements.
fn one(elements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{{elements}}}}}"#)
}

#[test]
fn what_is_no_policy_is_refused() {
    let table = [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("[]", "invalid type: sequence, expected an object at line 1 column 0"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{}", "a policy has at least one statement"),
        (r#"{"Statement":[]}"#, "a policy has at least one statement"),
        (r#"{"Statement":["a"]}"#, "statement 1: a statement is an object, not a text"),
        (r#"{"Version":"2020-01-01"}"#, "`Version` is 2012-10-17 or 2008-10-17"),
        (r#"{"Version":2012}"#, "`Version` is 2012-10-17 or 2008-10-17"),
        (r#"{"version":"2012-10-17"}"#, "`version` is not an element of a policy"),
        (r#"{"Id":1}"#, "`Id` is a text, not a number"),
        (r#"{"Id":"a","Id":"b"}"#, "`Id` is said twice"),
    ];
    for (text, detail) in table {
        assert_eq!(refusal(text, Kind::Identity), format!("Syntax errors in policy. ({detail})"));
    }
}

#[test]
fn what_is_no_statement_is_refused() {
    let syntax = |detail: &str| format!("Syntax errors in policy. (statement 1: {detail})");
    let table = [
        (r#""Action":"*","Resource":"*""#, syntax("`Effect` is Allow or Deny")),
        (r#""Effect":"allow","Action":"*","Resource":"*""#, syntax("`Effect` is Allow or Deny")),
        (
            r#""Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*""#,
            syntax("`Effect` is said twice"),
        ),
        (
            r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#,
            syntax("`Action` and `NotAction` exclude each other"),
        ),
        (
            r#""Effect":"Allow","Action":"*","NotResource":"*","Resource":"*""#,
            syntax("`Resource` and `NotResource` exclude each other"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Conditions":{}"#,
            syntax("`Conditions` is not an element of a statement"),
        ),
        (
            r#""Effect":"Allow","Action":[1],"Resource":"*""#,
            syntax("`Action` is a text, not a number"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":{"a":"b"}"#,
            syntax("`Resource` is a text, not an object"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":[]"#,
            syntax("`Condition` is an object, not a list"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}"#,
            syntax("`StringIs` is not an operator of conditions"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"true"}"#,
            syntax("`Bool` is an object, not a text"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":[]}}"#,
            syntax("`a:b` has no values"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":[null]}}"#,
            syntax("a value of `a:b` is a text, not null"),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${x""#,
            syntax("`arn:aws:s3:::${x`: a variable is not closed by `}`"),
        ),
        (
            r#""Effect":"Allow","Action":[],"Resource":"*""#,
            "Policy statement must contain actions. (statement 1)".to_owned(),
        ),
        (
            r#""Effect":"Allow","Resource":"*""#,
            "Policy statement must contain actions. (statement 1)".to_owned(),
        ),
        (
            r#""Effect":"Allow","Action":"*""#,
            "Policy statement must contain resources. (statement 1)".to_owned(),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":[]"#,
            "Policy statement must contain resources. (statement 1)".to_owned(),
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal. (statement 1)".to_owned(),
        ),
    ];
    for (elements, expected) in table {
        assert_eq!(refusal(&one(elements), Kind::Identity), expected);
    }
}

#[test]
fn policies_of_resources_and_roles_have_rules_of_their_own() {
    let who = r#""Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"}"#;
    let table = [
        (
            Kind::Resource,
            r#""Effect":"Allow","Action":"*","Resource":"*""#.to_owned(),
            "Missing required field Principal (statement 1)",
        ),
        (
            Kind::Trust,
            r#""Effect":"Allow","Action":"sts:AssumeRole""#.to_owned(),
            "Missing required field Principal (statement 1)",
        ),
        (
            Kind::Trust,
            r#""Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":"*""#.to_owned(),
            "Has prohibited field NotPrincipal (statement 1)",
        ),
        (
            Kind::Trust,
            format!(r#"{who},"Action":"sts:AssumeRole","Resource":"*""#),
            "Has prohibited field Resource (statement 1)",
        ),
        (
            Kind::Trust,
            format!(r#"{who},"Action":"ecs:RunTask""#),
            "AssumeRole policy may only specify STS AssumeRole actions. (statement 1)",
        ),
        (
            Kind::Trust,
            format!(r#"{who},"Action":["sts:AssumeRole","STS:*"]"#),
            "AssumeRole policy may only specify STS AssumeRole actions. (statement 1)",
        ),
        (
            Kind::Trust,
            format!(r#"{who},"NotAction":"sts:AssumeRole""#),
            "AssumeRole policy may only specify STS AssumeRole actions. (statement 1)",
        ),
        (
            Kind::Resource,
            r#""Effect":"Allow","Action":"*","Principal":"ann""#.to_owned(),
            r#"Invalid principal in policy: "AWS":"ann" (statement 1)"#,
        ),
        (
            Kind::Resource,
            r#""Effect":"Allow","Action":"*","Principal":{}"#.to_owned(),
            "Syntax errors in policy. (statement 1: `Principal` names nobody)",
        ),
        (
            Kind::Resource,
            r#""Effect":"Allow","Action":"*","Principal":["*"]"#.to_owned(),
            r#"Syntax errors in policy. (statement 1: `Principal` is an object or "*", not a list)"#,
        ),
    ];
    for (kind, elements, expected) in table {
        assert_eq!(refusal(&one(&elements), kind), expected);
    }
    let fine = format!(r#"{who},"Action":["sts:AssumeRole","STS:TagSession"]"#);
    assert!(Document::parse(&one(&fine), Kind::Trust).is_ok());
    let fine = r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"kms:*""#;
    assert!(Document::parse(&one(fine), Kind::Resource).is_ok());
}

#[test]
fn statement_ids_are_unique_and_plain_in_managed_policies() {
    let statement =
        |sid: &str| format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"*","Resource":"*"}}"#);
    let policy = |first, second| {
        let (first, second) = (statement(first), statement(second));
        format!(r#"{{"Version":"2012-10-17","Statement":[{first},{second}]}}"#)
    };
    assert_eq!(
        refusal(&policy("a", "a"), Kind::Identity),
        "Statement IDs (SID) in a single policy must be unique. (`a`)"
    );
    let parsed = |text: &str| Document::parse(text, Kind::Identity).unwrap();
    assert_eq!(parsed(&policy("", "")).check_managed(), Ok(()));
    assert_eq!(
        parsed(&policy("a", "b c")).check_managed().unwrap_err().to_string(),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
         expression [0-9A-Za-z]* (statement 2: `b c`)"
    );
    let old = parsed(&policy("a", "b").replace("2012", "2008")).check_managed().unwrap_err();
    assert_eq!(old.rule(), "Policy document must be version 2012-10-17 or greater.");
}

#[test]
fn a_policy_is_rendered_in_one_form() {
    let written = r#"{
        "Id": "x", "Statement": {
            "Resource": "arn:aws:s3:::b/${aws:username}", "Sid": "A \" B", "Effect": "Deny", "NotPrincipal": {
                "Service": "ecs.amazonaws.com", "AWS": ["111122223333", "arn:aws:iam::111122223333:root"]},
            "NotAction": "S3:Get*", "Condition": {
                "NumericLessThan": {"s3:max-keys": 10, "s3:min": [1.5, "2"]}, "Bool": {"aws:SecureTransport": false}}
        }, "Version": "2012-10-17"}"#;
    let document = Document::parse(written, Kind::Resource).unwrap();
    assert_eq!(
        document.to_string(),
        concat!(
            r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A \" B","Effect":"Deny","#,
            r#""NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:root"],"#,
            r#""Service":["ecs.amazonaws.com"]},"NotAction":["S3:Get*"],"#,
            r#""Resource":["arn:aws:s3:::b/${aws:username}"],"Condition":{"#,
            r#""NumericLessThan":{"s3:max-keys":["10"],"s3:min":["1.5","2"]},"#,
            r#""Bool":{"aws:SecureTransport":["false"]}}}]}"#
        )
    );
    assert_eq!(Document::parse(&document.to_string(), Kind::Resource), Ok(document));
    let plain = Document::parse(PLAIN, Kind::Identity).unwrap();
    assert_eq!(plain.to_string(), PLAIN);
}

#[test]
fn statements_know_where_they_stand() {
    let text = "{\"Statement\": [\n  {\"Effect\":\"Allow\",\"Action\":\"*\",\n   \"Resource\":\"*\"},\n  {\"Effect\":\"Deny\",\"Action\":\"é:*\",\"Resource\":\"*\"}]}";
    let text = text.replace("é:", "s3:");
    let document = Document::parse(&text, Kind::Identity).unwrap();
    let [first, second] = document.statements() else { panic!("there are two") };
    assert_eq!(first.effect(), Effect::Allow);
    assert_eq!(first.span().start, Position { line: 2, column: 3 });
    assert_eq!(first.span().end, Position { line: 3, column: 19 });
    assert_eq!(second.effect(), Effect::Deny);
    assert_eq!(second.span().start, Position { line: 4, column: 3 });
}

#[test]
fn white_space_does_not_count() {
    assert_eq!(Document::size(" { \"a b\"\n:\t1 }"), 8);
}

#[test]
fn a_policy_tells_which_keys_it_asks_for() {
    let text =
        one(r#""Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::${aws:UserName}","*"],
           "Condition":{"StringEquals":{"aws:ResourceTag/Team":"${aws:PrincipalTag/Team}"}}"#);
    let document = Document::parse(&text, Kind::Identity).unwrap();
    let keys: Vec<&str> = document.context_keys().collect();
    assert_eq!(keys, ["aws:PrincipalTag/Team", "aws:ResourceTag/Team", "aws:UserName"]);
}
