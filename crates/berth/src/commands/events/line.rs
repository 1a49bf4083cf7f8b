//! An event as a line for people: when, what, and how it is now.

use serde_json::Value;

/// An event of EventBridge's shape; what is missing is left out.
pub fn of(event: &Value) -> String {
    let detail = &event["detail"];
    let at = text(&detail["updatedAt"]).or(text(&event["time"])).unwrap_or_default();
    let kind = text(&event["detail-type"]).unwrap_or_default();
    let resource = text(&event["resources"][0]).map(resource).unwrap_or_default();
    let how = match kind {
        "ECS Task State Change" => task(detail),
        "ECS Container Instance State Change" => container_instance(detail),
        // Services' events have a name, and mostly a reason.
        _ => words([text(&detail["eventName"]).map(str::to_owned), reason(&detail["reason"])]),
    };
    format!("{at:<24}  {kind}  {resource}  {how}")
}

fn task(detail: &Value) -> String {
    let (last, desired) = (text(&detail["lastStatus"]), text(&detail["desiredStatus"]));
    let heading = desired.filter(|desired| Some(*desired) != last);
    words([
        last.map(str::to_owned),
        heading.map(|desired| format!("(to be {desired})")),
        text(&detail["group"]).map(str::to_owned),
        text(&detail["stopCode"]).map(str::to_owned),
        reason(&detail["stoppedReason"]),
    ])
}

fn container_instance(detail: &Value) -> String {
    let connected = if detail["agentConnected"] == true { "connected" } else { "disconnected" };
    let left = |name: &str| {
        let resources = detail["remainingResources"].as_array()?;
        let found = resources.iter().find(|resource| resource["name"] == name)?;
        Some(format!("{} {}", name.to_lowercase(), found["integerValue"]))
    };
    words([
        text(&detail["status"]).map(str::to_owned),
        Some(connected.to_owned()),
        left("CPU").map(|cpu| format!("left: {cpu}")),
        left("MEMORY"),
        reason(&detail["statusReason"]),
    ])
}

/// The end of an ARN: what it is and its own name.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap_or(arn)
}

fn reason(value: &Value) -> Option<String> {
    text(value).map(|reason| format!("\"{reason}\""))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn words<const N: usize>(words: [Option<String>; N]) -> String {
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_is_there() {
        let task = json!({
            "detail-type": "ECS Task State Change",
            "resources": ["arn:aws:ecs:us-east-1:123456789012:task/web/0123"],
            "detail": {
                "updatedAt": "2026-01-02T03:04:05.678Z", "lastStatus": "STOPPING", "desiredStatus": "STOPPED",
                "group": "family:web", "stopCode": "UserInitiated", "stoppedReason": "enough",
            },
        });
        assert_eq!(
            of(&task),
            "2026-01-02T03:04:05.678Z  ECS Task State Change  task/web/0123  \
             STOPPING (to be STOPPED) family:web UserInitiated \"enough\""
        );
        let instance = json!({
            "detail-type": "ECS Container Instance State Change",
            "resources": ["arn:aws:ecs:us-east-1:123456789012:container-instance/web/0123"],
            "time": "2026-01-02T03:04:05Z",
            "detail": {
                "status": "ACTIVE", "agentConnected": false,
                "remainingResources": [{"name": "CPU", "integerValue": 7}, {"name": "MEMORY", "integerValue": 9}],
            },
        });
        assert_eq!(
            of(&instance),
            "2026-01-02T03:04:05Z      ECS Container Instance State Change  container-instance/web/0123  \
             ACTIVE disconnected left: cpu 7 memory 9"
        );
    }

    #[test]
    fn an_event_of_another_kind_is_shown_as_far_as_it_is_known() {
        let action = json!({
            "detail-type": "ECS Service Action", "time": "2026-01-02T03:04:05Z",
            "resources": ["arn:aws:ecs:us-east-1:123456789012:service/web/shop"],
            "detail": { "eventName": "SERVICE_TASK_PLACEMENT_FAILURE", "reason": "RESOURCE:CPU" },
        });
        assert!(
            of(&action)
                .ends_with("service/web/shop  SERVICE_TASK_PLACEMENT_FAILURE \"RESOURCE:CPU\"")
        );
    }
}
