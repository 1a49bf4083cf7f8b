//! An explanation as text.

use std::fmt::{self, Display, Write};

use berth_model::Timestamp;
use serde_json::Value;

/// The server's answer for people; of a table at most `shown` instances of either sort.
pub fn of(answer: &Value, shown: usize) -> String {
    let mut text = String::new();
    write(&mut text, answer, shown).expect("text takes every text");
    text
}

fn write(text: &mut String, answer: &Value, shown: usize) -> fmt::Result {
    let task = &answer["task"];
    if task.is_object() {
        write_task(text, task)?;
    }
    let service = &answer["service"];
    if service.is_object() {
        write_service(text, service, shown)?;
    }
    let asked = &answer["asked"];
    let another = if task.is_object() || service.is_object() { "Another task" } else { "A task" };
    writeln!(text, "{another} of {} takes {}.", word(&asked["group"]), list(&takes(asked)))?;
    for (name, values) in [
        ("needs", &asked["requiredAttributes"]),
        ("constraints", &asked["placementConstraints"]),
        ("strategy", &asked["placementStrategy"]),
    ] {
        if !array(values).is_empty() {
            let values: Vec<&str> = array(values).iter().map(word).collect();
            writeln!(text, "  {name:11}  {}", values.join(", "))?;
        }
    }
    if asked["withoutThoseOfTheRun"] == true {
        text.push_str("  What else was asked when it was run is not known any more.\n");
    }
    write_outcome(text, answer)?;
    write_candidates(text, answer, shown)
}

fn write_task(text: &mut String, task: &Value) -> fmt::Result {
    let (arn, group, status) =
        (word(&task["taskArn"]), word(&task["group"]), word(&task["lastStatus"]));
    write!(text, "Task {} of {group} is {status}", id(arn))?;
    match &task["containerInstance"] {
        Value::Null => writeln!(text, ", on no instance yet.")?,
        instance => writeln!(text, " on {}.", place(instance))?,
    }
    write_no_target(text, task)?;
    let decision = &task["decision"];
    if decision.is_null() {
        let placed = instant(&task["createdAt"]);
        return writeln!(text, "It was placed at {placed}; why there is not known any more.\n");
    }
    writeln!(
        text,
        "It was placed at {} as task {} of {} of its run, when {} of {} instances could take one{}",
        instant(&decision["at"]),
        decision["number"],
        decision["count"],
        number(&decision["instances"]) - total(&decision["ruledOut"]),
        decision["instances"],
        if array(&decision["ruledOut"]).is_empty() { "." } else { ":" },
    )?;
    write_ruled_out(text, &decision["ruledOut"])?;
    let standings = array(&decision["standings"]);
    match standings {
        [] => writeln!(text, "It went to the one with the lowest id."),
        _ => {
            writeln!(text, "It went where it stood best:")?;
            let strategies = standings.iter().map(|standing| word(&standing["strategy"]));
            let width = strategies.map(str::len).max().unwrap_or(0);
            standings.iter().try_for_each(|standing| {
                let (by, how) = (word(&standing["strategy"]), word(&standing["standing"]));
                writeln!(text, "  {by:width$}  {how}")
            })
        }
    }?;
    text.push('\n');
    Ok(())
}

/// What holds a task up whose containers run.
fn write_no_target(text: &mut String, task: &Value) -> fmt::Result {
    let why = &task["noTarget"];
    if why.is_null() {
        return Ok(());
    }
    let (group, error) = (word(&why["targetGroupArn"]), word(&why["error"]));
    writeln!(text, "  waits to be a target of {group}: {error}")
}

fn write_service(text: &mut String, service: &Value, shown: usize) -> fmt::Result {
    let (tasks, name) = (array(&service["tasks"]), id(word(&service["serviceArn"])));
    write!(text, "Service {name} is {}", word(&service["status"]))?;
    match word(&service["schedulingStrategy"]) {
        "DAEMON" => write!(text, " and has {} tasks, one on each instance that fits", tasks.len())?,
        _ => write!(text, " and has {} tasks of {}", tasks.len(), service["desiredCount"])?,
    }
    let zones = service["tasksByZone"].as_object().into_iter().flatten();
    let zones: Vec<String> = zones.map(|(zone, tasks)| format!("{tasks} in {zone}")).collect();
    let zones = if zones.is_empty() { String::new() } else { format!(": {}", list(&zones)) };
    writeln!(text, "{zones}.")?;
    for task in tasks.iter().take(shown) {
        let (arn, status) = (word(&task["taskArn"]), word(&task["lastStatus"]));
        let at = match &task["containerInstance"] {
            Value::Null => "on no instance yet".to_owned(),
            instance => place(instance),
        };
        let line = format!("  {}  {status:<8}  {at}  {}", id(arn), standings(task));
        writeln!(text, "{}", line.trim_end())?;
        write_no_target(text, task)?;
    }
    if tasks.len() > shown {
        writeln!(text, "  and {} more; --all shows them", tasks.len() - shown)?;
    }
    for unplaced in array(&service["unplaced"]) {
        let (deployment, because) = (word(&unplaced["deployment"]), word(&unplaced["because"]));
        writeln!(text, "{} of {deployment} found no place: {because}", unplaced["tasks"])?;
    }
    text.push('\n');
    Ok(())
}

