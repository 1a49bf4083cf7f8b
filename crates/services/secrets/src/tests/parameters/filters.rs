//! What DescribeParameters can be asked.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::{secure, text};
use crate::tests::world::{World, some};

fn filter(key: &str, option: Option<&str>, values: &[&str]) -> api::ParameterStringFilter {
    api::ParameterStringFilter {
        key: some(key),
        option: option.map(str::to_owned),
        values: Some(values.iter().map(|value| value.to_string()).collect()),
    }
}

fn asking(filters: Vec<api::ParameterStringFilter>) -> api::DescribeParametersRequest {
    api::DescribeParametersRequest { parameter_filters: Some(filters), ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn filters_let_through_what_they_say() {
    let world = World::new().await;
    let tags = Some(vec![api::Tag { key: some("team"), value: some("web") }]);
    world.put(api::PutParameterRequest { tags, ..text("/shop/host", "x") }).await;
    world.put(secure("/shop/db/password", "x")).await;
    let advanced = Some(api::ParameterTier::Advanced);
    world.put(api::PutParameterRequest { tier: advanced, ..text("plain", "x") }).await;
    let all = ["/shop/db/password", "/shop/host", "plain"];
    let (host, password) = (&all[1..2], &all[..1]);
    for (filters, expected) in [
        (vec![], &all[..]),
        (vec![filter("Name", None, &["/shop/host"])], host),
        (vec![filter("Name", Some("BeginsWith"), &["/shop", "pl"])], &all),
        (vec![filter("Name", Some("Contains"), &["ss"])], password),
        (vec![filter("Type", None, &["SecureString"])], password),
        (vec![filter("KeyId", Some("BeginsWith"), &["alias/aws"])], password),
        (vec![filter("Tier", None, &["Advanced"])], &all[2..]),
        (vec![filter("Path", None, &["/shop"])], host),
        (vec![filter("Path", Some("Recursive"), &["/shop"])], &all[..2]),
        (vec![filter("tag:team", None, &["web"])], host),
        (vec![filter("tag:team", None, &["db"])], &[]),
        (
            vec![filter("Path", Some("Recursive"), &["/shop"]), filter("Type", None, &["String"])],
            host,
        ),
        (vec![filter("DataType", None, &["text"])], &all),
    ] {
        let described = format!("{filters:?}");
        let found = world.ask::<ops::DescribeParameters>(asking(filters)).await.parameters.unwrap();
        let names: Vec<_> = found.iter().filter_map(|found| found.name.as_deref()).collect();
        assert_eq!(names, expected, "{described}");
    }
    let shared = api::DescribeParametersRequest { shared: Some(true), ..Default::default() };
    assert_eq!(world.ask::<ops::DescribeParameters>(shared).await.parameters, Some(vec![]));
}

#[tokio::test(start_paused = true)]
async fn filters_that_mean_nothing_are_refused() {
    let world = World::new().await;
    for (filters, code) in [
        (vec![filter("Label", None, &["x"])], "InvalidFilterKey"),
        (vec![filter("Name", Some("Recursive"), &["x"])], "InvalidFilterOption"),
        (vec![filter("Type", None, &["Text"])], "InvalidFilterValue"),
        (vec![filter("Path", None, &["shop"])], "InvalidFilterValue"),
    ] {
        assert_eq!(world.refused::<ops::DescribeParameters>(asking(filters)).await.code, code);
    }
    let input = api::GetParametersByPathRequest {
        path: some("/"),
        parameter_filters: Some(vec![filter("Name", None, &["x"])]),
        ..Default::default()
    };
    let refusal = world.refused::<ops::GetParametersByPath>(input).await;
    assert_eq!(refusal.code, "InvalidFilterKey");
    let other =
        api::DescribeParametersRequest { next_token: some("another"), ..Default::default() };
    assert_eq!(world.refused::<ops::DescribeParameters>(other).await.code, "InvalidNextToken");
}
