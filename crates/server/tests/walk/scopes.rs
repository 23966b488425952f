//! The same searches by different people: totals as the synthetic data says, read here anew from
//! its files by the rules of docs/access.md.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::common::http::Client;
use crate::common::{Store, run, time};

const PATIENTS: &str = "20";

/// A resource with the organisation that answers for it.
type Held = (String, Value);

/// Every resource of the population, as it is after all transactions.
fn population(until: &str) -> Vec<Held> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    run(&["synth", "--patients", PATIENTS, "--until", until, "--out", out]).good();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut resources: BTreeMap<String, Held> = BTreeMap::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let controller = name.split_once('-').unwrap().1;
        let bundle: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for entry in bundle["entry"].as_array().unwrap() {
            let url = entry["request"]["url"].as_str().unwrap();
            assert_eq!(entry["request"]["method"], "PUT");
            resources.insert(url.to_owned(), (controller.to_owned(), entry["resource"].clone()));
        }
    }
    resources.into_values().collect()
}

fn patient_of(resource: &Value) -> Option<String> {
    if resource["resourceType"] == "Patient" {
        return Some(format!("Patient/{}", resource["id"].as_str().unwrap()));
    }
    let fields = ["subject", "patient", "beneficiary"];
    let references = fields.iter().filter_map(|field| resource[field]["reference"].as_str());
    references.map(str::to_owned).find(|reference| reference.starts_with("Patient/"))
}

/// Patients in an organisation's care, less those who deny it.
fn in_care(all: &[Held], organization: &str, now: i64) -> BTreeSet<String> {
    let named = |value: &Value| value["reference"] == format!("Organization/{organization}");
    let over = |period: &Value| period["end"].as_str().map_or(i64::MAX, time::end_of);
    let mut cared = BTreeSet::new();
    let mut denied = BTreeSet::new();
    for (controller, resource) in all {
        let Some(patient) = patient_of(resource) else { continue };
        let status = resource["status"].as_str().unwrap_or_default();
        let cares = match resource["resourceType"].as_str().unwrap() {
            "Patient" => named(&resource["managingOrganization"]),
            "Encounter" => {
                let recent = over(&resource["period"]).saturating_add(90 * 86_400) >= now;
                named(&resource["serviceProvider"])
                    && recent
                    && matches!(
                        status,
                        "arrived" | "triaged" | "in-progress" | "onleave" | "finished"
                    )
            }
            "CareTeam" => {
                let managing = resource["managingOrganization"].as_array();
                let participants = resource["participant"].as_array();
                status == "active"
                    && over(&resource["period"]) >= now
                    && (managing.into_iter().flatten().any(named)
                        || participants.into_iter().flatten().any(|p| named(&p["member"])))
            }
            "Consent" if status == "active" && over(&resource["provision"]["period"]) >= now => {
                let provision = &resource["provision"];
                let actors = provision["actor"].as_array();
                let mut actors = actors.into_iter().flatten();
                let denies = provision["type"] == "deny"
                    && (provision["actor"].is_null() || actors.any(|a| named(&a["reference"])));
                if denies {
                    denied.insert(patient.clone());
                }
                false
            }
            _ => false,
        };
        if cares && controller == organization {
            cared.insert(patient);
        }
    }
    cared.difference(&denied).cloned().collect()
}

fn total(client: &mut Client, query: &str) -> u64 {
    let mark = if query.contains('?') { '&' } else { '?' };
    let answer = client.get(&format!("{query}{mark}_summary=count")).expect(200).json();
    answer["total"].as_u64().unwrap()
}

#[test]
fn everyone_sees_their_part() {
    let now = time::now();
    let until = time::text(now);
    let all = population(&until);
    let store = Store::with_patients(20, &until);
    let server = store.serve();
    let types = ["Patient", "Observation", "Encounter", "Condition", "Coverage", "Consent"];
    let count = |name: &str, sees: &dyn Fn(&Held) -> bool| {
        let of_type = all.iter().filter(|(_, resource)| resource["resourceType"] == name);
        of_type.filter(|held| sees(held)).count() as u64
    };

    let mut system = server.client(&store.system());
    for name in types {
        assert_eq!(total(&mut system, name), count(name, &|_| true), "{name}");
    }

    let mut totals = Vec::new();
    for (who, organization) in
        [("dr-alder", "northgate-hospital"), ("dr-birch", "riverside-hospital")]
    {
        let mut clinician = server.client(&store.clinician(who, organization));
        let cared = in_care(&all, organization, now);
        assert!(!cared.is_empty());
        for name in types {
            let sees = |(controller, resource): &Held| {
                controller == organization
                    && patient_of(resource).is_some_and(|p| cared.contains(&p))
            };
            assert_eq!(total(&mut clinician, name), count(name, &sees), "{name} at {organization}");
        }
        totals.push(total(&mut clinician, "Observation"));
        // The directory is everyone's.
        assert_eq!(total(&mut clinician, "Organization"), count("Organization", &|_| true));
        hidden_is_absent(&mut clinician, &all, organization, &cared);
    }
    assert_ne!(totals[0], totals[1]);

    let mut willow = server.client(&store.token(&[
        "--as",
        "Patient/pat-willow",
        "--role",
        "patient",
        "--purpose",
        "PATRQT",
    ]));
    for name in types {
        let sees =
            |(_, resource): &Held| patient_of(resource).as_deref() == Some("Patient/pat-willow");
        assert_eq!(total(&mut willow, name), count(name, &sees), "{name} of the patient");
    }
    administrator_sees_the_directory(&store, &mut server.client(&administrator(&store)));
}

fn administrator(store: &Store) -> String {
    let who = ["--as", "Practitioner/admin-sorrel", "--role", "administrator"];
    let rest = ["--organization", "Organization/northgate-hospital", "--purpose", "HOPERAT"];
    store.token(&[who.as_slice(), &rest].concat())
}

fn administrator_sees_the_directory(_store: &Store, client: &mut Client) {
    assert!(total(client, "Organization") > 0);
    let refused = client.get("Observation?_summary=count");
    let nothing = refused.status == 403 || refused.json()["total"] == 0;
    assert!(nothing, "{}", refused.text());
    assert!(matches!(client.get("Patient/pat-willow").status, 403 | 404));
}

/// What is outside the scope is answered like what never was.
fn hidden_is_absent(
    client: &mut Client,
    all: &[Held],
    organization: &str,
    cared: &BTreeSet<String>,
) {
    let hidden = all.iter().find(|(controller, resource)| {
        let outside = patient_of(resource).is_some_and(|patient| !cared.contains(&patient));
        resource["resourceType"] == "Observation" && (controller != organization || outside)
    });
    let (_, hidden) = hidden.unwrap();
    let id = hidden["id"].as_str().unwrap();
    let text = |answer: crate::common::http::Answer| answer.expect(404).text().to_owned();
    for rest in ["", "/_history/1", "/_history"] {
        let absent = client.get(&format!("Observation/never-was{rest}"));
        let hidden = client.get(&format!("Observation/{id}{rest}"));
        assert_eq!(hidden.status, absent.status, "{rest}");
        assert_eq!(hidden.text().replace(id, "never-was"), absent.text(), "{rest}");
    }
    assert_eq!(
        text(client.get(&format!("Observation/{id}"))),
        text(client.get("Observation/never-was"))
    );
    assert_eq!(total(client, &format!("Observation?_id={id}")), 0);
}
