use http_body_util::BodyExt;
use hyper::Request;

use super::*;
use crate::content::Content;

fn web() -> Web {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    put("index.html", "<!doctype html>");
    put("assets/main-1a2b.js", &"let a = 1;\n".repeat(500));
    put(".secret", "no");
    Web::read(folder.path()).unwrap()
}

fn ask(web: &Web, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Content> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    web.respond(&request.body(()).unwrap().into_parts().0, "r-1")
}

fn header<'a>(response: &'a Response<Content>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn files_are_sent_packed_and_kept() {
    let web = web();
    let response = ask(&web, "GET", "/assets/main-1a2b.js", &[("accept-encoding", "gzip")]);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header(&response, "content-encoding"), "gzip");
    assert!(header(&response, "cache-control").contains("immutable"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
    assert_eq!(text, "let a = 1;\n".repeat(500));
    let plain = ask(&web, "GET", "/assets/main-1a2b.js", &[]);
    assert_eq!(header(&plain, "content-encoding"), "");
    let body = plain.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), 5500);
}

#[test]
fn places_of_the_application_are_its_page_and_what_is_unchanged_is_not_sent_again() {
    let web = web();
    for path in ["/", "/board", "/chart/results", "/index.html"] {
        let page = ask(&web, "GET", path, &[]);
        assert_eq!((page.status().as_u16(), header(&page, "cache-control")), (200, "no-cache"));
        assert!(header(&page, "content-security-policy").starts_with("default-src 'self';"));
        assert_eq!(header(&page, "x-frame-options"), "DENY");
        assert_eq!(header(&page, "x-request-id"), "r-1");
        let again = ask(&web, "GET", path, &[("if-none-match", header(&page, "etag"))]);
        assert_eq!(again.status(), 304);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let web = web();
    for path in ["/assets/other.js", "/.secret", "/../index.html", "/favicon.ico"] {
        assert_eq!(ask(&web, "GET", path, &[]).status(), 404, "{path}");
    }
    let post = ask(&web, "POST", "/", &[]);
    assert_eq!((post.status().as_u16(), header(&post, "allow")), (405, "GET, HEAD"));
    let empty = tempfile::tempdir().unwrap();
    assert!(Web::read(empty.path()).is_err());
}

#[test]
fn paths_of_the_interface_are_no_pages() {
    let others = ["/fhir", "/fhir/Patient", "/auth/sign-in", "/health", "/ready", "/metrics"];
    for path in others.into_iter().chain(["/.well-known/smart-configuration", "/.git/config"]) {
        assert!(!may_be_page(path), "{path}");
    }
    for path in ["/", "/fhirpath", "/board", "/authors"] {
        assert!(may_be_page(path), "{path}");
    }
}
