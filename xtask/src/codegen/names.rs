//! From AWS's names to Rust's.

use std::collections::BTreeSet;

/// Words that the plain rule would cut in two.
const WHOLE_WORDS: [(&str, &str); 8] = [
    ("GiB", "Gib"),
    ("MiB", "Mib"),
    ("VCpu", "Vcpu"),
    ("vCpu", "vcpu"),
    ("ARNs", "Arns"),
    ("IDs", "Ids"),
    ("IPv", "Ipv"),
    ("URLs", "Urls"),
];

const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that generated files use themselves; a shape of this name gets `Type` appended.
const TAKEN: [&str; 20] = [
    "BTreeMap",
    "Box",
    "Bytes",
    "Default",
    "Document",
    "Error",
    "ErrorSchema",
    "Fault",
    "Into",
    "Kind",
    "Location",
    "Member",
    "Option",
    "Pattern",
    "Shape",
    "Some",
    "String",
    "Timestamp",
    "TimestampFormat",
    "Vec",
];

/// `enableECSManagedTags` → `enable_ecs_managed_tags`; a keyword becomes raw.
pub fn field(name: &str) -> String {
    let snake = words(name).join("_");
    match snake.as_str() {
        "self" | "super" | "crate" => format!("{snake}_"),
        word if KEYWORDS.contains(&word) => format!("r#{word}"),
        _ => snake,
    }
}

/// `tagListType` → `TagListType`: the model's own spelling, as far as Rust allows.
pub fn type_name(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut letters = plain.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let capital: String = first.into_iter().chain(letters).collect();
    if TAKEN.contains(&capital.as_str()) { format!("{capital}Type") } else { capital }
}

/// `TaskDefinition` → `TASK_DEFINITION`.
pub fn constant(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// `FARGATE_SPOT` → `FargateSpot`. `1.0` → `V1_0`: digits of two words are kept apart.
pub fn variant(value: &str) -> String {
    let mut out = String::new();
    for word in words(value) {
        if out.ends_with(|last: char| last.is_ascii_digit())
            && word.starts_with(|first: char| first.is_ascii_digit())
        {
            out.push('_');
        }
        let mut letters = word.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    match out.as_str() {
        // `Unknown` is the arm for values that the model does not have.
        "Unknown" => "UnknownValue".to_owned(),
        "Self" => "Self_".to_owned(),
        "" => "Empty".to_owned(),
        _ if out.starts_with(|first: char| first.is_ascii_digit()) => format!("V{out}"),
        _ => out,
    }
}

/// Appends the least number that makes the name a new one.
pub fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let candidates =
        std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}{number}")));
    let mut free = candidates.filter(|candidate| !taken.contains(candidate));
    let chosen = free.next().expect("there are more numbers than names");
    taken.insert(chosen.clone());
    chosen
}

/// Cuts a name at capitals, digits that end a word, and everything that is no letter or digit; lower case.
fn words(name: &str) -> Vec<String> {
    let mut name = name.to_owned();
    for (word, whole) in WHOLE_WORDS {
        name = name.replace(word, whole);
    }
    let letters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after_is_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || after_is_small);
        if begins {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter.to_ascii_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (name, expected) in [
            ("taskDefinition", "task_definition"),
            ("enableECSManagedTags", "enable_ecs_managed_tags"),
            ("ec2InstanceId", "ec2_instance_id"),
            ("webACLArn", "web_acl_arn"),
            ("memoryGiBPerVCpu", "memory_gib_per_vcpu"),
            ("totalLocalStorageGB", "total_local_storage_gb"),
            ("privateIpv4Address", "private_ipv4_address"),
            ("type", "r#type"),
            ("self", "self_"),
        ] {
            assert_eq!(field(name), expected);
        }
    }

    #[test]
    fn variants() {
        for (value, expected) in [
            ("FARGATE_SPOT", "FargateSpot"),
            ("EssentialContainerExited", "EssentialContainerExited"),
            ("json-file", "JsonFile"),
            ("X86_64", "X86_64"),
            ("WINDOWS_SERVER_20H2_CORE", "WindowsServer20H2Core"),
            ("1.0", "V1_0"),
            ("UNKNOWN", "UnknownValue"),
            ("", "Empty"),
        ] {
            assert_eq!(variant(value), expected);
        }
    }

    #[test]
    fn types_and_constants() {
        assert_eq!(type_name("tagListType"), "TagListType");
        assert_eq!(type_name("Error"), "ErrorType");
        assert_eq!(type_name("InvalidVpcID.NotFound"), "InvalidVpcIDNotFound");
        assert_eq!(constant("EBSTagSpecification"), "EBS_TAG_SPECIFICATION");
    }

    #[test]
    fn second_names_are_numbered() {
        let mut taken = BTreeSet::new();
        let names = ["A", "A", "A2", "A"].map(|name| unique(name.to_owned(), &mut taken));
        assert_eq!(names, ["A", "A2", "A22", "A3"]);
    }
}
