//! One file of the front end.

use std::fmt::Write as _;
use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

/// Where the builder puts files whose names change with their contents.
const ASSETS: &str = "/assets/";

/// A file as it goes out.
#[derive(Debug)]
pub(super) struct File {
    pub bytes: Bytes,
    /// As a gzip member, if that is shorter.
    pub packed: Option<Bytes>,
    pub content_type: &'static str,
    /// Entity tag, with its quotes: from the contents.
    pub tag: String,
    /// Whether its name changes when its contents do.
    lasting: bool,
}

impl File {
    pub fn new(path: &str, bytes: Vec<u8>) -> File {
        let digest = digest(&SHA256, &bytes);
        let tag = digest.as_ref().iter().take(12).fold(String::from("\""), |mut tag, byte| {
            // Writing to a string does not fail.
            let _ = write!(tag, "{byte:02x}");
            tag
        });
        let packed = gzip(&bytes).filter(|packed| packed.len() < bytes.len());
        File {
            packed: packed.map(Bytes::from),
            bytes: bytes.into(),
            content_type: content_type(path),
            tag: tag + "\"",
            lasting: path.starts_with(ASSETS),
        }
    }

    /// How long browsers may keep it: what has its contents in its name, for ever.
    pub fn cache_control(&self) -> &'static str {
        if self.lasting { "public, max-age=31536000, immutable" } else { "no-cache" }
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).ok()?;
    packer.finish().ok()
}

/// The media type of a path, by its ending.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
