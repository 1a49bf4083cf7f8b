//! `kill -9` at any moment under write load: nothing acknowledged is lost, nothing half-written is seen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_agent::ControlPlane;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::process::Home;

const ROUNDS: usize = 6;
const WRITERS: usize = 8;

/// Each cluster is made with this many tags in one request: all of them are there, or the cluster is not.
const TAGS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_and_is_whole() {
    let home = Home::new();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let server = home.serve(&["server", "--listen", "127.0.0.1:0", "--log", "warn"]);
        let found = clusters(&home).await;
        assert_eq!(acknowledged.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());

        // The moment is random in what matters: how far the writer and the disk are with the rest.
        let enough = 10 + 40 * round;
        let answered = Arc::new(AtomicUsize::new(0));
        let (tell, mut told) = tokio::sync::mpsc::channel::<()>(1);
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (ecs, answered, tell) = (home.ecs(), answered.clone(), tell.clone());
            writers.spawn(async move {
                let mut done = Vec::new();
                for number in 0.. {
                    let name = format!("r{round}-w{writer}-n{number}");
                    let tags: Vec<Value> =
                        (0..TAGS).map(|n| json!({ "key": n.to_string(), "value": name })).collect();
                    let input = json!({ "clusterName": name, "tags": tags });
                    if ecs.call("CreateCluster", input).await.is_err() {
                        break;
                    }
                    done.push(name);
                    if answered.fetch_add(1, Ordering::Relaxed) + 1 >= enough {
                        // Full means that somebody else has told already.
                        drop(tell.try_send(()));
                    }
                }
                done
            });
        }
        drop(tell);
        told.recv().await.expect("a writer tells when there is enough");
        server.kill();
        for done in writers.join_all().await {
            acknowledged.extend(done);
        }
    }
    let server = home.serve(&["server", "--listen", "127.0.0.1:0", "--log", "warn"]);
    let found = clusters(&home).await;
    assert!(acknowledged.len() > ROUNDS * WRITERS, "only {} writes", acknowledged.len());
    assert_eq!(acknowledged.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
    drop(server);
}

/// The names of all clusters, each looked at for being whole.
async fn clusters(home: &Home) -> BTreeSet<String> {
    let ecs = home.ecs();
    let mut names = BTreeSet::new();
    let mut next = Value::Null;
    loop {
        let listed =
            ecs.call("ListClusters", json!({ "nextToken": next, "maxResults": 100 })).await;
        let listed = listed.expect("the server answers");
        if listed["clusterArns"] == json!([]) {
            return names; // Describing no cluster means the one called `default`.
        }
        let input = json!({ "clusters": listed["clusterArns"], "include": ["TAGS"] });
        let described = ecs.call("DescribeClusters", input).await.expect("the server answers");
        assert_eq!(described["failures"], json!([]));
        for cluster in described["clusters"].as_array().expect("a list") {
            let name = cluster["clusterName"].as_str().expect("a name");
            let tags = cluster["tags"].as_array().expect("a list");
            assert_eq!(tags.len(), TAGS, "{cluster}");
            assert!(tags.iter().all(|tag| tag["value"] == name), "{cluster}");
            names.insert(name.to_owned());
        }
        next = listed["nextToken"].clone();
        if next.is_null() {
            return names;
        }
    }
}
