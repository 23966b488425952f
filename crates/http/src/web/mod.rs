//! The pages of the web front end: files of one folder, kept in memory, at `/`.

mod file;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use bytes::Bytes;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use crate::auth;
use crate::content::Content;
use crate::header::X_REQUEST_ID;
use crate::negotiate::Wants;
use crate::routes::BASE;
use file::File;

/// Page of the application; it answers every path that names no file.
const INDEX: &str = "/index.html";

/// Paths of the server's own that are no pages.
const NOT_PAGES: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Only what this server sends runs, and it talks with this server alone. Styles may be set from
/// scripts: the component library does so, and a style cannot read a record.
const POLICY: &str = "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What goes with every page.
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (VARY, "Accept-Encoding"),
];

/// The files of a folder, by path.
#[derive(Debug)]
pub struct Web {
    files: HashMap<String, File>,
}

impl Web {
    /// Reads and compresses every file in and below `folder`, but hidden ones.
    ///
    /// # Errors
    /// If one cannot be read, or there is no `index.html`.
    pub fn read(folder: &Path) -> io::Result<Web> {
        let mut web = Web { files: HashMap::new() };
        web.collect(folder, "")?;
        if web.files.contains_key(INDEX) {
            return Ok(web);
        }
        let text = format!("there is no index.html in `{}`", folder.display());
        Err(io::Error::new(io::ErrorKind::NotFound, text))
    }

    fn collect(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let path = format!("{path}/{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.collect(&entry.path(), &path)?;
            } else if kind.is_file() {
                let file = File::new(&path, std::fs::read(entry.path())?);
                self.files.insert(path, file);
            }
        }
        Ok(())
    }

    /// The file that answers a path: itself, or the application's page where the last step of the
    /// path has no ending and so is a place inside the application.
    fn find(&self, path: &str) -> Option<&File> {
        let in_application = path.rsplit('/').next().is_some_and(|last| !last.contains('.'));
        let found = self.files.get(path);
        found.or_else(|| self.files.get(INDEX).filter(|_| in_application))
    }

    /// Answers a request for a page.
    pub(crate) fn respond(&self, parts: &Parts, request_id: &str) -> Response<Content> {
        let head = parts.method == Method::HEAD;
        let mut response = match self.find(parts.uri.path()) {
            _ if !head && parts.method != Method::GET => {
                let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
                refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                refusal
            }
            Some(file) => answered(file, parts, head),
            None => plain(StatusCode::NOT_FOUND, "there is no such page\n"),
        };
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(&X_REQUEST_ID, id);
        }
        response
    }
}

/// Whether a path may be a page: it is none of FHIR's, of identity's or of probes.
pub(crate) fn may_be_page(path: &str) -> bool {
    let fhir = path.strip_prefix(BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !fhir && !auth::is_ours(path) && !path.starts_with("/.") && !NOT_PAGES.contains(&path)
}

fn answered(file: &File, parts: &Parts, head: bool) -> Response<Content> {
    let known = parts.headers.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut known = known.flat_map(|tags| tags.split(','));
    let unchanged = known.any(|tag| tag.trim().trim_start_matches("W/") == file.tag);
    let packed = file.packed.as_ref().filter(|_| Wants::of_headers(&parts.headers).gzip);
    let body = packed.unwrap_or(&file.bytes);
    let left_out = head || unchanged;
    let mut response =
        Response::new(Content::from(if left_out { Bytes::new() } else { body.clone() }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(file.cache_control()));
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        headers.insert(ETAG, tag);
    }
    if packed.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Content> {
    let mut response = Response::new(Content::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
