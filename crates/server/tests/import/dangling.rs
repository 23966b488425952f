//! What refers to nothing once everything is imported.

use std::path::Path;

use serde_json::{Value, json};

use super::common::Store;

fn observation(id: &str, more: Value) -> Value {
    let mut body = json!({"resourceType": "Observation", "id": id, "status": "final",
        "code": {"text": "o"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn refer(to: &str) -> Value {
    json!({"reference": to})
}

fn lines(all: &[Value]) -> String {
    all.iter().map(|one| format!("{one}\n")).collect()
}

/// The lines of the table that tell of references.
fn told(out: &str) -> Vec<&str> {
    let from = out.lines().position(|line| line.starts_with("references to what"));
    from.map_or(Vec::new(), |from| out.lines().skip(from).map(str::trim_start).collect())
}

fn listed(path: &Path) -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let one: Value = serde_json::from_str(line).unwrap();
        ["source", "path", "target"].map(|name| one[name].as_str().unwrap().to_owned())
    };
    let mut all: Vec<[String; 3]> = text.lines().map(line).collect();
    all.sort();
    all
}

#[test]
fn references_to_what_never_came_are_told() {
    let store = Store::new();
    let folder = tempfile::tempdir().unwrap();
    let (first, then) = (folder.path().join("a.ndjson"), folder.path().join("b.json"));
    let list = folder.path().join("list.ndjson");
    std::fs::write(
        &first,
        lines(&[
            // Comes later, in a Bundle.
            observation("early", json!({"subject": refer("Patient/late")})),
            observation(
                "o1",
                json!({"subject": refer("Patient/none"),
                "hasMember": [refer("Observation/early"), refer("Observation/gone")]}),
            ),
            observation(
                "o2",
                json!({"subject": refer("Patient/late"), "note": [{"text": "n",
                "authorReference": refer("Patient/other")}]}),
            ),
            // None of these is a reference to a resource of this server.
            observation(
                "o3",
                json!({
                "subject": refer("https://elsewhere.example/fhir/Patient/x"),
                "device": {"identifier": {"value": "d"}},
                "performer": [refer("#p")],
                "contained": [{"resourceType": "Practitioner", "id": "p"}]}),
            ),
            observation("o4", json!({"subject": refer("Patient/later/_history/9")})),
            // Its last version refers to what is there.
            observation("o5", json!({"subject": refer("Patient/none")})),
            observation("o5", json!({"subject": refer("Patient/late")})),
        ]),
    )
    .unwrap();
    let entry = |method: &str, url: &str, resource: Value| json!({"request": {"method": method, "url": url}, "resource": resource});
    let encounter = json!({"resourceType": "Encounter", "status": "finished",
        "class": {"code": "AMB"}, "subject": refer("urn:uuid:00000000-0000-4000-8000-000000000001"),
        "serviceProvider": refer("Organization/none"),
        "contained": [{"resourceType": "Location", "id": "l",
            "managingOrganization": refer("Organization/none")}],
        "location": [{"location": refer("#l")}]});
    let patient = json!({"resourceType": "Patient", "id": "late"});
    let mut entries = vec![
        entry("PUT", "Patient/late", patient),
        entry("PUT", "Encounter/e", json!({"id": "e"})),
    ];
    entries[0]["fullUrl"] = "urn:uuid:00000000-0000-4000-8000-000000000001".into();
    let mut body = encounter;
    body["id"] = "e".into();
    entries[1]["resource"] = body;
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    std::fs::write(&then, bundle.to_string()).unwrap();
    let path = list.to_str().unwrap();
    let said = store.import(&["--dangling", path], &[&first, &then]).good();
    assert_eq!(
        told(&said.out),
        [
            "references to what is not there: 6",
            "2  Observation.subject to Patient",
            "1  Encounter.contained.managingOrganization to Organization",
            "1  Encounter.serviceProvider to Organization",
            "1  Observation.hasMember to Observation",
            "1  Observation.note.authorReference to Patient",
        ]
    );
    let expected = [
        ["Encounter/e", "Encounter.contained[0].managingOrganization", "Organization/none"],
        ["Encounter/e", "Encounter.serviceProvider", "Organization/none"],
        ["Observation/o1", "Observation.hasMember[1]", "Observation/gone"],
        ["Observation/o1", "Observation.subject", "Patient/none"],
        ["Observation/o2", "Observation.note[0].authorReference", "Patient/other"],
        ["Observation/o4", "Observation.subject", "Patient/later"],
    ];
    assert_eq!(listed(&list), expected.map(|one| one.map(str::to_owned)));

    // Once all is there, nothing is told; a delete leaves what refers to it behind.
    let rest = folder.path().join("c.ndjson");
    std::fs::write(&rest, lines(&[json!({"resourceType": "Patient", "id": "none"})])).unwrap();
    let said = store.import(&["--dangling", path], &[&rest]).good();
    assert!(told(&said.out).is_empty(), "{}", said.out);
    assert!(listed(&list).is_empty());
    let delete = json!({"resourceType": "Bundle", "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Patient/late"}}]});
    std::fs::write(&then, delete.to_string()).unwrap();
    let said = store.import(&[], &[&then]).good();
    assert_eq!(
        told(&said.out),
        [
            "references to what is not there: 7",
            "3  Observation.subject to Patient",
            "1  Encounter.contained.managingOrganization to Organization",
            "1  Encounter.serviceProvider to Organization",
            "1  Encounter.subject to Patient",
            "1  Observation.note.authorReference to Patient",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_written_ends_the_import_before_it_begins() {
    let store = Store::new();
    let file = store.folder.path().join("p.json");
    std::fs::write(&file, json!({"resourceType": "Patient", "id": "p"}).to_string()).unwrap();
    let said = store.import(&["--dangling", "/no/such/folder/list"], &[&file]);
    assert_eq!(said.code, Some(2), "{}", said.err);
}
