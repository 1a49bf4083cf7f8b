use std::collections::BTreeMap;

use berth_model::Timestamp;
use bytes::Bytes;

use crate::fixture::{Choice, Color, Details, EverythingRequest, PutThingRequest, Tree};
use crate::schema::{Kind, Location, Shape, TimestampFormat};
use crate::{Document, Structure, Target, View};

/// The index of a member by its name in the model.
fn index(value: &dyn Structure, name: &str) -> usize {
    let at = value.shape().position(0, |member| member.name == name);
    at.unwrap_or_else(|| panic!("{} has no {name}", value.shape().name))
}

fn open<'a>(value: &'a mut dyn Structure, name: &str) -> Target<'a> {
    let index = index(value, name);
    value.open(index)
}

/// Fills a value by its shape alone, as a decoder would; recursion ends at the third level.
fn fill(target: Target<'_>, shape: &'static Shape, depth: usize) {
    match (target, &shape.kind) {
        (Target::Boolean(to), Kind::Boolean) => *to = true,
        (Target::Integer(to), Kind::Integer) => *to = 7,
        (Target::Long(to), Kind::Long) => *to = 1 << 40,
        (Target::Float(to), Kind::Float) => *to = 1.5,
        (Target::Double(to), Kind::Double) => *to = 2.5,
        (Target::String(to), Kind::String) => to.push_str("text"),
        (Target::Enum(to), Kind::Enum(values)) => to.set(values[0]),
        (Target::Blob(to), Kind::Blob) => *to = Bytes::from_static(b"blob"),
        (Target::Timestamp(to), Kind::Timestamp) => *to = Timestamp::from_millis(1),
        (Target::Document(to), Kind::Document) => *to = Document::Boolean(true),
        (Target::List(to), Kind::List(list)) => fill(to.push(), list.member, depth + 1),
        (Target::Map(to), Kind::Map(map)) => fill(to.entry("key".into()), map.value, depth + 1),
        (Target::Structure(to), Kind::Structure(members) | Kind::Union(members)) => {
            assert!(std::ptr::eq(to.shape(), shape), "{} is not a {}", to.shape().name, shape.name);
            for (index, member) in members.iter().enumerate().filter(|_| depth < 3) {
                fill(to.open(index), member.shape, depth + 1);
            }
        }
        (_, _) => panic!("the type of a {} is not what its shape says", shape.name),
    }
}

fn assert_filled(view: View<'_>, shape: &'static Shape, depth: usize) {
    match (view, &shape.kind) {
        (View::Boolean(value), Kind::Boolean) => assert!(value),
        (View::Integer(value), Kind::Integer) => assert_eq!(value, 7),
        (View::Long(value), Kind::Long) => assert_eq!(value, 1 << 40),
        (View::Float(value), Kind::Float) => assert_eq!(value, 1.5),
        (View::Double(value), Kind::Double) => assert_eq!(value, 2.5),
        (View::String(value), Kind::String) => assert_eq!(value, "text"),
        (View::Enum(value), Kind::Enum(values)) => assert_eq!(value, values[0]),
        (View::Blob(value), Kind::Blob) => assert_eq!(value.as_ref(), b"blob"),
        (View::Timestamp(value), Kind::Timestamp) => assert_eq!(value.as_millis(), 1),
        (View::Document(value), Kind::Document) => assert_eq!(*value, Document::Boolean(true)),
        (View::List(list), Kind::List(shape)) => {
            assert_eq!(list.len(), 1);
            assert_filled(list.get(0), shape.member, depth + 1);
        }
        (View::Map(map), Kind::Map(shape)) => {
            let entries: Vec<_> = map.entries().collect();
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].0, "key");
            assert_filled(entries[0].1, shape.value, depth + 1);
        }
        (View::Structure(value), Kind::Structure(members) | Kind::Union(members)) => {
            for (index, member) in members.iter().enumerate().filter(|_| depth < 3) {
                let view = value.get(index).unwrap_or_else(|| panic!("{member:?} is absent"));
                assert_filled(view, member.shape, depth + 1);
            }
        }
        (_, _) => panic!("the view of a {} is not what its shape says", shape.name),
    }
}

fn survives_filling<T: Structure + Default + Clone + PartialEq>() {
    let mut value = T::default();
    let shape = value.shape();
    fill(Target::Structure(&mut value), shape, 0);
    assert_filled(View::Structure(&value), shape, 0);
    let mut copy = value.clone();
    assert!(copy == value);
    for index in 0..shape.members().len() {
        copy.clear(index);
        assert!(copy.get(index).is_none());
    }
    assert!(copy == T::default());
}

#[test]
fn every_member_can_be_filled_seen_and_cleared_by_its_index() {
    survives_filling::<EverythingRequest>();
    survives_filling::<PutThingRequest>();
    survives_filling::<Tree>();
    survives_filling::<Choice>();
}

