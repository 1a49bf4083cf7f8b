//! One etcd process, which can be killed, paused and started again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::Enter;

pub(crate) struct Member {
    pub(crate) client: String,
    enter: Enter,
    arguments: Vec<String>,
    log: PathBuf,
    child: Option<Child>,
}

impl Member {
    /// Starts it.
    pub(crate) fn new(client: String, enter: Enter, arguments: Vec<String>, log: PathBuf) -> Self {
        let mut member = Member { client, enter, arguments, log, child: None };
        member.start();
        member
    }

    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = File::options().create(true).append(true).open(&self.log).expect("its log opens");
        let errors = log.try_clone().expect("a file can be cloned");
        // So that it ends with the test's process, however that ends.
        let child = (self.enter)("setpriv")
            .args(["--pdeathsig", "KILL", "etcd"])
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn();
        self.child = Some(child.expect("etcd can be started"));
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended already is what we want.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a child has an id"), signal)
            .expect("it is ours, and not waited for");
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.kill();
    }
}
