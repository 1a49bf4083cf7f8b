//! One engine: starting it, breaking it, and reaching what it runs.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use berth_runtime::{DockerOptions, DockerRuntime};
use rustix::process::{Pid, Signal, kill_process};

use crate::space::Space;
use crate::wait::persist;
use crate::{home, image, traces};

/// A peer that has taken a request and is silent for this long is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// The second needs no help from the file system, and copies every image for every container.
const STORAGE_DRIVERS: [&str; 2] = ["overlay2", "vfs"];

/// A Docker Engine of a test's own. See the crate's documentation.
pub struct Engine {
    // Before the space: our own children should be gone when the rest is killed, so that no dead one is left.
    daemon: Option<Child>,
    space: Space,
}

impl Engine {
    /// An engine, or `None` where there can be none: not root, or no Docker installed. That is said on standard error,
    /// since a test that does nothing should not look like one that does.
    pub fn for_test() -> Result<Option<Self>> {
        match Self::obstacle() {
            None => Self::start().map(Some),
            Some(obstacle) => {
                eprintln!("SKIPPED: no private Docker Engine can run here: {obstacle}");
                Ok(None)
            }
        }
    }

    /// Why no engine can be started here, if so.
    pub fn obstacle() -> Option<String> {
        if !rustix::process::geteuid().is_root() {
            return Some("we are not root".to_owned());
        }
        let installed = |program: &&str| {
            let paths = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&paths).any(|path| path.join(program).is_file())
        };
        let missing = ["dockerd", "containerd", "unshare", "nsenter", "ip"]
            .into_iter()
            .find(|program| !installed(program));
        missing.map(|program| format!("{program} is not installed"))
    }

    /// Starts an engine and waits until it answers.
    pub fn start() -> Result<Self> {
        home::sweep()?;
        Self::start_in(Space::open("engine", None)?)
    }

    pub(crate) fn start_in(space: Space) -> Result<Self> {
        let mut engine = Self { daemon: None, space };
        fs::write(engine.directory().join("daemon.json"), "{}")?;
        for driver in STORAGE_DRIVERS {
            fs::write(engine.directory().join("driver"), driver)?;
            match engine.start_daemon() {
                Ok(()) => return Ok(engine),
                Err(error)
                    if driver == STORAGE_DRIVERS[0]
                        && engine.log().contains("driver not supported") =>
                {
                    eprintln!("this file system has no {driver}: {error}");
                }
                Err(error) => return Err(error),
            }
        }
        bail!("no storage driver works:\n{}", engine.log())
    }

    pub fn socket(&self) -> PathBuf {
        self.directory().join("docker.sock")
    }

    /// All of the engine's files; they go when it goes.
    pub fn directory(&self) -> &Path {
        self.space.home().path()
    }

    /// The cgroup that all of its containers are in, below the root of each hierarchy.
    pub fn cgroup(&self) -> &str {
        self.space.home().name()
    }

    /// A runtime on this engine, for this owner.
    pub fn runtime(&self, owner: &str) -> DockerRuntime {
        DockerRuntime::new(DockerOptions::new(self.socket(), owner))
    }

    /// Gives it the image of the demo program; returns the image's name.
    pub async fn load_demo_image(&self) -> Result<&'static str> {
        self.runtime("test-engine").load_image(image::demo_image_archive()?).await?;
        Ok(image::DEMO_IMAGE)
    }

    /// What the engine has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}

/// Breaking.
impl Engine {
    /// Kills the engine, the containerd that it started included; its containers live on.
    pub fn kill(&mut self) -> Result<()> {
        let Some(mut daemon) = self.daemon.take() else { return Ok(()) };
        daemon.kill().context("killing the engine")?;
        daemon.wait()?;
        for left in ["docker.pid", "exec/containerd/containerd.pid"] {
            traces::kill_by_file(&self.directory().join(left))?;
        }
        Ok(())
    }

    /// Starts the engine again with another `daemon.json`.
    pub fn reconfigure(&mut self, configuration: &str) -> Result<()> {
        fs::write(self.directory().join("daemon.json"), configuration)?;
        self.restart()
    }

    /// Kills the engine if it runs, and starts it again.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.start_daemon()
    }

    /// From now on it takes calls and answers none.
    pub fn hang(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// It goes on where it was before [`hang`](Self::hang).
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let daemon = self.daemon.as_ref().context("the engine does not run")?;
        let pid = i32::try_from(daemon.id())
            .ok()
            .and_then(Pid::from_raw)
            .context("the engine has no pid")?;
        Ok(kill_process(pid, signal)?)
    }
}

/// Reaching what it runs.
impl Engine {
    /// A connection to a host port, as a program on this engine's host would make it.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        self.space.connect((Ipv4Addr::LOCALHOST, port).into())
    }

    /// A listener on some free port of the loopback, where programs of this engine's host find it, the engine itself too.
    pub fn listen(&self) -> io::Result<TcpListener> {
        self.space.listen()
    }

    /// The answer to `GET path`, head and body, once there is one: a container that has started may not listen yet.
    pub fn http_get(&self, port: u16, path: &str) -> io::Result<String> {
        persist(|| {
            let mut connection = self.connect(port)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            write!(
                connection,
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            if answer.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
        })
    }

    /// A command that runs on this engine's host: in its network, and with its mounts.
    pub fn command(&self, program: &str) -> Command {
        self.space.command(program)
    }
}

impl Engine {
    pub(crate) fn space(&self) -> &Space {
        &self.space
    }

    fn log_path(&self) -> PathBuf {
        self.directory().join("dockerd.log")
    }

    fn start_daemon(&mut self) -> Result<()> {
        let path = |name: &str| self.directory().join(name);
        let log = File::options().create(true).append(true).open(self.log_path())?;
        let driver = fs::read_to_string(path("driver"))?;
        let mut daemon = self
            .space
            .command("dockerd")
            .arg("--host")
            .arg(format!("unix://{}", self.socket().display()))
            .arg("--config-file")
            .arg(path("daemon.json"))
            .arg("--data-root")
            .arg(self.space.disk().join("docker"))
            .arg("--exec-root")
            .arg(path("exec"))
            .arg("--pidfile")
            .arg(path("docker.pid"))
            .args(["--storage-driver", &driver])
            .args(["--cgroup-parent", &format!("/{}", self.cgroup())])
            // Whatever manages this machine's groups, ours are then where we look for them.
            .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
            .args(["--live-restore", "--log-level", "warn"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("running nsenter")?;
        let ready = persist(|| match daemon.try_wait() {
            Ok(None) if self.answers() => Ok(Ok(())),
            Ok(None) => Err(anyhow!("the engine does not answer:\n{}", self.log())),
            Ok(Some(status)) => Ok(Err(anyhow!("the engine ended with {status}:\n{}", self.log()))),
            Err(error) => Ok(Err(error.into())),
        });
        self.daemon = Some(daemon);
        ready?
    }

    fn answers(&self) -> bool {
        let ping = || {
            let mut connection = UnixStream::connect(self.socket())?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            io::Result::Ok(answer)
        };
        ping().is_ok_and(|answer| answer.contains(" 200 OK"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A stopped process dies of SIGKILL all the same.
        if let Err(error) = self.kill() {
            eprintln!("a private Docker Engine does not end: {error:#}");
        }
    }
}
