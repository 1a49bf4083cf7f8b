//! Images in ECR, known by the name of their registry.

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, or one of its other spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registry<'a> {
    pub account: &'a str,
    pub region: &'a str,
}

impl<'a> Registry<'a> {
    /// The registry of an image, if it is one of ECR's private ones.
    pub fn of(image: &'a str) -> Option<Self> {
        let (host, _) = image.split_once('/')?;
        let (account, rest) = host.split_once('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let prefixes = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
        let rest = prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix))?;
        let (region, _) = rest.split_once('.')?;
        is_account.then_some(Self { account, region })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_registry_is_known_by_its_name() {
        for host in ["dkr.ecr.eu-west-1.amazonaws.com", "dkr-ecr.eu-west-1.on.aws"] {
            let image = format!("123456789012.{host}/web:1");
            let expected = Registry { account: "123456789012", region: "eu-west-1" };
            assert_eq!(Registry::of(&image), Some(expected), "{image}");
        }
        for image in
            ["nginx", "public.ecr.aws/nginx/nginx", "quay.io/a/b", "12.dkr.ecr.x.amazonaws.com/a"]
        {
            assert_eq!(Registry::of(image), None, "{image}");
        }
    }
}
