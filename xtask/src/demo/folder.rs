//! The folder of the demonstration: only one that an earlier demonstration made is ever removed.

use std::fs;
use std::path::Path;

/// File that says that a demonstration made the folder.
const MARKER: &str = "made-by-cargo-xtask-demo";

/// Makes the folder empty but for its marker.
pub fn claim(folder: &Path) -> Result<(), String> {
    let name = folder.display();
    if folder.exists() {
        let mut entries = fs::read_dir(folder).map_err(|e| format!("`{name}`: {e}"))?;
        if entries.next().is_some() && !folder.join(MARKER).exists() {
            return Err(format!(
                "`{name}` holds something that no demonstration made; choose another with --data"
            ));
        }
        fs::remove_dir_all(folder).map_err(|e| format!("`{name}` cannot be removed: {e}"))?;
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(MARKER), "removed by the next demonstration\n"))
        .map_err(|e| format!("`{name}` cannot be made: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demonstration_made_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("a/demo");
        claim(&folder).unwrap();
        fs::write(folder.join("old"), "x").unwrap();
        claim(&folder).unwrap();
        assert!(!folder.join("old").exists());
        fs::remove_file(folder.join(MARKER)).unwrap();
        claim(&folder).unwrap();
        fs::remove_file(folder.join(MARKER)).unwrap();
        fs::write(folder.join("precious"), "x").unwrap();
        assert!(claim(&folder).unwrap_err().contains("--data"));
        assert!(folder.join("precious").exists());
    }
}
