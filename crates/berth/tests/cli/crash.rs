//! `kill -9` at any moment under write load: nothing acknowledged is lost, nothing half-written is seen.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use berth_test_server::{Api, Value, json};

use crate::home;

const ROUNDS: usize = 6;
const WRITERS: usize = 8;

/// Each cluster is made with this many tags in one request: all of them are there, or the cluster is not.
const TAGS: usize = 3;

#[test]
fn what_was_acknowledged_survives_and_is_whole() {
    let home = home();
    let mut acknowledged = BTreeSet::new();
    for round in 0..=ROUNDS {
        let server = home.serving("server").args(&["--log", "warn"]).start();
        let api = home.api();
        let found = clusters(&api);
        assert_eq!(acknowledged.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
        if round == ROUNDS {
            break;
        }
        // The moment is random in what matters: how far the writer and the disk are with the rest.
        let (enough, answered) = (10 + 40 * round, AtomicUsize::new(0));
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            let write = |writer: usize, tell: mpsc::Sender<()>| {
                let mut done = Vec::new();
                for number in 0.. {
                    let name = format!("r{round}-w{writer}-n{number}");
                    if api.try_call("CreateCluster", &tagged(&name)).is_err() {
                        break;
                    }
                    done.push(name);
                    if answered.fetch_add(1, Ordering::Relaxed) + 1 == enough {
                        tell.send(()).expect("the test waits for it");
                    }
                }
                done
            };
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let tell = tell.clone();
                    scope.spawn(move || write(writer, tell))
                })
                .collect();
            drop(tell);
            told.recv().expect("a writer tells when there is enough");
            server.kill();
            for writer in writers {
                acknowledged.extend(writer.join().expect("no panic"));
            }
        });
    }
    assert!(acknowledged.len() > ROUNDS * WRITERS, "only {} writes", acknowledged.len());
}

fn tagged(name: &str) -> Value {
    let tags: Vec<Value> =
        (0..TAGS).map(|number| json!({ "key": number.to_string(), "value": name })).collect();
    json!({ "clusterName": name, "tags": tags })
}

/// The names of all clusters, each looked at for being whole.
fn clusters(api: &Api) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut next = Value::Null;
    loop {
        let listed = api.call("ListClusters", json!({ "nextToken": next, "maxResults": 100 }));
        if listed["clusterArns"] == json!([]) {
            return names; // Describing no cluster means the one called `default`.
        }
        let input = json!({ "clusters": listed["clusterArns"], "include": ["TAGS"] });
        let described = api.call("DescribeClusters", input);
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
