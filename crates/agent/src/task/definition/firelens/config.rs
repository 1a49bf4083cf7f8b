//! The configuration that a log router starts with, in Fluentd's or Fluent Bit's own form.
//!
//! Where logs come in, which lines pass, what is added to them, and where they go, in this order. A router
//! tells containers apart by the tag, `<container>-firelens-<task>`.

use std::collections::BTreeMap;
use std::fmt;

use berth_agent_protocol::acs;

use super::super::Refusal;

/// AWS: in MB, where the router's memory does not tell.
const BUFFER: u64 = 25;
const SOCKET: &str = "/var/run/fluent.sock";
const PORT: &str = "24224";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fluentd,
    FluentBit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// The router has an address that the others can reach.
    Reachable,
    SocketOnly,
}

#[derive(Clone, Debug)]
pub(super) struct Config {
    kind: Kind,
    sources: Vec<Section>,
    /// In the order of writing: all that let pass before all that hold back.
    passing: Vec<Grep>,
    held_back: Vec<Grep>,
    record: BTreeMap<String, String>,
    include: Option<String>,
    outputs: Vec<Section>,
}

/// A plugin, what it is for and how it is to be.
#[derive(Clone, Debug)]
struct Section {
    plugin: String,
    tag: Option<String>,
    options: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Grep {
    tag: String,
    pattern: String,
}

impl Kind {
    pub(super) fn of(firelens: &acs::FirelensConfiguration) -> Result<Self, Refusal> {
        match firelens.kind.as_str() {
            "fluentd" => Ok(Self::Fluentd),
            "fluentbit" => Ok(Self::FluentBit),
            other => {
                Err(Refusal::unsupported(format_args!("the firelensConfiguration type `{other}`")))
            }
        }
    }

    /// AWS: where the router's image reads its configuration.
    pub(super) fn config_path(self) -> &'static str {
        match self {
            Self::Fluentd => "/fluentd/etc/fluent.conf",
            Self::FluentBit => "/fluent-bit/etc/fluent-bit.conf",
        }
    }

    /// Where it finds what came from S3.
    pub(super) fn external_path(self) -> &'static str {
        match self {
            Self::Fluentd => "/fluentd/etc/external.conf",
            Self::FluentBit => "/fluent-bit/etc/external.conf",
        }
    }

    /// The log option that names the plugin which sends the logs on.
    fn output_option(self) -> &'static str {
        match self {
            Self::Fluentd => "@type",
            Self::FluentBit => "Name",
        }
    }

    fn any(self) -> &'static str {
        match self {
            Self::Fluentd => "**",
            Self::FluentBit => "*",
        }
    }
}

impl Section {
    fn new<const N: usize>(plugin: &str, tag: Option<&str>, options: [(&str, String); N]) -> Self {
        Self {
            plugin: plugin.to_owned(),
            tag: tag.map(str::to_owned),
            options: options.map(|(name, value)| (name.to_owned(), value)).into(),
        }
    }
}

impl Config {
    /// `memory_mib` is what the router is promised, 0 for nothing in particular.
    pub(super) fn new(kind: Kind, network: Network, memory_mib: u64) -> Self {
        let mut config = Self {
            kind,
            sources: Vec::new(),
            passing: Vec::new(),
            held_back: Vec::new(),
            record: BTreeMap::new(),
            include: None,
            outputs: Vec::new(),
        };
        let text = |text: &str| text.to_owned();
        config.sources.push(match kind {
            Kind::Fluentd => Section::new("unix", None, [("path", text(SOCKET))]),
            Kind::FluentBit => {
                // AWS: half of the router's memory.
                let buffer = Some(memory_mib / 2).filter(|half| *half > 0).unwrap_or(BUFFER);
                let limit = ("Mem_Buf_Limit", format!("{buffer}MB"));
                Section::new("forward", None, [("unix_path", text(SOCKET)), limit])
            }
        });
        if network == Network::Reachable {
            let (bind, port) = match kind {
                Kind::Fluentd => ("bind", "port"),
                Kind::FluentBit => ("Listen", "Port"),
            };
            let at = [(bind, text("0.0.0.0")), (port, text(PORT))];
            config.sources.push(Section::new("forward", None, at));
        }
        if network == Network::Reachable && kind == Kind::FluentBit {
            // AWS: a health check may send a line here, of which nobody hears.
            let tag = Some("firelens-healthcheck");
            let at = [("Listen", text("127.0.0.1")), ("Port", text("8877"))];
            config.sources.push(Section::new("tcp", tag, at));
            config.outputs.push(Section::new("null", tag, []));
        }
        config
    }

