//! What a fleet has found out, as a table.

use std::fmt;
use std::time::Duration;

use super::files::Room;

/// All that was measured.
#[derive(Clone, Debug)]
pub struct Report {
    pub room: Room,
    /// With their assignment session open at the end, and with the other one.
    pub connected: u64,
    pub publishing: u64,
    /// From the first registration until the last agent was there.
    pub joined_in: Duration,
    /// One agent, from its registration until it was there.
    pub join_median: Duration,
    pub join_p99: Duration,
    pub tasks: u64,
    pub started_in: Duration,
    /// `None`: the server does not say.
    pub server: Option<Usage>,
    pub simulator: Usage,
    /// In the steady state, per second.
    pub heartbeats: f64,
    pub metrics: f64,
    pub health: f64,
    /// Of hosts.
    pub statuses: f64,
    /// Frames of the steady state that the server has not acknowledged at its end.
    pub unacknowledged: u64,
    pub failed_calls: u64,
    pub turned_away: u64,
    pub refused: u64,
    pub lost: u64,
}

/// What the fleet costs a process.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident, in bytes.
    pub before: f64,
    /// When all had joined, and at the end of the steady state.
    pub joined: f64,
    pub steady: f64,
    pub agents: u64,
    /// Of one processor, in the steady state.
    pub cpu: f64,
    /// Processor time from the first registration until the last agent was there.
    pub joining: Duration,
}

impl Usage {
    /// Bytes resident for each agent.
    pub fn per_agent(&self) -> f64 {
        (self.steady - self.before) / self.agents.max(1) as f64
    }
}

impl Report {
    /// Whether every agent that there was room for was there to the end, undisturbed.
    pub fn is_whole(&self) -> bool {
        let Room { agents, with_telemetry, .. } = self.room;
        (self.connected, self.publishing) == (agents as u64, with_telemetry as u64)
            && self.turned_away + self.refused + self.lost == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "{name:<24}{value}");
        row("fleet", self.room.to_string())?;
        row("connected", format!("{}, {} with telemetry", self.connected, self.publishing))?;
        let joins = self.room.agents as f64 / self.joined_in.as_secs_f64().max(f64::EPSILON);
        let [median, p99] = [self.join_median, self.join_p99].map(seconds);
        row(
            "joined in",
            format!(
                "{}, {joins:.0} a second; one agent: median {median}, p99 {p99}",
                seconds(self.joined_in)
            ),
        )?;
        row("tasks running", format!("{}, in {}", self.tasks, seconds(self.started_in)))?;
        match &self.server {
            Some(usage) => {
                row("server, memory", memory(usage))?;
                row("server, CPU", cpu(usage))?;
            }
            None => row("server", "it does not say what it uses at /metrics".to_owned())?,
        }
        row("this process, memory", memory(&self.simulator))?;
        row("this process, CPU", cpu(&self.simulator))?;
        row(
            "steady state",
            format!(
                "{:.0} heartbeats, {:.0} metric, {:.0} health and {:.0} status frames a second; {} not acknowledged",
                self.heartbeats, self.metrics, self.health, self.statuses, self.unacknowledged
            ),
        )?;
        row(
            "trouble",
            format!(
                "{} calls failed, {} agents turned away, {} sockets refused, {} lost",
                self.failed_calls, self.turned_away, self.refused, self.lost
            ),
        )
    }
}

fn memory(usage: &Usage) -> String {
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    format!(
        "{:.1} KiB an agent ({:.1} MiB before, {:.1} MiB when joined, {:.1} MiB at the end)",
        usage.per_agent() / 1024.0,
        mib(usage.before),
        mib(usage.joined),
        mib(usage.steady)
    )
}

fn cpu(usage: &Usage) -> String {
    format!(
        "{:.1} % of one processor in the steady state; {} while they joined",
        100.0 * usage.cpu,
        seconds(usage.joining)
    )
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
