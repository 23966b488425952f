//! Queries as they are asked, and what becomes of them.

mod chain;
mod coded;
mod control;
mod modified;
mod ordered;
mod plain;
mod properties;
mod words;

use accord_base::LogTime;
use accord_spec::ResourceType;

use super::*;

/// 2026-01-01T00:00:00Z.
const NOW: LogTime = LogTime(1_767_225_600_000_000);

/// Name–value pairs of a query string.
fn decode(query: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(b) = rest.next() {
            bytes.push(match b {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (plain(name), plain(value))
        })
        .collect()
}

fn context(handling: Handling) -> Context<'static> {
    Context { handling, base_url: Some("http://own.example/fhir"), ..Context::strict(NOW) }
}

fn read(on: &str, query: &str, handling: Handling) -> Result<Parsed, Vec<accord_fhir::Issue>> {
    let resource_type = (on != "*").then(|| ResourceType::from_name(on).unwrap());
    parse(resource_type, decode(query), &context(handling))
}

fn query(on: &str, text: &str) -> Query {
    let parsed = read(on, text, Handling::Strict).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    assert_eq!(parsed.ignored, []);
    parsed.query
}

/// The query is understood and written back as `canonical`.
fn check(on: &str, text: &str, canonical: &str) {
    let understood = query(on, text);
    assert_eq!(understood.to_query_string(), canonical, "{text}");
    assert_eq!(query(on, canonical), understood, "{text}");
}

/// The query is refused with this issue alone, even under lenient handling.
fn refuse(on: &str, text: &str, expect: &str) {
    for handling in [Handling::Strict, Handling::Lenient] {
        let issues = read(on, text, handling).unwrap_err();
        let texts: Vec<&str> = issues.iter().map(|issue| issue.diagnostics.as_str()).collect();
        assert_eq!(texts, [expect], "{text}");
    }
}

/// The query is refused with this issue under strict handling; lenient handling ignores the
/// parameter with the same words.
fn ignore(on: &str, text: &str, expect: &str) {
    let issues = read(on, text, Handling::Strict).unwrap_err();
    let texts: Vec<&str> = issues.iter().map(|issue| issue.diagnostics.as_str()).collect();
    assert_eq!(texts, [expect], "{text}");
    let parsed = read(on, text, Handling::Lenient).unwrap();
    assert_eq!(parsed.ignored.len(), 1, "{text}");
    assert_eq!(parsed.ignored[0].diagnostics, expect);
    assert_eq!(parsed.ignored[0].expression, issues[0].expression);
    assert_eq!(parsed.query, query(on, ""));
}

fn test(on: &str, text: &str) -> Test {
    let mut query = query(on, text);
    assert_eq!(query.clauses.len(), 1, "{text}");
    query.clauses.remove(0).test
}
