//! Paths on hosts and in containers, which may run Linux or Windows.

/// `/srv/data`, or Windows's `C:\data` and `\\.\pipe\name`.
pub fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let drive = bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    (path.starts_with('/') || path.starts_with("\\\\") || drive) && !path.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_systems_have_absolute_paths() {
        for path in ["/", "/srv/a b", "C:\\data", "d:/data", "\\\\.\\pipe\\docker_engine"] {
            assert!(is_absolute(path), "{path}");
        }
        for path in ["", "srv", "./srv", "../etc", "~", "1:\\x", "/a\0b"] {
            assert!(!is_absolute(path), "{path:?}");
        }
    }
}
