//! Collections of official and synthetic resources that lie beside the workspace.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The definitions in an official package below `../shared`; `None`, with a printed line, where it
/// is not there. A manifest and schemas, which are no resources, are left out.
pub fn package(name: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let file = open(name)?;
    let all = files(flate2::read::GzDecoder::new(file), usize::MAX);
    Some(all.into_iter().filter(|(name, _)| name.contains('-')).collect())
}

/// The JSON files of a `.tar.zst` archive below `../shared`, by file name, in the archive's order;
/// `None`, with a printed line, where the collection is not there.
pub fn read(name: &str, most: usize) -> Option<Vec<(String, Vec<u8>)>> {
    let mut decoder = zstd::Decoder::new(open(name)?).unwrap();
    decoder.window_log_max(27).unwrap();
    Some(files(decoder, most))
}

fn open(name: &str) -> Option<File> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if !path.exists() {
        println!("skipped: ../shared/{name} is not there");
        return None;
    }
    Some(File::open(path).unwrap())
}

fn files(archive: impl Read, most: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
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
    files
}