fn write_outcome(text: &mut String, answer: &Value) -> fmt::Result {
    let ruled_out = &answer["ruledOut"];
    let instances = number(&answer["instances"]);
    writeln!(
        text,
        "\n{} of {instances} instances can take one now{}",
        instances - total(ruled_out),
        if array(ruled_out).is_empty() { "." } else { ":" }
    )?;
    write_ruled_out(text, ruled_out)?;
    let placements = array(&answer["placements"]);
    let asked = number(&answer["asked"]["count"]);
    if asked > 1 && !placements.is_empty() {
        writeln!(text, "{} of {asked} would be placed:", placements.len())?;
        for (index, placement) in placements.iter().enumerate() {
            let line =
                format!("  {:>3}  {}  {}", index + 1, place(placement), standings(placement));
            writeln!(text, "{}", line.trim_end())?;
        }
        if placements.len() < asked {
            writeln!(text, "For the next one there would be no instance left:")?;
            write_ruled_out(text, &answer["exhausted"])?;
        }
    }
    Ok(())
}

fn write_ruled_out(text: &mut String, ruled_out: &Value) -> fmt::Result {
    array(ruled_out).iter().try_for_each(|cause| {
        let (instances, meaning) = (number(&cause["instances"]), word(&cause["meaning"]));
        writeln!(text, "  {instances:>5} {meaning}")
    })
}

fn write_candidates(text: &mut String, answer: &Value, shown: usize) -> fmt::Result {
    let candidates = array(&answer["candidates"]);
    let fits = candidates.iter().filter(|candidate| !candidate["rank"].is_null()).count();
    let (fitting, others) = candidates.split_at(fits);
    for (heading, some) in [("They rank", fitting), ("The others", others)] {
        if some.is_empty() {
            continue;
        }
        writeln!(text, "\n{heading}:")?;
        let shown = some.len().min(shown);
        let width = some[..shown].iter().map(|candidate| place(candidate).len()).max();
        for candidate in &some[..shown] {
            let rank = match &candidate["rank"] {
                Value::Null => String::new(),
                rank => rank.to_string(),
            };
            let why = match candidate["reason"].as_str() {
                None => standings(candidate),
                Some(reason) => format!("{reason}  {}", word(&candidate["detail"])),
            };
            let (place, width) = (place(candidate), width.unwrap_or(0));
            writeln!(text, "{}", format!("  {rank:>3}  {place:width$}  {why}").trim_end())?;
        }
        if shown < some.len() {
            writeln!(text, "       and {} more; --all shows them", some.len() - shown)?;
        }
    }
    Ok(())
}

/// What a task takes of its instance.
fn takes(asked: &Value) -> Vec<String> {
    let mut takes = vec![format!("{} CPU units", asked["cpu"]), format!("{} MiB", asked["memory"])];
    if let Some(gpus) = asked["gpus"].as_str() {
        takes.push(format!("GPUs: {gpus}"));
    }
    for (name, protocol) in [("tcpPorts", "TCP"), ("udpPorts", "UDP")] {
        takes.extend(array(&asked[name]).iter().map(|port| format!("{protocol} port {port}")));
    }
    for (name, what) in [
        ("openTcpPorts", "open TCP"),
        ("openUdpPorts", "open UDP"),
        ("networkInterfaces", "network interfaces"),
    ] {
        if asked[name].is_number() {
            let ports = if name.starts_with("open") { " ports" } else { "" };
            takes.push(format!("{} {what}{ports}", asked[name]));
        }
    }
    takes
}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// An instance, and what else tells people which one it is.
fn place(instance: &Value) -> String {
    let id = id(word(&instance["containerInstanceArn"]));
    let known = [&instance["ec2InstanceId"], &instance["availabilityZone"]];
    let known: Vec<&str> = known.iter().filter_map(|known| known.as_str()).collect();
    if known.is_empty() { id.to_owned() } else { format!("{id} ({})", known.join(", ")) }
}

fn standings(candidate: &Value) -> String {
    let standings = array(&candidate["standings"]).iter();
    standings.map(|standing| word(&standing["standing"])).collect::<Vec<_>>().join(", ")
}

/// The end of an ARN.
fn id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap_or_default() as usize
}

fn total(ruled_out: &Value) -> usize {
    array(ruled_out).iter().map(|cause| number(&cause["instances"])).sum()
}

fn instant(seconds: &Value) -> impl Display {
    let millis = (seconds.as_f64().unwrap_or_default() * 1000.0).round();
    Timestamp::from_millis(millis as i64)
}

#[cfg(test)]
mod tests;
