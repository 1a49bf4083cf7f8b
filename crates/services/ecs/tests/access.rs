//! What calls want, beside what AWS's reference says that they are judged by.

#[allow(dead_code, reason = "`golden.rs` uses the rest")]
mod golden {
    pub mod lender;
    pub mod script;
    pub mod world;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use berth_control::pipeline::access::{Action, KeyValue, Realm, Wanted};
use berth_control::pipeline::{Authorizer, Call, Denied, Question};

use golden::script::Script;
use golden::world::World;

/// Lets everybody pass and keeps what was asked: the operation, and its questions.
#[derive(Clone, Default)]
struct Listening(Arc<Mutex<Vec<Heard>>>, Arc<Mutex<Vec<Beforehand>>>);

type Heard = (&'static str, Vec<Wanted>);

/// A call that asked for a whole realm: which, and what it wants where the answer is no, and where it is yes.
struct Beforehand {
    action: Action,
    realm: Arc<Realm>,
    refused: Vec<Wanted>,
    allowed: Vec<Wanted>,
}

impl Authorizer for Listening {
    fn authorise(&self, _: &Call, question: &Question<'_>) -> Result<(), Denied> {
        let mut heard = self.0.lock().expect("nobody panics with it");
        heard.push((question.name, question.wants().questions()));
        let asked = Mutex::new(Vec::new());
        let no = |action: &Action, realm: &Arc<Realm>| {
            asked.lock().expect("nobody panics with it").push((action.clone(), realm.clone()));
            false
        };
        let refused = question.wants_but(&no).questions();
        let allowed = question.wants_but(&|_, _| true).questions();
        let asked = asked.into_inner().expect("nobody panics with it");
        let mut all = self.1.lock().expect("nobody panics with it");
        all.extend(asked.into_iter().map(|(action, realm)| Beforehand {
            action,
            realm,
            refused: refused.clone(),
            allowed: allowed.clone(),
        }));
        Ok(())
    }
}

impl Beforehand {
    /// What is not asked about has to be in the realm, with the realm's keys.
    fn check(&self) {
        let (own, others): (Vec<Wanted>, Vec<Wanted>) =
            self.refused.iter().cloned().partition(|wanted| wanted.action == self.action);
        assert!(!own.is_empty(), "{} is free", self.action);
        for wanted in own {
            let (arn, prefix) = (wanted.resource.arn(), self.realm.prefix());
            assert!(arn.starts_with(prefix), "{}: {arn} is not in {prefix}", self.action);
            for name in self.realm.keys().names() {
                assert_eq!(wanted.keys.get(name), self.realm.keys().get(name), "{}", self.action);
            }
            assert!(wanted.resource.policy().is_none(), "{arn} has a say");
        }
        assert_eq!(self.allowed, others);
    }
}

impl Listening {
    fn heard(self) -> Vec<Heard> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it"))
    }
}

/// Of each action: its types of resources, and its condition keys.
struct Reference(BTreeMap<&'static str, (Vec<&'static str>, BTreeSet<&'static str>)>);

impl Reference {
    fn read() -> Self {
        let lines = include_str!("../src/access/reference.txt").lines();
        let actions = lines.filter(|line| !line.starts_with('#')).map(|line| {
            let (action, rest) = line.split_once(": ").expect("ACTION: types | keys");
            let (types, keys) = rest.split_once('|').expect("ACTION: types | keys");
            (action, (types.split_whitespace().collect(), keys.split_whitespace().collect()))
        });
        Self(actions.collect())
    }

    /// What is asked about a call beside its passengers (tags, roles).
    fn check(&self, operation: &str, wanted: &[Wanted]) {
        let own: Vec<&Wanted> =
            wanted.iter().filter(|wanted| *wanted.action == *format!("ecs:{operation}")).collect();
        let (types, keys) = self.0.get(operation).unwrap_or_else(|| panic!("no {operation} in it"));
        assert!(!own.is_empty(), "{operation} wants nothing");
        // Whatever a caller takes for an ARN.
        let by_arn = operation.ends_with("TagResource")
            || operation.ends_with("UntagResource")
            || operation == "ListTagsForResource";
        for wanted in &own {
            let arn = wanted.resource.arn();
            let kind = arn.split(':').nth(5).and_then(|resource| resource.split('/').next());
            match kind {
                None => assert!(arn == "*" || by_arn, "{operation} on {arn}"),
                Some(kind) => assert!(
                    types.iter().any(|known| known.trim_end_matches('*') == kind) || by_arn,
                    "{operation} on {arn}: {types:?}"
                ),
            }
            for key in wanted.keys.names() {
                assert!(keys.contains(key), "{operation} has no {key}: {keys:?}");
            }
        }
        // What a call is asked about when it names nothing would be allowed by policies that name everything only.
        let needs_one = types.iter().any(|known| known.ends_with('*'));
        let names_one = own.iter().all(|wanted| wanted.resource.arn() != "*");
        assert!(by_arn || needs_one == names_one, "{operation}");
    }
}

#[test]
fn every_operation_is_judged_by_what_the_reference_says() {
    let (reference, mut seen) = (Reference::read(), BTreeSet::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files =
        std::fs::read_dir(folder).expect("golden files").map(|file| file.expect("one").path());
    let (mut served, mut at_once) = (BTreeSet::new(), BTreeSet::new());
    let is_golden = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "txt");
    let texts = files.filter(is_golden).map(|file| std::fs::read_to_string(file).expect("a file"));
    for text in texts.chain([format!("{WORLD}{SERVICES}")]) {
        let script = Script::parse(&text).expect("a golden file");
        let listening = Listening::default();
        served.extend(paused(async {
            let world = World::new(listening.clone()).await;
            world.run(&script).await;
            world.endpoint.operations().map(|operation| operation.name).collect::<Vec<_>>()
        }));
        for beforehand in std::mem::take(&mut *listening.1.lock().expect("nobody panics with it")) {
            beforehand.check();
            at_once.insert(beforehand.action.to_string());
        }
        for (operation, wanted) in listening.heard() {
            // A call that names nothing that it must name is refused later.
            if !wanted.is_empty() && wanted[0].resource.arn() != "*"
                || reference
                    .0
                    .get(operation)
                    .is_some_and(|(types, _)| !types.iter().any(|known| known.ends_with('*')))
            {
                reference.check(operation, &wanted);
                seen.insert(operation);
            }
        }
    }
    let unseen: Vec<_> = served.iter().filter(|operation| !seen.contains(*operation)).collect();
    assert!(unseen.is_empty(), "nothing calls {unseen:?}");
    for often in ["ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask", "ecs:DescribeServices"] {
        assert!(at_once.contains(often), "{often} is not among {at_once:?}");
    }
}

/// Questions as a line each: action, resource, keys.
fn told(wanted: &[Wanted]) -> Vec<String> {
    let tell = |wanted: &Wanted| {
        let mut line = format!("{} on {}", wanted.action, wanted.resource.arn());
        for name in wanted.keys.names() {
            match wanted.keys.get(name) {
                Some(KeyValue::One(value)) => line += &format!("; {name}={value}"),
                Some(KeyValue::Many(values)) => line += &format!("; {name}=[{}]", values.join(" ")),
                None => unreachable!("it was just named"),
            }
        }
        let tags: Vec<&str> = wanted.keys.tag_keys().collect();
        if !tags.is_empty() {
            line += &format!("; tags {}", tags.join(" "));
        }
        line.replace("arn:aws:ecs:us-east-1:123456789012:", "~")
            .replace("arn:aws:iam::123456789012:", "iam~")
    };
    wanted.iter().map(tell).collect()
}

const WORLD: &str = r#"
### CreateCluster
{"clusterName": "web"}
### RegisterTaskDefinition
{"family": "app", "taskRoleArn": "app-role", "executionRoleArn": "arn:aws:iam::123456789012:role/ex/pull", "tags": [{"key": "team", "value": "blue"}],
 "containerDefinitions": [{"name": "c", "image": "i", "memory": 64, "privileged": true}]}
### CreateService
{"cluster": "web", "serviceName": "front", "taskDefinition": "app", "desiredCount": 0}
"#;

/// What the golden files do not call.
const SERVICES: &str = r#"
### ContinueServiceDeployment
{"serviceDeploymentArn": "arn:aws:ecs:us-east-1:123456789012:service-deployment/web/front/abcdefghijklmnopqrstu", "hookId": "x"}
### CreateTaskSet
{"cluster": "web", "service": "front", "taskDefinition": "app"}
### DeleteTaskSet
{"cluster": "web", "service": "front", "taskSet": "ecs-svc/1234567890123456789"}
### DescribeServiceDeployments
{"serviceDeploymentArns": ["nonsense"]}
### DescribeServiceDeployments
{"serviceDeploymentArns": ["arn:aws:ecs:us-east-1:123456789012:service-deployment/web/front/abcdefghijklmnopqrstu"]}
### DescribeServiceRevisions
{"serviceRevisionArns": ["arn:aws:ecs:us-east-1:123456789012:service-revision/web/front/1234567890123456789"]}
### DescribeServices
{"cluster": "web", "services": ["front", "none"]}
### DescribeTaskSets
{"cluster": "web", "service": "front"}
### ListServiceDeployments
{"cluster": "web", "service": "front"}
### ListServices
{"cluster": "web"}
### ListServicesByNamespace
{"namespace": "n"}
### StopServiceDeployment
{"serviceDeploymentArn": "arn:aws:ecs:us-east-1:123456789012:service-deployment/web/front/abcdefghijklmnopqrstu"}
### UpdateServicePrimaryTaskSet
{"cluster": "web", "service": "front", "primaryTaskSet": "ecs-svc/1234567890123456789"}
### UpdateTaskSet
{"cluster": "web", "service": "front", "taskSet": "ecs-svc/1234567890123456789", "scale": {"value": 50, "unit": "PERCENT"}}
### DeleteService
{"cluster": "web", "service": "front"}
"#;

#[test]
fn names_defaults_and_latest_revisions_are_resolved() {
    let cases: [(&str, &str, &[&str]); 19] = [
        ("DescribeClusters", "{}", &["ecs:DescribeClusters on ~cluster/default"]),
        (
            "DescribeClusters",
            r#"{"clusters": ["web", "arn:aws:ecs:us-east-1:123456789012:cluster/other"]}"#,
            &["ecs:DescribeClusters on ~cluster/web", "ecs:DescribeClusters on ~cluster/other"],
        ),
        (
            "RunTask",
            r#"{"cluster": "web", "taskDefinition": "app", "tags": [{"key": "stage", "value": "x"}]}"#,
            &[
                "ecs:RunTask on ~task-definition/app:1; ecs:cluster=~cluster/web; ecs:enable-execute-command=false; tags stage",
                "ecs:TagResource on ~task/web/*; ecs:CreateAction=RunTask; tags stage",
                "iam:PassRole on iam~role/app-role; iam:PassedToService=ecs-tasks.amazonaws.com",
                "iam:PassRole on iam~role/ex/pull; iam:PassedToService=ecs-tasks.amazonaws.com",
            ],
        ),
        (
            "RunTask",
            r#"{"taskDefinition": "app:1", "overrides": {"taskRoleArn": "other", "executionRoleArn": "pull"}}"#,
            &[
                "ecs:RunTask on ~task-definition/app:1; ecs:cluster=~cluster/default; ecs:enable-execute-command=false",
                "iam:PassRole on iam~role/other; iam:PassedToService=ecs-tasks.amazonaws.com",
                "iam:PassRole on iam~role/pull; iam:PassedToService=ecs-tasks.amazonaws.com",
            ],
        ),
        (
            "StartTask",
            r#"{"cluster": "web", "taskDefinition": "none", "containerInstances": ["0123456789abcdef0123456789abcdef"]}"#,
            &["ecs:StartTask on ~task-definition/none; ecs:cluster=~cluster/web; \
                 ecs:container-instances=[~container-instance/web/0123456789abcdef0123456789abcdef]; ecs:enable-execute-command=false"],
        ),
        (
            "StopTask",
            r#"{"cluster": "web", "task": "01234567-89ab-cdef-0123-456789abcdef"}"#,
            &[
                "ecs:StopTask on ~task/web/0123456789abcdef0123456789abcdef; ecs:cluster=~cluster/web",
            ],
        ),
        (
            "StopTask",
            r#"{"cluster": "web", "task": "*"}"#,
            &["ecs:StopTask on ~task/web/*; ecs:cluster=~cluster/web"],
        ),
        (
            "ListTasks",
            r#"{"cluster": "web"}"#,
            &["ecs:ListTasks on ~container-instance/web/*; ecs:cluster=~cluster/web"],
        ),
        (
            "ListServices",
            r#"{"cluster": "web"}"#,
            &["ecs:ListServices on *; ecs:cluster=~cluster/web"],
        ),
        (
            "DescribeServices",
            r#"{"cluster": "web", "services": ["front", "back"]}"#,
            &[
                "ecs:DescribeServices on ~service/web/front; ecs:cluster=~cluster/web",
                "ecs:DescribeServices on ~service/web/back; ecs:cluster=~cluster/web",
            ],
        ),
        (
            "UpdateService",
            r#"{"cluster": "web", "service": "front", "taskDefinition": "app", "enableExecuteCommand": true}"#,
            &[
                "ecs:UpdateService on ~service/web/front; ecs:cluster=~cluster/web; ecs:task-definition=~task-definition/app:1; \
                 ecs:enable-execute-command=true",
            ],
        ),
        (
            "UpdateService",
            r#"{"cluster": "web", "service": "front", "loadBalancers": [
                {"advancedConfiguration": {"roleArn": "arn:aws:iam::123456789012:role/shifting"}}]}"#,
            &[
                "ecs:UpdateService on ~service/web/front; ecs:cluster=~cluster/web",
                "iam:PassRole on iam~role/shifting; iam:PassedToService=ecs.amazonaws.com",
            ],
        ),
        (
            "CreateTaskSet",
            r#"{"cluster": "web", "service": "front", "taskDefinition": "app"}"#,
            &[
                "ecs:CreateTaskSet on ~task-set/web/front/*; ecs:cluster=~cluster/web; ecs:service=~service/web/front; \
                 ecs:task-definition=~task-definition/app:1",
            ],
        ),
        (
            "RegisterTaskDefinition",
            r#"{"family": "x", "taskRoleArn": "r", "cpu": "256", "requiresCompatibilities": ["EC2"], "containerDefinitions": []}"#,
            &[
                "ecs:RegisterTaskDefinition on ~task-definition/x:*; ecs:compute-compatibility=[EC2]; ecs:privileged=false; ecs:task-cpu=256",
                "iam:PassRole on iam~role/r; iam:PassedToService=ecs-tasks.amazonaws.com",
            ],
        ),
        (
            "DescribeServiceDeployments",
            r#"{"serviceDeploymentArns": ["arn:aws:ecs:us-east-1:123456789012:service-deployment/web/front/abcdefghijklmnopqrstu"]}"#,
            &[
                "ecs:DescribeServiceDeployments on ~service/web/front; ecs:cluster=~cluster/web; ecs:service=~service/web/front",
                "ecs:DescribeServiceDeployments on ~service-deployment/web/front/abcdefghijklmnopqrstu; ecs:cluster=~cluster/web; \
                 ecs:service=~service/web/front",
            ],
        ),
        // Each is judged by its own cluster and service.
        (
            "DescribeServiceRevisions",
            r#"{"serviceRevisionArns": ["arn:aws:ecs:us-east-1:123456789012:service-revision/web/front/1234567890123456789",
                "arn:aws:ecs:us-east-1:123456789012:service-revision/other/back/1234567890123456789"]}"#,
            &[
                "ecs:DescribeServiceRevisions on ~service/web/front; ecs:cluster=~cluster/web; ecs:service=~service/web/front",
                "ecs:DescribeServiceRevisions on ~service-revision/web/front/1234567890123456789; ecs:cluster=~cluster/web; \
                 ecs:service=~service/web/front",
                "ecs:DescribeServiceRevisions on ~service/other/back; ecs:cluster=~cluster/other; ecs:service=~service/other/back",
                "ecs:DescribeServiceRevisions on ~service-revision/other/back/1234567890123456789; ecs:cluster=~cluster/other; \
                 ecs:service=~service/other/back",
            ],
        ),
        // Sizes are judged as numbers.
        (
            "RegisterTaskDefinition",
            r#"{"family": "x", "cpu": "4 vCPU", "memory": "8 GB", "containerDefinitions": []}"#,
            &[
                "ecs:RegisterTaskDefinition on ~task-definition/x:*; ecs:privileged=false; ecs:task-cpu=4096; ecs:task-memory=8192",
            ],
        ),
        (
            "UntagResource",
            r#"{"resourceArn": "arn:aws:ecs:us-east-1:123456789012:cluster/web", "tagKeys": ["a", "b"]}"#,
            &["ecs:UntagResource on ~cluster/web; tags a b"],
        ),
        (
            "PutAccountSetting",
            r#"{"name": "containerInsights", "value": "enabled"}"#,
            &["ecs:PutAccountSetting on *; ecs:account-setting=containerInsights"],
        ),
    ];
    for (operation, input, expected) in cases {
        let script =
            Script::parse(&format!("{WORLD}### {operation}\n{input}\n")).expect("a script");
        let listening = Listening::default();
        paused(async { World::new(listening.clone()).await.run(&script).await });
        let heard = listening.heard();
        let (asked, wanted) = heard.last().expect("something was asked");
        assert_eq!(*asked, operation);
        assert_eq!(told(wanted), expected, "{operation} {input}");
    }
}

