//! The agent's side of the wire: what it needs of a control plane, whatever carries it.
//!
//! [`HttpControlPlane`](crate::HttpControlPlane) is the real one; the simulator and tests have their own.
//! Nothing here retries: the agent owns every wait.

use async_trait::async_trait;
use berth_agent_protocol::Exception;
use berth_aws_protocol::sigv4::Credentials;
use serde_json::Value;
use tokio::sync::mpsc;

/// A control plane, as an agent sees it.
#[async_trait]
pub trait ControlPlane: Send + Sync + 'static {
    /// One ECS operation in AWS JSON 1.1: `RegisterContainerInstance` and its like.
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError>;

    /// As [`call`](Self::call), in the name of a task's role.
    async fn call_as(
        &self,
        _credentials: &Credentials,
        operation: &str,
        _input: Value,
    ) -> Result<Value, CallError> {
        Err(CallError::Unreachable(anyhow::anyhow!(
            "{operation} cannot be asked for in another's name here"
        )))
    }

    /// Opens the assignment socket at `endpoint`, which `DiscoverPollEndpoint` named.
    async fn open_acs(&self, endpoint: &str, session: &AcsSession) -> Result<Socket, DialError>;

    /// Opens the telemetry socket. Frames are handed over bare: whoever carries them to a real
    /// control plane puts the signed header lines before each.
    async fn open_tcs(&self, endpoint: &str, session: &TcsSession) -> Result<Socket, DialError>;
}

/// An open web socket, as text frames. Dropping both halves hangs up.
pub struct Socket {
    pub outgoing: mpsc::Sender<String>,
    /// Ends without a [`Hangup`] if the connection broke.
    pub incoming: mpsc::Receiver<Result<String, Hangup>>,
}

/// How the other end said goodbye. Nothing follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hangup {
    /// The close code, 1000 for a normal end.
    pub code: u16,
    pub reason: String,
}

/// What an agent says of itself when it opens its assignment socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcsSession {
    /// As configured: a name or an ARN.
    pub cluster: String,
    pub container_instance: String,
    pub agent_version: String,
    pub agent_hash: String,
    pub docker_version: String,
    /// Whether the server should send the credentials of every task again.
    pub send_credentials: bool,
}

/// What an agent says of itself when it opens its telemetry socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcsSession {
    pub cluster: String,
    pub container_instance: String,
    pub agent_version: String,
    pub agent_hash: String,
    pub docker_version: String,
}

impl AcsSession {
    /// The query of the socket's address, sorted by name.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        vec![
            ("agentHash", self.agent_hash.clone()),
            ("agentVersion", self.agent_version.clone()),
            // AWS: the parameter is called an ARN and carries the name as configured.
            ("clusterArn", self.cluster.clone()),
            ("containerInstanceArn", self.container_instance.clone()),
            ("dockerVersion", format!("DockerVersion: {}", self.docker_version)),
            ("protocolVersion", "2".to_owned()),
            ("sendCredentials", self.send_credentials.to_string()),
            // AWS: always 1; the counter that matters is in payloads and manifests.
            ("seqNum", "1".to_owned()),
        ]
    }
}

impl TcsSession {
    /// The query of the socket's address, sorted by name.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        vec![
            ("agentHash", self.agent_hash.clone()),
            ("agentVersion", self.agent_version.clone()),
            ("cluster", self.cluster.clone()),
            ("containerInstance", self.container_instance.clone()),
            ("dockerVersion", self.docker_version.clone()),
        ]
    }
}

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The control plane understood, and refuses.
    #[error("{code}: {message}")]
    Refused { code: String, status: u16, message: String },
    /// Nobody answered, or not in AWS JSON.
    #[error("the control plane could not be reached: {0:#}")]
    Unreachable(anyhow::Error),
}

impl CallError {
    /// The error's name, if the control plane gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Unreachable(_) => None,
        }
    }
}

/// Why a socket did not open.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The upgrade was refused with a typed error.
    #[error("the control plane refused the session: {0}")]
    Refused(Exception),
    #[error("the session could not be opened: {0:#}")]
    Failed(anyhow::Error),
}
