//! Sources that have what they are given, and remember in whose name they were asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use berth_agent_protocol::acs::IAMRoleCredentials;
use bytes::Bytes;

use crate::sources::{SecretVersion, SourceError, Sources};

type Answers = VecDeque<Result<Bytes, SourceError>>;

/// Objects by `bucket/key`, secrets and parameters by their ids. The last answer is given again and again.
#[derive(Default)]
pub(crate) struct ScriptedSources {
    objects: Mutex<BTreeMap<String, Answers>>,
    values: BTreeMap<String, String>,
    asked: Mutex<Vec<(String, Option<String>)>>,
}

impl ScriptedSources {
    pub(crate) fn hold(self, object: &str, contents: &str) -> Self {
        self.answer(object, Ok(Bytes::copy_from_slice(contents.as_bytes())))
    }

    /// A secret or a parameter.
    pub(crate) fn keep(mut self, id: &str, value: &str) -> Self {
        self.values.insert(id.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn answer(self, object: &str, answer: Result<Bytes, SourceError>) -> Self {
        self.objects.lock().unwrap().entry(object.to_owned()).or_default().push_back(answer);
        self
    }

    /// Who was asked for, and with which access key; in order.
    pub(crate) fn asked(&self) -> Vec<(String, Option<String>)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sources for ScriptedSources {
    async fn object(
        &self,
        bucket: &str,
        key: &str,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<Bytes, SourceError> {
        let name = format!("{bucket}/{key}");
        let access_key = credentials.map(|role| role.access_key_id.clone());
        self.asked.lock().unwrap().push((name.clone(), access_key));
        let mut objects = self.objects.lock().unwrap();
        let answers = objects.get_mut(&name).filter(|answers| !answers.is_empty());
        let Some(answers) = answers else {
            return Err(SourceError::Refused {
                asked: format!("S3 GetObject {name} at test"),
                status: 404,
                code: "NoSuchKey".into(),
                message: "no such key".into(),
            });
        };
        match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop_front().expect("there are several"),
        }
    }

    async fn secret(
        &self,
        version: &SecretVersion,
        _: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<String, SourceError> {
        let SecretVersion { secret, stage, version } = version;
        let selected = stage.iter().chain(version).map(|part| format!("@{part}"));
        let name = format!("{secret}{}", selected.collect::<String>());
        let access_key = credentials.map(|role| role.access_key_id.clone());
        self.asked.lock().unwrap().push((name.clone(), access_key));
        let refused = || SourceError::Refused {
            asked: name.clone(),
            status: 400,
            code: "AccessDeniedException".into(),
            message: "not authorized to perform: secretsmanager:GetSecretValue".into(),
        };
        self.values.get(&name).cloned().ok_or_else(refused)
    }

    async fn parameters(
        &self,
        names: &[String],
        _: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        let access_key = credentials.map(|role| role.access_key_id.clone());
        self.asked.lock().unwrap().push((names.join(","), access_key));
        let found = |name: &String| Some((name.clone(), self.values.get(name)?.clone()));
        Ok(names.iter().filter_map(found).collect())
    }

    fn has_objects(&self) -> bool {
        true
    }

    fn has_secrets(&self) -> bool {
        !self.values.is_empty()
    }
}