#[test]
fn tags_of_resources_are_there_to_be_asked_about() {
    let input = r#"{"taskDefinition": "app:1"}"#;
    let script = Script::parse(&format!("{WORLD}### RunTask\n{input}\n")).expect("a script");
    let listening = Listening::default();
    paused(async { World::new(listening.clone()).await.run(&script).await });
    let heard = listening.heard();
    let (_, wanted) = heard.last().expect("something was asked");
    assert_eq!(wanted[0].resource.tag("team").collect::<Vec<_>>(), ["blue"]);
}

#[test]
fn what_has_tags_is_judged_by_its_own_arn_however_it_is_written() {
    const MADE: &str = r#"
### CreateCluster
{}
### RegisterContainerInstance
{"totalResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 1024}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 1024}]}
"#;
    let listening = Listening::default();
    paused(async {
        let world = World::new(listening.clone()).await;
        let made = world.run(&Script::parse(MADE).expect("a script")).await;
        let told = &made[1].as_ref().expect("an answer").body;
        let id = told.split_once("container-instance/default/").expect("an ARN").1;
        let id: berth_model::ContainerInstanceId = id[..32].parse().expect("32 digits");
        let arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/default";
        for written in [id.to_string(), id.hyphenated().to_string()] {
            let calls = [
                format!("### ListTagsForResource\n{{\"resourceArn\": \"{arn}/{written}\"}}\n"),
                format!(
                    "### UntagResource\n{{\"resourceArn\": \"{arn}/{written}\", \"tagKeys\": [\"a\"]}}\n"
                ),
            ];
            world.run(&Script::parse(&calls.concat()).expect("a script")).await;
        }
        let judged: BTreeSet<String> =
            std::mem::take(&mut *listening.0.lock().expect("nobody panics with it"))
                .split_off(2)
                .into_iter()
                .map(|(_, wanted)| wanted[0].resource.arn().to_owned())
                .collect();
        assert_eq!(judged, BTreeSet::from([format!("{arn}/{}", id)]));
    });
}

#[test]
fn what_a_name_means_is_remembered_until_it_means_something_else() {
    const CALLS: &str = r#"
### DescribeClusters
{"clusters": ["web"]}
### CreateCluster
{"clusterName": "web", "tags": [{"key": "team", "value": "blue"}]}
### DescribeClusters
{"clusters": ["web"]}
### DescribeClusters region=eu-west-1
{"clusters": ["web"]}
### TagResource
{"resourceArn": "arn:aws:ecs:us-east-1:123456789012:cluster/web", "tags": [{"key": "team", "value": "red"}]}
### DescribeClusters
{"clusters": ["web"]}
"#;
    let listening = Listening::default();
    let script = Script::parse(CALLS).expect("a script");
    paused(async { World::new(listening.clone()).await.run(&script).await });
    let described = listening.heard().into_iter().filter(|(name, _)| *name == "DescribeClusters");
    let judged: Vec<(String, Vec<String>)> = described
        .map(|(_, wanted)| {
            let resource = &wanted[0].resource;
            (resource.arn().to_owned(), resource.tag("team").map(str::to_owned).collect())
        })
        .collect();
    let of = |region: &str, team: &[&str]| {
        let team = team.iter().map(|team| (*team).to_owned()).collect::<Vec<_>>();
        (format!("arn:aws:ecs:{region}:123456789012:cluster/web"), team)
    };
    let home = "us-east-1";
    let expected = [of(home, &[]), of(home, &["blue"]), of("eu-west-1", &[]), of(home, &["red"])];
    assert_eq!(judged, expected);
}

fn paused<T>(run: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime starts");
    runtime.block_on(run)
}
