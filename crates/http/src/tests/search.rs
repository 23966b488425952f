//! Searches and histories: parameters in, pages out.

use accord_engine::{Answer, HistoryOf, Interaction, Page, PageKind, Version};
use accord_fhir::{Issue, IssueCode, Severity};
use accord_spec::ResourceType;

use super::fake::{deletion, id, page, patient};
use super::harness::{Ask, Server, ask, server};

fn empty() -> Server {
    server(|_| Ok(Answer::Page(page(PageKind::Search, Vec::new()))))
}

/// What a search must have become: type, parameters as `name=value` lines, raw query, lenient.
async fn check_search(ask: Ask, expect: (Option<&str>, &[&str], &str, bool)) {
    let server = empty();
    let got = ask.send(&server).await;
    assert_eq!(got.status, 200, "{}", got.text());
    let Interaction::Search { resource_type, params, raw, lenient } = server.interaction() else {
        panic!("not a search")
    };
    let params: Vec<String> = params.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let asked = (resource_type.map(ResourceType::name), &params[..], raw.as_str(), lenient);
    let (of, lines, raw, lenient) = expect;
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(asked, (of, &lines[..], raw, lenient));
}

#[tokio::test]
async fn parameters_are_decoded_once_and_kept_in_order() {
    let raw = "name=a%2Cb&name=M%C3%BCller+x&identifier=http://s|1%2B1&flag&=v&a=b=c&&_count=5";
    let params = [
        "name=a,b",
        "name=Müller x",
        "identifier=http://s|1+1",
        "flag=",
        "=v",
        "a=b=c",
        "_count=5",
    ];
    let line = format!("GET /fhir/Patient?{raw}");
    check_search(ask(&line), (Some("Patient"), &params, raw, false)).await;
    check_search(
        ask("GET /fhir?_type=Patient"),
        (None, &["_type=Patient"], "_type=Patient", false),
    )
    .await;
    check_search(ask("GET /fhir/"), (None, &[], "", false)).await;
}

#[tokio::test]
async fn handling_is_strict_unless_preferred_otherwise() {
    for (prefer, lenient) in
        [("handling=lenient", true), ("handling=strict", false), ("return=minimal", false)]
    {
        let ask = ask("GET /fhir/Patient").header("prefer", prefer);
        check_search(ask, (Some("Patient"), &[], "", lenient)).await;
    }
}

#[tokio::test]
async fn a_search_by_post_merges_url_and_form() {
    let expect = (Some("Patient"), &["a=1", "b=2 3", "c=4"][..], "a=1&b=2+3&c=4", false);
    check_search(ask("POST /fhir/Patient/_search?a=1").form("b=2+3&c=4"), expect).await;
    let expect = (Some("Patient"), &["a=1"][..], "a=1", false);
    check_search(ask("POST /fhir/Patient/_search?a=1"), expect).await;
    let expect = (None, &["_id=x"][..], "_id=x", false);
    check_search(ask("POST /fhir/_search").form("_id=x"), expect).await;
    // `_format` may stand in the form, and then wins over the header.
    let ask = ask("POST /fhir/Patient/_search").header("accept", "text/html");
    let raw = "_format=json&a=1";
    check_search(ask.form("_format=json&a=1"), (Some("Patient"), &["a=1"], raw, false)).await;
}

#[tokio::test]
async fn unreadable_searches_are_refused() {
    let many = format!("GET /fhir/Patient?{}", "a=1&".repeat(1001));
    for (ask, status) in [
        (ask("GET /fhir/Patient?name=%zz"), 400),
        (ask("GET /fhir/Patient?name=%4"), 400),
        (ask("GET /fhir/Patient?name=%ff"), 400),
        (ask("GET /fhir/Patient?%c3%28=1"), 400),
        (ask(&many), 400),
        (ask("POST /fhir/Patient/_search").form("name=%"), 400),
        (ask("POST /fhir/Patient/_search").json("{}"), 415),
        (ask("POST /fhir/Patient/_search").body("a=1"), 415),
        (ask("GET /fhir/Patient?_format=xml"), 406),
        (ask("GET /fhir/Patient").header("host", "evil.org/\"><script>"), 400),
    ] {
        let server = empty();
        let got = ask.send(&server).await;
        assert_eq!(got.status, status);
        assert!(!server.was_asked());
        assert_eq!(server.refusals().len(), 1);
    }
}

