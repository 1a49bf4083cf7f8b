//! Tokens through a cell, under paused time.

use std::convert::Infallible;
use std::sync::Arc;

use berth_model::{Scope, Timestamp};
use berth_store::MemoryStore;

use super::{Claim, ClientToken, ExpireClientTokens, REMEMBERED, TokenConflict};
use crate::cell::Cell;
use crate::env::Env;
use crate::reconcile::{Options, Reconcilers};
use crate::tables::Schema;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

async fn cell() -> Cell {
    let mut schema = Schema::new();
    schema.table::<ClientToken>();
    Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("opens")
}

fn scope(region: &str) -> Scope {
    Scope::new("123456789012".parse().expect("an account"), region.parse().expect("a region"))
}

fn claim(token: &str, request: &str) -> Claim {
    Claim::new(scope("eu-west-1"), "RunTask", token, request.as_bytes())
}

/// An operation whose answer is unique to each time that it does its work.
async fn run(cell: &Cell, claim: Claim, now: Timestamp) -> Result<String, TokenConflict> {
    let done = cell
        .write(move |tx| {
            if let Some(answer) = claim.replay(tx, now)? {
                return Ok(String::from_utf8(answer.to_vec()).expect("text was kept"));
            }
            let answer = format!("done in {}", tx.revision());
            claim.keep(tx, answer.clone().into_bytes(), now);
            Ok(answer)
        })
        .await;
    done.map_err(|error| match error {
        crate::cell::WriteError::Aborted(conflict) => conflict,
        other => panic!("{other}"),
    })
}

#[tokio::test(start_paused = true)]
async fn the_same_request_gets_the_first_answer() {
    let cell = cell().await;
    let first = run(&cell, claim("t", "two tasks"), START).await.expect("is first");
    let later = START + REMEMBERED / 2;
    assert_eq!(run(&cell, claim("t", "two tasks"), later).await, Ok(first.clone()));
    assert_ne!(run(&cell, claim("another", "two tasks"), later).await, Ok(first));
}

#[tokio::test(start_paused = true)]
async fn two_at_once_are_one() {
    let cell = cell().await;
    let both =
        futures_util::join!(run(&cell, claim("t", "r"), START), run(&cell, claim("t", "r"), START));
    assert!(both.0.is_ok());
    assert_eq!(both.0, both.1);
}

#[tokio::test(start_paused = true)]
async fn another_request_with_the_token_is_a_conflict() {
    let cell = cell().await;
    let first = run(&cell, claim("t", "two tasks"), START).await.expect("is first");
    let conflict = run(&cell, claim("t", "three tasks"), START).await.expect_err("differs");
    assert_eq!(conflict.answer, first.into_bytes());
    assert_eq!(
        conflict.to_string(),
        "the client token `t` was already used for a different RunTask request"
    );
}

#[tokio::test(start_paused = true)]
async fn operations_and_regions_have_tokens_of_their_own() {
    let cell = cell().await;
    let first = run(&cell, claim("t", "r"), START).await.expect("is first");
    let elsewhere = Claim::new(scope("us-east-1"), "RunTask", "t", b"other");
    let otherwise = Claim::new(scope("eu-west-1"), "StartTask", "t", b"other");
    for claim in [elsewhere, otherwise] {
        assert_ne!(run(&cell, claim, START).await.expect("is first"), first);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_forgotten_after_a_day() {
    let cell = cell().await;
    let first = run(&cell, claim("t", "r"), START).await.expect("is first");
    let just_before = START + (REMEMBERED - std::time::Duration::from_millis(1));
    assert_eq!(run(&cell, claim("t", "r"), just_before).await, Ok(first.clone()));
    assert_ne!(run(&cell, claim("t", "another"), START + REMEMBERED).await, Ok(first));
}

#[tokio::test(start_paused = true)]
async fn expired_tokens_are_deleted_and_others_kept() {
    let cell = cell().await;
    let env = Env::seeded(1, START);
    let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
    reconcilers
        .start(Arc::new(ExpireClientTokens::new(cell.clone(), env.clone())), Options::default());
    let many: Vec<Claim> = (0..1200).map(|n| claim(&format!("{n}"), "r")).collect();
    cell.write(move |tx| {
        many.into_iter().for_each(|claim| claim.keep(tx, Vec::new(), START));
        Ok::<_, Infallible>(())
    })
    .await
    .expect("commits");
    tokio::time::sleep(REMEMBERED / 2).await;
    run(&cell, claim("fresh", "r"), env.now()).await.expect("is first");
    assert_eq!(cell.snapshot().table::<ClientToken>().len(), 1201);
    tokio::time::sleep(REMEMBERED / 2 + Options::default().interval).await;
    reconcilers.settled().await;
    let left: Vec<String> =
        cell.snapshot().table::<ClientToken>().iter().map(|used| used.token.clone()).collect();
    assert_eq!(left, ["fresh"]);
}
