//! What the program in a fake image does when it is run.

use std::time::Duration;

use crate::{ContainerSpec, HealthTest, MemoryBytes};

/// An image in the fake's registry.
#[derive(Clone, Debug, PartialEq)]
pub struct FakeImage {
    pub size: MemoryBytes,
    /// How long a pull takes.
    pub pull_time: Duration,
    /// A registry login without which the pull is denied: user name and password.
    pub login: Option<(String, String)>,
    pub program: Program,
}

/// How an image's containers behave.
#[derive(Clone, Debug, PartialEq)]
pub enum Program {
    /// Always the same.
    Scripted(Script),
    /// As the command's words tell it, in the language of the demo program (`demo-web`), so that one test
    /// can run on the fake and on Docker.
    Demo,
}

/// One run of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// How long the start takes.
    pub start_time: Duration,
    /// How it ends if nobody stops it; `None`: never.
    pub demise: Option<Demise>,
    pub on_term: TermReaction,
    /// What it needs as soon as it runs: more than its limit, and it is killed.
    pub memory: MemoryBytes,
    /// The processors' time that it takes of each second.
    pub load: f64,
    /// What its health check finds.
    pub healthy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demise {
    pub after: Duration,
    pub code: i64,
}

/// What it does about its stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermReaction {
    Exit(Demise),
    Ignore,
}

/// The one program in the demo image.
const DEMO_PROGRAM: &str = "/demo-web";

impl FakeImage {
    pub fn scripted(script: Script) -> Self {
        Self {
            size: MemoryBytes::from_mib(10),
            pull_time: Duration::from_millis(100),
            login: None,
            program: Program::Scripted(script),
        }
    }

    /// The demo image: its containers do what their command says.
    pub fn demo() -> Self {
        Self { program: Program::Demo, ..Self::scripted(Script::serve()) }
    }

    /// The run that this spec leads to, or the program that the image lacks.
    pub(super) fn script(&self, spec: &ContainerSpec) -> Result<Script, String> {
        if let Program::Scripted(script) = &self.program {
            return Ok(script.clone());
        }
        let entry_point = spec.entry_point.clone().unwrap_or_else(|| vec![DEMO_PROGRAM.to_owned()]);
        let words = [entry_point, spec.command.clone().unwrap_or_default()].concat();
        match words.as_slice() {
            [program, arguments @ ..] if program == DEMO_PROGRAM => {
                Ok(Script { healthy: demo_test_passes(spec), ..demo_script(arguments) })
            }
            [program, ..] => Err(program.clone()),
            [] => Err(String::new()),
        }
    }
}

impl Script {
    /// Runs until it is stopped, and ends at once then.
    pub fn serve() -> Self {
        Self {
            start_time: Duration::ZERO,
            demise: None,
            on_term: TermReaction::Exit(Demise { after: Duration::ZERO, code: 0 }),
            memory: MemoryBytes::from_mib(1),
            load: 0.0,
            healthy: true,
        }
    }

    pub fn exit_after(after: Duration, code: i64) -> Self {
        Self { demise: Some(Demise { after, code }), ..Self::serve() }
    }
}

/// A health check that runs the demo program itself finds what that ends with; the image has no other program.
fn demo_test_passes(spec: &ContainerSpec) -> bool {
    match spec.effective_health_check().map(|check| check.test) {
        None => true,
        Some(HealthTest::Exec(words)) => {
            let [program, arguments @ ..] = words.as_slice() else { return false };
            program == DEMO_PROGRAM
                && demo_script(arguments).demise.is_some_and(|demise| demise.code == 0)
        }
        Some(HealthTest::Shell(_)) => false,
    }
}

fn demo_script(words: &[String]) -> Script {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let misused = || Script::exit_after(Duration::ZERO, 2);
    match words.as_slice() {
        [] => Script::serve(),
        ["print-env"] => Script::exit_after(Duration::ZERO, 0),
        ["exit", code] => {
            code.parse().map_or_else(|_| misused(), |code| Script::exit_after(Duration::ZERO, code))
        }
        ["sleep", seconds] => seconds
            .parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map_or_else(misused, |time| Script::exit_after(time, 0)),
        ["eat-memory", mib] => mib.parse().map_or_else(
            |_| misused(),
            |mib| Script { memory: MemoryBytes::from_mib(mib), ..Script::serve() },
        ),
        ["ignore-term"] => Script { on_term: TermReaction::Ignore, ..Script::serve() },
        _ => misused(),
    }
}