#[cfg(feature = "ecs")]
#[test]
fn the_largest_shapes_of_ecs_can_be_filled_too() {
    use crate::ecs;
    survives_filling::<ecs::RegisterTaskDefinitionRequest>();
    survives_filling::<ecs::RegisterContainerInstanceRequest>();
    survives_filling::<ecs::RunTaskRequest>();
    survives_filling::<ecs::DescribeTasksResponse>();
    survives_filling::<ecs::DescribeServicesResponse>();
    survives_filling::<ecs::DescribeClustersResponse>();
}

#[test]
fn a_member_and_its_field_are_the_same() {
    let mut request = EverythingRequest::default();
    if let Target::String(to) = open(&mut request, "RenamedForEc2") {
        to.push_str("new");
    }
    if let Target::Enum(to) = open(&mut request, "Color") {
        to.set("deep-blue");
    }
    let expected = EverythingRequest {
        renamed_for_ec2: Some("new".into()),
        color: Some(Color::DeepBlue),
        ..Default::default()
    };
    assert_eq!(request, expected);
}

#[test]
fn opening_again_keeps_what_is_there() {
    let mut request = EverythingRequest::default();
    for text in ["a", "b"] {
        if let Target::List(list) = open(&mut request, "FlatStrings")
            && let Target::String(to) = list.push()
        {
            to.push_str(text);
        }
    }
    assert_eq!(request.flat_strings, Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
#[should_panic(expected = "Tree has no member 5")]
fn an_index_of_another_shape_is_a_bug() {
    Tree::default().open(5);
}

#[test]
fn enums_hold_what_they_do_not_know() {
    assert_eq!(Color::from("UNKNOWN"), Color::UnknownValue);
    let mauve = Color::from("mauve");
    assert_eq!(mauve, Color::Unknown("mauve".into()));
    assert_eq!(mauve.to_string(), "mauve");
    assert_eq!(Color::VALUES, ["RED", "GREEN", "deep-blue", "UNKNOWN"]);
}

#[test]
fn debug_shows_what_is_present_and_hides_secrets() {
    let request = EverythingRequest {
        string: Some("s".into()),
        secret: Some("hunter2".into()),
        blob: Some(Bytes::from_static(b"abc")),
        details: Some(Details { title: Some("t".into()), ..Default::default() }),
        colors: Some(vec![Color::Red]),
        attributes: Some(BTreeMap::from([("k".into(), "v".into())])),
        ..Default::default()
    };
    assert_eq!(
        format!("{request:?}"),
        "EverythingRequest { String: \"s\", Blob: <3 bytes>, Secret: <hidden>, Colors: [RED], \
         Details: Details { Title: \"t\" }, Attributes: {\"k\": \"v\"} }"
    );
}

#[test]
fn tables_carry_the_traits_of_the_model() {
    let request = EverythingRequest::default();
    let members = request.shape().members();
    let member = |name: &str| &members[index(&request, name)];
    assert_eq!(member("String").wire_name(), "String");
    assert_eq!(member("Renamed").wire_name(), "renamedOnWires");
    assert_eq!(member("RenamedForEc2").query_name, Some("Ec2Name"));
    assert_eq!(member("Timestamp").timestamp_format(), None);
    assert_eq!(member("TimestampIso8601").timestamp_format(), Some(TimestampFormat::Iso8601));
    assert_eq!(member("TimestampRfc822").timestamp_format(), Some(TimestampFormat::Rfc822));
    assert!(member("FlatStrings").flattened && member("FlatNamedStrings").flattened);
    assert!(!member("Strings").flattened && !member("Strings").required);
    assert!(member("ClientToken").idempotency_token);
    let namespace = member("Details").xml_namespace.expect("the model gives it a namespace");
    assert_eq!((namespace.uri, namespace.prefix), ("https://fixture.example/details/", Some("d")));
    let Kind::Map(map) = &member("DetailsByName").shape.kind else { panic!("it is a map") };
    assert_eq!((map.key_name, map.value_name), (Some("Title"), Some("Entry")));
    let Kind::List(list) = &member("NamedStrings").shape.kind else { panic!("it is a list") };
    assert_eq!(list.member_name, Some("Name"));
    assert!(matches!(member("Choice").shape.kind, Kind::Union(_)));
    assert!(Details::default().shape().members()[1].xml_attribute);

    let request = PutThingRequest::default();
    let at = |name: &str| request.shape().members()[index(&request, name)].location;
    assert_eq!(at("Path"), Location::Uri);
    assert_eq!(at("Count"), Location::Header);
    assert_eq!(at("Metadata"), Location::Headers);
    assert_eq!(at("Rest"), Location::QueryString);
    assert_eq!(at("Size"), Location::Body);
}

#[test]
fn a_lookup_begins_at_the_hint_and_wraps_around() {
    let shape = Tree::default().shape();
    let tried = std::cell::RefCell::new(Vec::new());
    let found = shape.position(3, |member| {
        tried.borrow_mut().push(member.name);
        member.name == "Value"
    });
    assert_eq!(found, Some(0));
    assert_eq!(tried.into_inner(), ["Children", "ByName", "Value"]);
    assert_eq!(shape.position(99, |member| member.name == "Left"), Some(1));
    assert_eq!(shape.position(2, |member| member.name == "left"), None);
}
