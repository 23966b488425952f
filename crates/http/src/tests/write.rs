//! Creates, updates, deletes: what reaches the backend, what comes back.

use accord_engine::{Answer, Category, Interaction, Outcome, PatchFormat, PatchOf, Request};

use super::fake::{Fake, failing, id, patient, read_p1};
use super::harness::{Ask, ask, server, server_with};
use crate::{BaseUrl, Options};

fn stored(request: &Request) -> Outcome {
    Ok(match &request.interaction {
        Interaction::Create { if_none_exist: Some(_), .. } => Answer::Existing(patient("p1", 2)),
        Interaction::Create { .. } => Answer::Created(patient("p1", 1)),
        Interaction::Update { .. } => Answer::Updated(patient("p1", 4)),
        Interaction::Delete { .. } => Answer::Deleted { version: Some(5) },
        _ => Answer::AlreadyImported,
    })
}

fn post() -> Ask {
    ask("POST /fhir/Patient").json(r#"{"resourceType":"Patient"}"#)
}

#[tokio::test]
async fn a_create_tells_where_the_resource_is() {
    let server = server(stored);
    let got = post().send(&server).await;
    assert_eq!(got.status, 201);
    assert_eq!(got.header("location"), "http://ex.org:81/fhir/Patient/p1/_history/1");
    assert_eq!(got.header("etag"), "W/\"1\"");
    assert_eq!(got.header("last-modified"), "Sat, 21 Nov 2026 22:33:18 GMT");
    assert_eq!(got.header("cache-control"), "private, no-store");
    assert_eq!(got.text(), &*patient("p1", 1).body);
    let Interaction::Create { body, if_none_exist, .. } = server.interaction() else {
        panic!("not a create")
    };
    assert_eq!(&body[..], br#"{"resourceType":"Patient"}"#);
    assert_eq!(if_none_exist, None);
}

#[tokio::test]
async fn a_configured_base_wins_over_the_host() {
    let base_url = BaseUrl::new("https://fhir.example.org/r4/").ok();
    let options = Options { base_url, ..Options::default() };
    let server = server_with(Fake::new(stored), options);
    let got = post().header("host", "evil").send(&server).await;
    assert_eq!(got.header("location"), "https://fhir.example.org/r4/Patient/p1/_history/1");
}

#[tokio::test]
async fn a_conditional_create_passes_its_query() {
    for given in ["identifier=a|b", "?identifier=a|b"] {
        let server = server(stored);
        let got = post().header("if-none-exist", given).send(&server).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.header("location"), "http://ex.org:81/fhir/Patient/p1/_history/2");
        let Interaction::Create { if_none_exist, .. } = server.interaction() else {
            panic!("not a create")
        };
        assert_eq!(if_none_exist.as_deref(), Some("identifier=a|b"));
    }
}

#[tokio::test]
async fn conditional_updates_and_deletes_pass_their_query() {
    let server = server(|request: &Request| match &request.interaction {
        Interaction::ConditionalUpdate { .. } => Ok(Answer::Updated(patient("p1", 4))),
        _ => Ok(Answer::Deleted { version: Some(5) }),
    });
    let update = ask("PUT /fhir/Patient?identifier=a%7Cb&_format=json").json("{}");
    let got = update.header("if-match", "W/\"3\"").send(&server).await;
    assert_eq!((got.status, got.header("etag")), (200, "W/\"4\""));
    let expect = vec![("identifier".to_owned(), "a|b".to_owned())];
    match server.interaction() {
        Interaction::ConditionalUpdate { condition, if_match, .. } => {
            assert_eq!((condition, if_match), (expect.clone(), Some(3)));
        }
        other => panic!("{other:?}"),
    }
    let got = ask("DELETE /fhir/Patient?identifier=a%7Cb").send(&server).await;
    assert_eq!(got.status, 204);
    match server.interaction() {
        Interaction::ConditionalDelete { condition, if_match, .. } => {
            assert_eq!((condition, if_match), (expect, None));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn preferences_shape_what_a_write_answers() {
    let body = patient("p1", 1).body;
    for (prefer, expect) in [
        ("return=minimal", ""),
        ("return=representation", &*body),
        ("Return=\"MINIMAL\"", ""),
        ("respond-async, return=minimal; wait=10", ""),
        ("return=nonsense", &*body),
    ] {
        let server = server(stored);
        let got = post().header("prefer", prefer).send(&server).await;
        assert_eq!((got.status, got.text()), (201, expect), "{prefer}");
        assert_eq!(got.header("etag"), "W/\"1\"");
    }
    let server = server(stored);
    let outcome = "return=OperationOutcome";
    for ask in [post(), ask("PUT /fhir/Patient/p1").json("{}"), ask("DELETE /fhir/Patient/p1")] {
        let got = ask.header("prefer", outcome).send(&server).await;
        let json = got.json();
        assert_eq!(json["resourceType"], "OperationOutcome");
        assert_eq!(json["issue"][0]["severity"], "information");
        assert!(matches!(got.status, 200 | 201));
    }
}

#[tokio::test]
async fn an_update_passes_its_version() {
    for (tag, expect) in [("W/\"3\"", Some(3)), ("\"3\"", Some(3)), ("", None)] {
        let server = server(stored);
        let mut put = ask("PUT /fhir/Patient/p1").json("{}");
        if !tag.is_empty() {
            put = put.header("if-match", tag);
        }
        let got = put.send(&server).await;
        assert_eq!((got.status, got.header("etag"), got.header("location")), (200, "W/\"4\"", ""));
        let Interaction::Update { id: asked, if_match, .. } = server.interaction() else {
            panic!("not an update")
        };
        assert_eq!((asked, if_match), (id("p1"), expect));
    }
}

#[tokio::test]
async fn conditions_that_cannot_be_kept_are_never_ignored() {
    for (name, value, status, code) in [
        ("if-match", "*", 501, "not-supported"),
        ("if-match", "W/\"1\", W/\"2\"", 501, "not-supported"),
        ("if-match", "", 501, "not-supported"),
        ("if-match", "W/\"abc\"", 412, "conflict"),
        ("if-match", "3", 412, "conflict"),
        ("if-match", "W/\"0\"", 412, "conflict"),
        ("if-none-match", "*", 501, "not-supported"),
        ("if-unmodified-since", "Sat, 21 Nov 2026 22:33:18 GMT", 501, "not-supported"),
    ] {
        for method in ["PUT", "DELETE"] {
            let server = server(stored);
            let line = format!("{method} /fhir/Patient/p1");
            let got = ask(&line).header(name, value).json("{}").send(&server).await;
            got.refused(status, code);
            assert!(!server.was_asked(), "{name}: {value}");
            assert_eq!(server.refusals().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_delete_has_no_body() {
    let server = server(stored);
    let got = ask("DELETE /fhir/Patient/p1").header("if-match", "W/\"4\"").send(&server).await;
    assert_eq!((got.status, got.text(), got.header("etag")), (204, "", "W/\"5\""));
    let Interaction::Delete { if_match, .. } = server.interaction() else { panic!("not a delete") };
    assert_eq!(if_match, Some(4));
    let server = super::harness::server(|_| Ok(Answer::Deleted { version: None }));
    let got = ask("DELETE /fhir/Patient/p1").send(&server).await;
    assert_eq!((got.status, got.header("etag")), (204, ""));
}

#[tokio::test]
async fn an_invalid_resource_is_told_with_all_its_faults() {
    let server = server(|_| {
        let mut failure = failing(Category::Unprocessable)(&dummy()).unwrap_err();
        failure.issues.push(accord_fhir::Issue::at(
            accord_fhir::IssueCode::Required,
            "Patient.link[0].type",
            "a \"value\" is needed",
        ));
        Err(failure)
    });
    let got = post().send(&server).await;
    got.refused(422, "invalid");
    assert_eq!(got.json()["issue"][1]["expression"][0], "Patient.link[0].type");
}

fn dummy() -> Request {
    Request {
        subject: std::sync::Arc::new(super::harness::clinician()),
        interaction: Interaction::Bundle { body: [].into(), options: Default::default() },
        request_id: String::new(),
        controller: None,
        deadline: accord_base::Deadline::NEVER,
    }
}

#[tokio::test]
async fn patches_say_how_they_are_told() {
    for (content_type, format) in [
        ("application/json-patch+json", PatchFormat::Json),
        ("application/json-patch+json; charset=utf-8", PatchFormat::Json),
        ("application/fhir+json", PatchFormat::Fhirpath),
    ] {
        for (line, by_id) in [
            ("PATCH /fhir/Patient/p1", true),
            ("PATCH /fhir/Patient?identifier=a%7Cb&_format=json", false),
        ] {
            let server = server(|_: &Request| Ok(Answer::Updated(patient("p1", 4))));
            let sent = ask(line).body("[]").header("content-type", content_type);
            let got = sent.header("if-match", "W/\"3\"").send(&server).await;
            assert_eq!((got.status, got.header("etag")), (200, "W/\"4\""));
            let Interaction::Patch(patch) = server.interaction() else { panic!("not a patch") };
            assert_eq!(
                (patch.format, patch.if_match, &patch.body[..]),
                (format, Some(3), &b"[]"[..])
            );
            assert_eq!(matches!(patch.of, PatchOf::Id(_)), by_id);
        }
    }
    for (content_type, status) in
        [("application/xml-patch+xml", 415), ("application/fhir+json; fhirVersion=5.0", 415)]
    {
        let server = server(read_p1);
        let sent = ask("PATCH /fhir/Patient/p1").body("[]").header("content-type", content_type);
        sent.send(&server).await.refused(status, "not-supported");
    }
    let server = server(read_p1);
    let long = " ".repeat(accord_engine::MAX_PATCH_BYTES + 1);
    let sent = ask("PATCH /fhir/Patient/p1").body(long);
    let got = sent.header("content-type", "application/json-patch+json").send(&server).await;
    got.refused(413, "too-long");
}
