//! As much of HTTP/1.1 as asking one's own server takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longest time to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads JSON below a base address such as `http://127.0.0.1:8080/fhir`.
pub fn get(base: &str, path: &str, token: &str) -> Result<Value, String> {
    send(base, ("GET", path), token, "")
}

/// Sends JSON there; what is answered.
pub fn post(base: &str, path: &str, token: &str, body: &Value) -> Result<Value, String> {
    send(base, ("POST", path), token, &body.to_string())
}

fn send(
    base: &str,
    (method, path): (&str, &str),
    token: &str,
    body: &str,
) -> Result<Value, String> {
    let (address, root) = base
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| format!("`{base}` is not an address"))?;
    let failed = |e: std::io::Error| format!("`{path}`: {e}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let request = format!(
        "{method} /{root}/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
         {body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    parse(&answer).map_err(|fault| format!("`{path}`: {fault}"))
}

/// The body of a successful answer that states its length.
fn parse(answer: &str) -> Result<Value, String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer breaks off")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !matches!(status, "200" | "201") {
        return Err(format!("status {status}: {body}"));
    }
    serde_json::from_str(body).map_err(|e| format!("the answer is not JSON: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_successful_answers_count() {
        let body = parse("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"total\":3}");
        assert_eq!(body.unwrap().get("total").and_then(Value::as_u64), Some(3));
        for bad in ["", "HTTP/1.1 200 OK\r\n\r\n{\"tot", "HTTP/1.1 403 Forbidden\r\n\r\n{}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
