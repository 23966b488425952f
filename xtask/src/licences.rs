//! Dependencies must be under a permissive licence.

use crate::metadata::Metadata;

const PERMISSIVE: &[&str] = &[
    "Apache-2.0",
    "MIT",
    "MIT-0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "Apache-2.0 WITH LLVM-exception",
];

/// Checks every licence expression: one alternative of each `OR` must be permissive in all parts.
pub fn check(metadata: &Metadata) -> Result<(), String> {
    let faults: Vec<String> = metadata
        .licences
        .iter()
        .filter(|(_, expression)| !is_permissive(expression))
        .map(|(name, expression)| format!("`{name}` is under `{expression}`"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn is_permissive(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let known = |part: &str| PERMISSIVE.contains(&part.trim());
    // `AND` binds tighter than `OR`; brackets around an `OR` inside an `AND` are covered by
    // asking every part of a mixed expression to be permissive.
    let mixed = plain.contains(" AND ") && expression.contains('(');
    if mixed {
        return plain.split(" AND ").all(|all| all.split(" OR ").any(known));
    }
    plain.split(" OR ").any(|alternative| alternative.split(" AND ").all(known))
}

#[cfg(test)]
mod tests {
    use super::is_permissive;

    #[test]
    fn expressions_are_read() {
        for good in
            ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"]
        {
            assert!(is_permissive(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND AGPL-3.0"] {
            assert!(!is_permissive(bad), "{bad}");
        }
    }
}