#[tokio::test]
async fn a_page_is_a_searchset() {
    let server = server(|_| {
        Ok(Answer::Page(Page {
            total: Some(31),
            query: "name=M%C3%BCller&_count=2".to_owned(),
            next: Some("Zm9v=/+".to_owned()),
            warnings: vec![
                Issue::error(IssueCode::NotSupported, "the parameter `x` is unknown")
                    .with_severity(Severity::Warning),
            ],
            ..page(PageKind::Search, vec![patient("p1", 3), patient("p2", 1)])
        }))
    });
    let got = ask("GET /fhir/Patient?name=M%C3%BCller&_count=2&x=1&_pretty=false").send(&server);
    let got = got.await;
    let expect = serde_json::json!({
        "resourceType": "Bundle", "type": "searchset", "total": 31,
        "link": [
            {"relation": "self",
             "url": "http://ex.org:81/fhir/Patient?name=M%C3%BCller&_count=2&_pretty=false"},
            {"relation": "next", "url": "http://ex.org:81/fhir/Patient?name=M%C3%BCller&_count=2&_pretty=false&_cursor=Zm9v%3D%2F%2B"},
        ],
        "entry": [
            {"fullUrl": "http://ex.org:81/fhir/Patient/p1",
             "resource": serde_json::from_str::<serde_json::Value>(&patient("p1", 3).body).unwrap(),
             "search": {"mode": "match"}},
            {"fullUrl": "http://ex.org:81/fhir/Patient/p2",
             "resource": serde_json::from_str::<serde_json::Value>(&patient("p2", 1).body).unwrap(),
             "search": {"mode": "match"}},
            {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning",
                "code": "not-supported", "diagnostics": "the parameter `x` is unknown"}]},
             "search": {"mode": "outcome"}},
        ],
    });
    assert_eq!(got.json(), expect);
    assert!(got.text().contains(&*patient("p1", 3).body), "resources stand as they are");
    assert_eq!(got.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn an_empty_page_has_no_entry_and_hostile_queries_are_escaped() {
    let server = server(|_| {
        let query = "name=\"}\\".to_owned();
        Ok(Answer::Page(Page { query, ..page(PageKind::Search, Vec::new()) }))
    });
    let got = ask("POST /fhir/_search").send(&server).await.json();
    assert!(got.get("entry").is_none() && got.get("total").is_none());
    assert_eq!(got["link"][0]["url"], "http://ex.org:81/fhir?name=\"}\\");
}

#[tokio::test]
async fn histories_know_whose_they_are() {
    for (line, of, path) in [
        (
            "GET /fhir/Patient/p1/_history?_count=3",
            HistoryOf::Instance(ResourceType::PATIENT, id("p1")),
            "Patient/p1/_history",
        ),
        ("GET /fhir/Patient/_history", HistoryOf::Type(ResourceType::PATIENT), "Patient/_history"),
        ("GET /fhir/_history", HistoryOf::System, "_history"),
    ] {
        let server = server(|_| Ok(Answer::Page(page(PageKind::History, Vec::new()))));
        let got = ask(line).send(&server).await.json();
        assert_eq!(got["link"][0]["url"], format!("http://ex.org:81/fhir/{path}"));
        let Interaction::History { of: asked, params } = server.interaction() else {
            panic!("not a history")
        };
        assert_eq!(asked, of);
        assert_eq!(params.len(), usize::from(line.contains('?')));
    }
}

#[tokio::test]
async fn a_history_tells_how_each_version_came_to_be() {
    let server = server(|_| {
        let put = |number| Version { put: true, ..patient("p1", number) };
        let mut versions = vec![deletion("p1", 3), patient("p1", 2), patient("p1", 1)];
        versions.extend([put(4), put(1)]);
        Ok(Answer::Page(Page { total: Some(3), ..page(PageKind::History, versions) }))
    });
    let got = ask("GET /fhir/Patient/p1/_history").send(&server).await.json();
    assert_eq!((&got["type"], &got["total"]), (&"history".into(), &3.into()));
    let told = |at: usize| {
        let entry = &got["entry"][at];
        assert_eq!(entry["fullUrl"], "http://ex.org:81/fhir/Patient/p1");
        assert_eq!(entry["response"]["lastModified"], "2026-11-21T22:33:18.123456Z");
        [
            entry["request"]["method"].as_str().unwrap(),
            entry["request"]["url"].as_str().unwrap(),
            entry["response"]["status"].as_str().unwrap(),
            entry["response"]["etag"].as_str().unwrap(),
        ]
    };
    assert_eq!(told(0), ["DELETE", "Patient/p1", "204 No Content", "W/\"3\""]);
    assert_eq!(told(1), ["PUT", "Patient/p1", "200 OK", "W/\"2\""]);
    assert_eq!(told(2), ["POST", "Patient", "201 Created", "W/\"1\""]);
    assert_eq!(told(3), ["PUT", "Patient/p1", "201 Created", "W/\"4\""]);
    assert_eq!(told(4), ["PUT", "Patient/p1", "201 Created", "W/\"1\""]);
    assert!(got["entry"][0].get("resource").is_none());
    assert_eq!(got["entry"][1]["resource"]["id"], "p1");
}
