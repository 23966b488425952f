//! Known facts of R4, and that every line of the tables is taken.

use crate::tables::tables;
use crate::*;

fn resource(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap_or_else(|| panic!("`{name}` is a resource type"))
}

fn ty(name: &str) -> TypeId {
    TypeId::from_name(name).unwrap_or_else(|| panic!("`{name}` is a type"))
}

fn lines(table: &str) -> usize {
    table.lines().filter(|l| !l.starts_with('#')).count()
}

#[test]
fn every_line_is_taken() {
    assert_eq!(tables().types.len(), lines(include_str!("../data/types.tsv")));
    assert_eq!(params().len(), lines(include_str!("../data/params.tsv")));
    let expected: usize = include_str!("../data/elements.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split('\t').nth(4).unwrap().split(',').count())
        .sum();
    let base_elements = |t: &TypeId| t.base().map_or(0, |b| b.elements().len());
    let every = (0..tables().types.len() as u16).map(TypeId);
    let own: usize = every.map(|t| t.elements().len() - base_elements(&t)).sum();
    assert_eq!(own, expected);
    let members = Compartment::ALL.into_iter().flat_map(|c| {
        ResourceType::ALL.into_iter().filter(move |r| !compartment_params(c, *r).is_empty())
    });
    assert_eq!(members.count(), lines(include_str!("../data/compartments.tsv")));
    for param in params() {
        assert_eq!(param_by_id(param.id).map(|p| p.url), Some(param.url));
        assert_eq!(
            param.components.is_empty(),
            param.kind != ParamKind::Composite,
            "{}",
            param.code
        );
    }
}

#[test]
fn every_element_is_found_by_its_name_and_no_other() {
    for info in &tables().types {
        let holder = ty(info.name);
        assert!(info.slots.len() <= 64, "{}", info.name);
        for e in &info.elements {
            let found = element(holder, e.name).unwrap_or_else(|| panic!("{}", e.name));
            assert!(std::ptr::eq(found, e), "{}.{}", info.name, e.name);
            assert_eq!(info.slots[usize::from(e.slot)].path_name, e.path_name);
        }
        assert!(element(holder, "").is_none());
        // One backbone element has a true element of that name.
        let own = info.name == "ExampleScenario.instance";
        assert_eq!(element(holder, "resourceType").is_some(), own, "{}", info.name);
    }
}

#[test]
fn resource_types_are_all_and_alphabetical() {
    let names: Vec<&str> = ResourceType::ALL.iter().map(|r| r.name()).collect();
    assert!(names.is_sorted());
    assert!(ResourceType::ALL.iter().all(|r| resource(r.name()) == *r));
    assert!(ResourceType::from_name("Resource").is_none());
    assert!(ResourceType::from_name("DomainResource").is_none());
    assert!(ResourceType::from_name("Quantity").is_none());
    assert!(ResourceType::from_name("patient").is_none());
    assert_eq!(TypeId(ResourceType::ALL.len() as u16).resource(), None);
}

#[test]
fn named_constants_name_what_they_say() {
    for (constant, name) in [
        (ResourceType::AUDIT_EVENT, "AuditEvent"),
        (ResourceType::BINARY, "Binary"),
        (ResourceType::BUNDLE, "Bundle"),
        (ResourceType::CONSENT, "Consent"),
        (ResourceType::ENCOUNTER, "Encounter"),
        (ResourceType::OBSERVATION, "Observation"),
        (ResourceType::OPERATION_OUTCOME, "OperationOutcome"),
        (ResourceType::ORGANIZATION, "Organization"),
        (ResourceType::PARAMETERS, "Parameters"),
        (ResourceType::PATIENT, "Patient"),
        (ResourceType::PRACTITIONER, "Practitioner"),
    ] {
        assert_eq!((constant.name(), constant), (name, resource(name)));
    }
    for (constant, name) in [
        (TypeId::BACKBONE_ELEMENT, "BackboneElement"),
        (TypeId::DOMAIN_RESOURCE, "DomainResource"),
        (TypeId::ELEMENT, "Element"),
        (TypeId::RESOURCE, "Resource"),
        (TypeId::CODEABLE_CONCEPT, "CodeableConcept"),
        (TypeId::CODING, "Coding"),
        (TypeId::EXTENSION, "Extension"),
        (TypeId::IDENTIFIER, "Identifier"),
        (TypeId::META, "Meta"),
        (TypeId::NARRATIVE, "Narrative"),
        (TypeId::QUANTITY, "Quantity"),
        (TypeId::REFERENCE, "Reference"),
        (TypeId::STRING, "string"),
    ] {
        assert_eq!((constant.name(), constant), (name, ty(name)));
    }
}

#[test]
fn cardinalities() {
    let code = element(ty("Observation"), "code").unwrap();
    assert_eq!((code.min, code.many, code.ty), (1, false, TypeId::CODEABLE_CONCEPT));
    let contact = element(ty("Patient"), "contact").unwrap();
    assert_eq!((contact.min, contact.many, contact.ty), (0, true, ty("Patient.contact")));
    let gender = element(contact.ty, "gender").unwrap();
    assert_eq!((gender.many, gender.ty.primitive()), (false, Some(Primitive::Code)));
    let required: Vec<&str> = slots_in(ty("Observation"), ty("Observation").required());
    assert_eq!(required, ["status", "code"]);
    assert_eq!(slots_in(TypeId::EXTENSION, TypeId::EXTENSION.required()), ["url"]);
}

fn slots_in(holder: TypeId, mask: u64) -> Vec<&'static str> {
    let slots = holder.slots().iter().enumerate();
    slots.filter(|(at, _)| mask >> at & 1 == 1).map(|(_, s)| s.name).collect()
}

