//! Collections of official and synthetic resources that lie beside the workspace.

use std::io::Read;
use std::path::Path;

/// The JSON files of a `.tar.zst` archive below `../shared`, by file name, in the archive's order;
/// `None`, with a printed line, where the collection is not there.
pub fn read(name: &str, most: usize) -> Option<Vec<(String, Vec<u8>)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if !path.exists() {
        println!("skipped: ../shared/{name} is not there");
        return None;
    }
    let file = std::fs::File::open(path).unwrap();
    let mut decoder = zstd::Decoder::new(file).unwrap();
    decoder.window_log_max(27).unwrap();
    let mut files = Vec::new();
    for entry in tar::Archive::new(decoder).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        if !path.ends_with(".json") || path.contains("openapi") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.push((path.rsplit('/').next().unwrap().to_owned(), bytes));
        if files.len() == most {
            break;
        }
    }
    Some(files)
}
