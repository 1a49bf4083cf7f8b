//! How many of what there may be.
//!
//! AWS: quotas of Elastic Load Balancing, most of which are raised for whoever asks. These are larger where only AWS's
//! machines are the reason, and DescribeAccountLimits tells them.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub application_load_balancers: usize,
    pub network_load_balancers: usize,
    pub target_groups: usize,
    pub targets_per_group: usize,
    pub listeners_per_balancer: usize,
    pub rules_per_balancer: usize,
    pub certificates_per_listener: usize,
    pub groups_per_action: usize,
    pub groups_per_balancer: usize,
    pub values_per_rule: usize,
    pub wildcards_per_rule: usize,
    pub trust_stores: usize,
    pub revocation_entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            application_load_balancers: 1000,
            network_load_balancers: 1000,
            target_groups: 3000,
            targets_per_group: 5000,
            listeners_per_balancer: 50,
            rules_per_balancer: 5000,
            certificates_per_listener: 25,
            groups_per_action: 5,
            groups_per_balancer: 1000,
            values_per_rule: 5,
            wildcards_per_rule: 6,
            trust_stores: 20,
            revocation_entries: 500_000,
        }
    }
}

impl Limits {
    /// In the order in which DescribeAccountLimits tells them.
    pub fn told(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("application-load-balancers", self.application_load_balancers),
            ("certificates-per-application-load-balancer", self.certificates_per_listener),
            ("certificates-per-network-load-balancer", self.certificates_per_listener),
            ("condition-values-per-alb-rule", self.values_per_rule),
            ("condition-wildcards-per-alb-rule", self.wildcards_per_rule),
            ("listeners-per-application-load-balancer", self.listeners_per_balancer),
            ("listeners-per-network-load-balancer", self.listeners_per_balancer),
            ("network-load-balancers", self.network_load_balancers),
            ("rules-per-application-load-balancer", self.rules_per_balancer),
            ("target-groups", self.target_groups),
            ("target-groups-per-action-on-application-load-balancer", self.groups_per_action),
            ("target-groups-per-action-on-network-load-balancer", self.groups_per_action),
            ("target-groups-per-application-load-balancer", self.groups_per_balancer),
            ("targets-per-target-group", self.targets_per_group),
            ("trust-stores", self.trust_stores),
        ]
    }
}
