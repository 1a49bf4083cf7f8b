//! The availability zones of a region.
//!
//! DEVIATES: every region has three zones, `a` to `c`, whose ids are in the same order in every account. AWS's regions have
//! between two and six.

use berth_aws_api::ec2 as api;
use berth_model::Region;

use crate::filters::Facts;

pub const LETTERS: [char; 3] = ['a', 'b', 'c'];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub region: Region,
    /// Such as `us-east-1a`.
    pub name: String,
    /// Such as `use1-az1`.
    pub id: String,
}

pub fn of(region: &Region) -> Vec<Zone> {
    let short = shortened(region);
    let zone = |(number, letter)| Zone {
        region: region.clone(),
        name: format!("{region}{letter}"),
        id: format!("{short}-az{number}"),
    };
    (1..).zip(LETTERS).map(zone).collect()
}

/// AWS: `us-east-1` is `use1` in ids of zones, `ap-southeast-2` is `apse2`.
fn shortened(region: &Region) -> String {
    let direction = |part: &str| match part {
        "northeast" => "ne".to_owned(),
        "northwest" => "nw".to_owned(),
        "southeast" => "se".to_owned(),
        "southwest" => "sw".to_owned(),
        "gov" => "g".to_owned(),
        part if part.bytes().all(|byte| byte.is_ascii_digit()) => part.to_owned(),
        part => part.chars().take(1).collect(),
    };
    let mut parts = region.as_str().split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |short, part| short + &direction(part))
}

pub static FACTS: Facts<Zone> = &[
    (&["group-name"], |zone| vec![zone.group()]),
    (&["group-long-name"], |_| Vec::new()),
    (&["message"], |_| Vec::new()),
    (&["opt-in-status"], |_| vec!["opt-in-not-required".to_owned()]),
    (&["parent-zone-id"], |_| Vec::new()),
    (&["parent-zone-name"], |_| Vec::new()),
    (&["region-name"], |zone| vec![zone.region.to_string()]),
    (&["state"], |_| vec!["available".to_owned()]),
    (&["zone-id"], |zone| vec![zone.id.clone()]),
    (&["zone-name"], |zone| vec![zone.name.clone()]),
    (&["zone-type"], |_| vec!["availability-zone".to_owned()]),
];

impl Zone {
    fn group(&self) -> String {
        format!("{}-zg-1", self.region)
    }

    pub fn shown(self) -> api::AvailabilityZone {
        api::AvailabilityZone {
            group_name: Some(self.group()),
            messages: Some(Vec::new()),
            network_border_group: Some(self.region.to_string()),
            opt_in_status: Some(api::AvailabilityZoneOptInStatus::OptInNotRequired),
            region_name: Some(self.region.to_string()),
            state: Some(api::AvailabilityZoneState::Available),
            zone_id: Some(self.id),
            zone_name: Some(self.name),
            zone_type: Some("availability-zone".to_owned()),
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_aws_s_ids() {
        for (region, id) in [
            ("us-east-1", "use1-az1"),
            ("eu-central-1", "euc1-az1"),
            ("ap-southeast-2", "apse2-az1"),
            ("ap-northeast-1", "apne1-az1"),
            ("us-gov-west-1", "usgw1-az1"),
            ("cn-north-1", "cnn1-az1"),
            ("basement", "basement-az1"),
        ] {
            let zones = of(&region.parse().expect("a region"));
            assert_eq!(zones[0].id, id);
            assert_eq!(zones[2].name, format!("{region}c"));
        }
    }
}
