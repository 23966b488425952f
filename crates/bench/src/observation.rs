//! Resources that the benchmarks write.

use accord_base::ResourceId;

/// The `n`-th Observation, about 1.2 KB.
pub fn observation(n: u64) -> String {
    let patient = n % 500;
    let (day, hour) = (1 + n % 28, n % 24);
    let value = 50 + n % 90;
    let (low, high) = ("60", "100");
    format!(
        r#"{{"resourceType":"Observation","meta":{{"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns"]}},"identifier":[{{"system":"urn:ietf:rfc:3986","value":"urn:oid:1.2.3.{n}"}}],"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}}],"text":"Vital Signs"}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}}],"text":"Heart rate"}},"subject":{{"reference":"Patient/bench-{patient}"}},"encounter":{{"reference":"Encounter/bench-{patient}-{day}"}},"effectiveDateTime":"2026-10-{day:02}T{hour:02}:15:00+01:00","issued":"2026-10-{day:02}T{hour:02}:16:30.000+01:00","performer":[{{"reference":"Practitioner/bench-{}"}}],"valueQuantity":{{"value":{value},"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}},"referenceRange":[{{"low":{{"value":{low},"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}},"high":{{"value":{high},"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}}}}],"note":[{{"text":"Measured at rest, left arm, sitting for five minutes before the reading was taken."}}]}}"#,
        n % 40
    )
}

/// The same of this patient.
pub fn observation_of(n: u64, patient: &ResourceId) -> String {
    observation(n).replace(&format!("Patient/bench-{}", n % 500), &format!("Patient/{patient}"))
}

/// The `n`-th transaction of 100 creates that refer to each other.
pub fn transaction(n: u64) -> String {
    let mut text = String::from(r#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    for at in 0..100 {
        let number = n * 100 + at;
        if at > 0 {
            text.push(',');
        }
        let body = observation(number);
        text.push_str(&format!(
            r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{number:012x}","resource":{body},"request":{{"method":"POST","url":"Observation"}}}}"#
        ));
    }
    text.push_str("]}");
    text
}
