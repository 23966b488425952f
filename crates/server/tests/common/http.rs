//! A small HTTP/1.1 client that hides nothing: one connection, one request at a time.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;

use serde_json::Value;

/// An answer.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// What issues of an `OperationOutcome` point to.
    #[track_caller]
    pub fn expressions(&self) -> Vec<String> {
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let issues = outcome["issue"].as_array().unwrap().iter();
        issues.filter_map(|i| i["expression"][0].as_str().map(str::to_owned)).collect()
    }
}

/// The path below the base of a page's next link.
pub fn next_of(page: &Value) -> Option<String> {
    let links = page["link"].as_array()?;
    let next = links.iter().find(|link| link["relation"] == "next")?;
    Some(next["url"].as_str()?.split_once("/fhir/")?.1.to_owned())
}

pub struct Client {
    address: String,
    token: Option<String>,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: &str, token: Option<&str>) -> Client {
        Client { address: address.to_owned(), token: token.map(str::to_owned), connection: None }
    }

    #[track_caller]
    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    #[track_caller]
    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &[], body)
    }

    #[track_caller]
    pub fn put(&mut self, path: &str, body: &str) -> Answer {
        self.ask("PUT", path, &[], body)
    }

    /// Versions of all resources that the history of the system tells of.
    #[track_caller]
    pub fn versions(&mut self) -> u64 {
        let (mut count, mut next) = (0, Some("_history?_count=1000".to_owned()));
        while let Some(path) = next {
            let page = self.get(&path).expect(200).json();
            count += page["entry"].as_array().map_or(0, |entries| entries.len() as u64);
            next = next_of(&page);
        }
        count
    }

    #[track_caller]
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.try_ask(method, path, headers, body).unwrap()
    }

    /// Sends a request; the path is below the FHIR base unless it begins with a slash.
    pub fn try_ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let base = if path.starts_with('/') { "" } else { "/fhir/" };
        let mut head = format!("{method} {base}{path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if !headers.iter().any(|(name, _)| *name == "Content-Type") && !body.is_empty() {
            head.push_str("Content-Type: application/fhir+json\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(TcpStream::connect(&self.address)?),
        };
        connection.get_mut().write_all(head.as_bytes())?;
        let answer = read(&mut connection, method)?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

fn read(from: &mut BufReader<TcpStream>, method: &str) -> Result<Answer> {
    let status = line(from)?;
    let broken = || Error::new(ErrorKind::InvalidData, "no HTTP");
    let status = status.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
    let mut headers = Vec::new();
    loop {
        let line = line(from)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(broken)?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if method == "HEAD" || matches!(status, 204 | 304) {
        return Ok(answer);
    }
    if answer.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&line(from)?, 16).map_err(|_| broken())?;
            let mut chunk = vec![0; size];
            from.read_exact(&mut chunk)?;
            answer.body.extend(chunk);
            line(from)?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let length = answer.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    answer.body = vec![0; length];
    from.read_exact(&mut answer.body)?;
    Ok(answer)
}

fn line(from: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