    /// Adds a field to every record.
    pub(super) fn add_to_records(&mut self, name: &str, value: &str) {
        self.record.insert(name.to_owned(), value.to_owned());
    }

    /// Takes in a file of the router's, before any output.
    pub(super) fn include(&mut self, path: String) {
        self.include = Some(path);
    }

    /// Sends a container's logs where its log options say.
    pub(super) fn route<'a>(
        &mut self,
        container: &str,
        log_options: impl Iterator<Item = (&'a String, &'a String)>,
    ) -> Result<(), String> {
        let tag = format!("{container}-firelens{}", self.kind.any());
        let mut options = BTreeMap::new();
        let mut plugin = None;
        for (name, value) in log_options {
            let grep = || Grep { tag: tag.clone(), pattern: value.clone() };
            match name.as_str() {
                "include-pattern" => self.passing.push(grep()),
                "exclude-pattern" => self.held_back.push(grep()),
                name if name == self.kind.output_option() => plugin = Some(value.clone()),
                name => drop(options.insert(name.to_owned(), value.clone())),
            }
        }
        match plugin {
            Some(plugin) => self.outputs.push(Section { plugin, tag: Some(tag), options }),
            // AWS: without any option the included file says where they go.
            None if options.is_empty() => {}
            None => {
                return Err(format!(
                    "container `{container}` has log options and none of them is `{}`, the output",
                    self.kind.output_option()
                ));
            }
        }
        Ok(())
    }

    fn fluentd(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for source in &self.sources {
            writeln!(f, "<source>\n  @type {}", source.plugin)?;
            pairs(f, "  ", &source.options)?;
            writeln!(f, "</source>\n")?;
        }
        for (greps, word) in [(&self.passing, "regexp"), (&self.held_back, "exclude")] {
            for Grep { tag, pattern } in greps {
                writeln!(f, "<filter {tag}>\n  @type grep\n  <{word}>")?;
                writeln!(f, "    key log\n    pattern {pattern}\n  </{word}>\n</filter>\n")?;
            }
        }
        if !self.record.is_empty() {
            writeln!(f, "<filter {}>\n  @type record_transformer\n  <record>", self.kind.any())?;
            pairs(f, "    ", &self.record)?;
            writeln!(f, "  </record>\n</filter>\n")?;
        }
        if let Some(path) = &self.include {
            writeln!(f, "@include {path}\n")?;
        }
        for output in &self.outputs {
            let tag = output.tag.as_deref().unwrap_or(self.kind.any());
            writeln!(f, "<match {tag}>\n  @type {}", output.plugin)?;
            pairs(f, "  ", &output.options)?;
            writeln!(f, "</match>\n")?;
        }
        Ok(())
    }

    fn fluent_bit(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for source in &self.sources {
            writeln!(f, "[INPUT]\n    Name {}", source.plugin)?;
            if let Some(tag) = &source.tag {
                writeln!(f, "    Tag {tag}")?;
            }
            pairs(f, "    ", &source.options)?;
            writeln!(f)?;
        }
        for (greps, word) in [(&self.passing, "Regex"), (&self.held_back, "Exclude")] {
            for Grep { tag, pattern } in greps {
                writeln!(
                    f,
                    "[FILTER]\n    Name grep\n    Match {tag}\n    {word} log {pattern}\n"
                )?;
            }
        }
        if !self.record.is_empty() {
            writeln!(f, "[FILTER]\n    Name record_modifier\n    Match {}", self.kind.any())?;
            for (name, value) in &self.record {
                writeln!(f, "    Record {name} {value}")?;
            }
            writeln!(f)?;
        }
        if let Some(path) = &self.include {
            writeln!(f, "@INCLUDE {path}\n")?;
        }
        for output in &self.outputs {
            let tag = output.tag.as_deref().unwrap_or(self.kind.any());
            writeln!(f, "[OUTPUT]\n    Name {}\n    Match {tag}", output.plugin)?;
            pairs(f, "    ", &output.options)?;
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Fluentd => self.fluentd(f),
            Kind::FluentBit => self.fluent_bit(f),
        }
    }
}

fn pairs(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    options: &BTreeMap<String, String>,
) -> fmt::Result {
    options.iter().try_for_each(|(name, value)| writeln!(f, "{indent}{name} {value}"))
}