#[test]
fn choices_are_expanded() {
    let values: Vec<&str> =
        ty("Observation").elements_by_path_name("value").map(|e| e.name).collect();
    assert_eq!(values.len(), 11);
    assert!(values.contains(&"valueQuantity") && values.contains(&"valueDateTime"));
    let quantity = element(ty("Observation"), "valueQuantity").unwrap();
    let text = element(ty("Observation"), "valueString").unwrap();
    assert!(quantity.is_choice && quantity.ty == TypeId::QUANTITY && quantity.slot == text.slot);
    assert!(element(ty("Observation"), "value").is_none());
    assert!(element(ty("Observation"), "valueMoney").is_none());
    assert_eq!(TypeId::EXTENSION.elements_by_path_name("value").count(), 50);
    let medication = element(ty("MedicationRequest"), "medicationReference").unwrap();
    assert_eq!(medication.targets, [resource("Medication")]);
    assert_eq!(element(ty("MedicationRequest"), "medicationCodeableConcept").unwrap().targets, []);
}

#[test]
fn content_references_are_resolved() {
    for (holder, key, target) in [
        ("Bundle.entry", "link", "Bundle.link"),
        ("Questionnaire.item", "item", "Questionnaire.item"),
        ("ValueSet.compose", "exclude", "ValueSet.compose.include"),
        ("Observation.component", "referenceRange", "Observation.referenceRange"),
        ("Parameters.parameter", "part", "Parameters.parameter"),
    ] {
        assert_eq!(element(ty(holder), key).unwrap().ty, ty(target), "{holder}.{key}");
    }
}

#[test]
fn references_bindings_and_flags() {
    let practitioner = element(ty("Patient"), "generalPractitioner").unwrap();
    let names: Vec<&str> = practitioner.targets.iter().map(|t| t.name()).collect();
    assert_eq!(names, ["Organization", "Practitioner", "PractitionerRole"]);
    assert_eq!(element(ty("Basic"), "subject").unwrap().targets, []);
    let status = element(ty("Observation"), "status").unwrap();
    assert!(status.is_summary && status.is_modifier);
    assert_eq!(status.system, Some("http://hl7.org/fhir/observation-status"));
    assert_eq!(status.binding.unwrap().strength, Strength::Required);
    let gender = element(ty("Patient"), "gender").unwrap();
    assert_eq!(gender.system, Some("http://hl7.org/fhir/administrative-gender"));
    assert!(element(ty("Patient"), "maritalStatus").unwrap().system.is_none());
    // Codes of several systems imply none.
    assert!(element(ty("Task"), "intent").unwrap().system.is_none());
    assert!(element(TypeId::EXTENSION, "url").unwrap().is_attribute);
    assert_eq!(element(ty("Patient"), "id").unwrap().ty.primitive(), Some(Primitive::Id));
    assert_eq!(element(ty("HumanName"), "id").unwrap().ty, TypeId::STRING);
}

