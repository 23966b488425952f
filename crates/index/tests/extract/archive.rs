//! Resources from the collection beside the workspace.

use std::io::Read;
use std::path::Path;

/// Calls `each` with the text of the first `limit` JSON files of an archive. Without the archive,
/// tells that the test is skipped.
pub fn files(name: &str, limit: usize, mut each: impl FnMut(&str)) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    let Ok(file) = std::fs::File::open(path) else {
        println!("skipped: ../shared is not there");
        return 0;
    };
    let mut decoder = zstd::Decoder::new(file).unwrap();
    decoder.window_log_max(27).unwrap();
    let mut count = 0;
    for entry in tar::Archive::new(decoder).entries().unwrap() {
        let mut entry = entry.unwrap();
        if count == limit {
            break;
        }
        if !entry.path().unwrap().to_string_lossy().ends_with(".json") {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        each(&text);
        count += 1;
    }
    count
}
