//! Pulling an image, and noticing when nothing moves any more.

mod progress;

use bollard::auth::DockerCredentials;
use bollard::errors::Error;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::{Stream, StreamExt};

use self::progress::Progress;
use super::{DockerRuntime, failure, state};
use crate::image::with_default_tag;
use crate::{ErrorKind, Image, RegistryAuth, RuntimeError, Verb};

impl DockerRuntime {
    pub(super) async fn pull_image(
        &self,
        name: &str,
        auth: Option<RegistryAuth>,
    ) -> Result<Image, RuntimeError> {
        // Without a tag Docker would pull every one that the repository has.
        let reference = with_default_tag(name);
        let options = CreateImageOptionsBuilder::new().from_image(&reference).build();
        let login = auth.map(|auth| DockerCredentials {
            username: Some(auth.username),
            password: Some(auth.password),
            identitytoken: auth.identity_token,
            serveraddress: auth.server,
            ..DockerCredentials::default()
        });
        let steps = self
            .ask(Verb::Pull, self.timeouts().question, |docker| async move {
                // The client is only borrowed by the stream's making, not by the stream.
                Ok(docker.create_image(Some(options), None, login))
            })
            .await?;
        let mut progress = Progress::new(name);
        self.to_the_end(Verb::Pull, steps, |step| progress.note(&step)).await?;
        progress.end();
        let found = self
            .ask(Verb::Pull, self.timeouts().question, |docker| async move {
                docker.inspect_image(name).await
            })
            .await?;
        Ok(state::image(name, found))
    }

    /// Reads a stream of progress to its end. It may last, but not fall silent.
    pub(super) async fn to_the_end<T>(
        &self,
        verb: Verb,
        progress: impl Stream<Item = Result<T, Error>> + Send,
        mut watch: impl FnMut(T) + Send,
    ) -> Result<(), RuntimeError> {
        let silence = self.timeouts().silence;
        let mut progress = std::pin::pin!(progress);
        loop {
            match tokio::time::timeout(silence, progress.next()).await {
                Ok(Some(Ok(step))) => watch(step),
                Ok(Some(Err(error))) => return Err(failure::translate(verb, error)),
                Ok(None) => return Ok(()),
                Err(_) => {
                    let message = format!("no sign of progress for {} seconds", silence.as_secs());
                    return Err(RuntimeError::new(verb, ErrorKind::Timeout(silence), message));
                }
            }
        }
    }
}