#[test]
fn type_hierarchy() {
    for (name, ancestor, expected) in [
        ("Patient", "DomainResource", true),
        ("Patient", "Resource", true),
        ("Bundle", "DomainResource", false),
        ("Bundle", "Resource", true),
        ("Age", "Quantity", true),
        ("Duration", "Quantity", true),
        ("Money", "Quantity", false),
        ("code", "string", true),
        ("string", "code", false),
        ("positiveInt", "integer", true),
        ("canonical", "uri", true),
        ("Patient.contact", "BackboneElement", true),
        ("Timing.repeat", "BackboneElement", false),
        ("Timing.repeat", "Element", true),
        ("Quantity", "Quantity", true),
        ("Patient", "Element", false),
    ] {
        assert_eq!(is_subtype(ty(name), ty(ancestor)), expected, "{name} is {ancestor}");
    }
    assert!(element(ty("Age"), "value").is_some());
}

#[test]
fn search_parameters_are_reduced_to_their_type() {
    let observation = resource("Observation");
    let value = param(observation, "value-quantity").unwrap();
    assert_eq!(
        value.expression,
        "(Observation.value as Quantity) | (Observation.value as SampledData)"
    );
    assert_eq!(param(observation, "code").unwrap().expression, "Observation.code");
    let patient = param(observation, "patient").unwrap();
    assert_eq!(patient.targets, [resource("Patient")]);
    assert_eq!(param(resource("AllergyIntolerance"), "patient").unwrap().targets, patient.targets);
    assert_eq!(patient.base, Some(observation));
    assert_ne!(patient.id, param(resource("Condition"), "patient").unwrap().id);
    assert!(param(resource("Patient"), "code").is_none());
    assert!(param(resource("Patient"), "part-agree").is_none());
    assert_eq!(param(resource("Condition"), "subject").unwrap().targets.len(), 2);
}

#[test]
fn common_parameters_belong_to_every_type() {
    for (code, kind) in [
        ("_id", ParamKind::Token),
        ("_lastUpdated", ParamKind::Date),
        ("_profile", ParamKind::Uri),
        ("_security", ParamKind::Token),
        ("_source", ParamKind::Uri),
        ("_tag", ParamKind::Token),
        ("_content", ParamKind::Special),
    ] {
        for resource in ResourceType::ALL {
            let found = param(resource, code).unwrap_or_else(|| panic!("{code}"));
            assert_eq!((found.base, found.kind), (None, kind), "{code}");
        }
    }
    assert!(param(resource("Patient"), "_text").is_some());
    assert!(param(resource("Bundle"), "_text").is_none());
}

#[test]
fn parameters_are_sorted_and_distinct() {
    assert!(params().is_sorted_by_key(|p| (p.code, p.base)));
    for resource in ResourceType::ALL {
        assert!(params_of(resource).is_sorted_by(|a, b| a.code < b.code), "{resource}");
    }
}

#[test]
fn composites_name_their_parts() {
    let composite = param(resource("Observation"), "code-value-quantity").unwrap();
    let codes: Vec<&str> =
        composite.components.iter().map(|c| param_by_id(c.param).unwrap().code).collect();
    assert_eq!(codes, ["code", "value-quantity"]);
    assert_eq!(composite.components[1].expression, "value.as(Quantity)");
    let three = param(resource("MolecularSequence"), "chromosome-variant-coordinate").unwrap();
    assert_eq!(three.components.len(), 3);
}

#[test]
fn compartments() {
    let of = |c, name| compartment_params(c, resource(name));
    assert_eq!(of(Compartment::Patient, "Observation"), ["subject", "performer"]);
    assert_eq!(of(Compartment::Patient, "Patient"), ["link"]);
    assert_eq!(of(Compartment::Patient, "Medication"), [""; 0]);
    assert_eq!(of(Compartment::Encounter, "Encounter"), [""; 0]);
    assert_eq!(of(Compartment::RelatedPerson, "Patient"), ["link"]);
    for compartment in Compartment::ALL {
        for member in ResourceType::ALL {
            for code in compartment_params(compartment, member) {
                let found = param(member, code);
                assert_eq!(found.map(|p| p.kind), Some(ParamKind::Reference), "{member}.{code}");
            }
        }
    }
}

#[test]
fn code_systems_are_known_by_their_addresses() {
    for known in [
        "http://loinc.org",
        "http://snomed.info/sct",
        "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "http://hl7.org/fhir/sid/icd-10-cm",
    ] {
        assert!(is_code_system(known), "{known}");
    }
    for unknown in ["", "# system", "urn:x", "http://loinc.org/", "LOINC", "http://LOINC.org"] {
        assert!(!is_code_system(unknown), "{unknown}");
    }
}
