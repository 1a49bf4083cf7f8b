//! Attributes of a target group that do not go together.

use std::collections::BTreeMap;

use berth_aws_api::elbv2 as api;

use crate::attributes::Attributes;

/// AWS: names of the balancer's own cookies, which no application's cookie may have.
const OWN_COOKIES: [&str; 3] = ["AWSALB", "AWSALBAPP", "AWSALBTG"];

/// AWS: user guide, "Edit target group attributes". Whether each by itself is sound has been seen to.
pub fn check(known: &Attributes, set: &BTreeMap<String, String>) -> Result<(), api::Error> {
    let refused = |message: String| Err(api::Error::invalid_configuration_request(message));
    let algorithm = known.value(set, "load_balancing.algorithm.type");
    let slow_start = known.number(set, "slow_start.duration_seconds");
    if (1..30).contains(&slow_start) {
        return Err(api::Error::validation(format!(
            "Slow start duration '{slow_start}' must be '0' or between '30' and '900' seconds inclusive"
        )));
    }
    if slow_start > 0 && algorithm != "round_robin" {
        return refused(format!("Slow start is not supported with the algorithm '{algorithm}'"));
    }
    let mitigates = known.value(set, "load_balancing.algorithm.anomaly_mitigation") == "on";
    if mitigates && algorithm != "weighted_random" {
        return refused(format!(
            "Anomaly mitigation is not supported with the algorithm '{algorithm}'"
        ));
    }
    let name = known.value(set, "stickiness.app_cookie.cookie_name");
    if known.truth(set, "stickiness.enabled")
        && known.value(set, "stickiness.type") == "app_cookie"
        && name.is_empty()
    {
        return refused(
            "A cookie name must be specified for application-based stickiness".to_owned(),
        );
    }
    if OWN_COOKIES.contains(&name) {
        return refused(format!("The cookie name '{name}' is the load balancer's own"));
    }
    Ok(())
}
