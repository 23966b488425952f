//! What is told about codes without asking for any.

use super::fake::read_p1;
use super::harness::{bare, server};

#[tokio::test]
async fn metadata_tells_of_terminology() {
    let server = server(read_p1);
    let got = bare("GET /fhir/metadata?mode=terminology").send(&server).await;
    let json = got.json();
    assert_eq!((got.status, &json["resourceType"]), (200, &"TerminologyCapabilities".into()));
    let text = got.text();
    let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
    for (name, _) in tape.root().members().filter(|(name, _)| name != "resourceType") {
        let ty = accord_spec::ResourceType::from_name("TerminologyCapabilities").unwrap();
        assert!(ty.type_id().element(&name).is_some(), "{name}");
    }
    let full = bare("GET /fhir/metadata?mode=full").send(&server).await.json();
    assert_eq!(full["resourceType"], "CapabilityStatement");
    let resources = full["rest"][0]["resource"].as_array().unwrap();
    let sets = resources.iter().find(|r| r["type"] == "ValueSet").unwrap();
    let operations = sets["operation"].as_array().unwrap();
    for name in ["ValueSet-expand", "ValueSet-validate-code", "Resource-validate"] {
        let definition = format!("http://hl7.org/fhir/OperationDefinition/{name}");
        assert_eq!(operations.iter().filter(|o| o["definition"] == definition).count(), 1);
    }
}
