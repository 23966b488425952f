//! Label rules in these worlds, and what is labelled how: `docs/labels.md` read naively, version by
//! version, by going over everything again and again.

use std::collections::{BTreeMap, BTreeSet};

use accord_base::Role;
use accord_conformance::naive::{all, texts};
use serde_json::{Value, json};

use crate::rules::Row;
use crate::world::World;

pub const THO: &str = "http://terminology.hl7.org/CodeSystem";
/// Codes that resources of these worlds have.
const CODES: [(&str, &str); 4] = [
    ("http://loinc.org", "8310-5"),
    ("http://loinc.org", "85354-9"),
    ("http://loinc.org", "8867-4"),
    ("http://snomed.info/sct", "38341003"),
];
const INLINE: &str =
    "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";

fn label(code: &str) -> Value {
    let system = if "NRV".contains(code) { "v3-Confidentiality" } else { "v3-ActCode" };
    json!({"system": format!("{THO}/{system}"), "code": code})
}

impl World {
    /// A rule, in force or not.
    pub fn label_rule(&self, name: &str) -> Value {
        let (system, code) = CODES[self.below(CODES.len())];
        let code = json!([{"system": system, "code": code}]);
        let input = match self.below(4) {
            0 => json!({"type": "Resource", "codeFilter": [{"path": "$this", "code": code}]}),
            1 => json!({"type": "Encounter", "codeFilter": [{"path": "serviceProvider",
                "code": [{"system": "urn:accord:reference", "code": "Organization/riverside-hospital"}]}]}),
            2 => json!({"type": "Observation",
                "codeFilter": [{"path": "code", "code": code}, {"path": "category", "code":
                    [{"system": format!("{THO}/observation-category"), "code": "vital-signs"}]}]}),
            _ => json!({"type": "Observation", "codeFilter": [{"path": "code", "code": code}]}),
        };
        json!({"resourceType": "PlanDefinition", "id": name,
            "meta": {"profile": ["urn:accord:profile:label-rule"]},
            "status": self.pick(&["active", "active", "retired"]),
            "action": [{"code": [{"coding": [label(self.pick(&["PSY", "HIV", "SDV", "R"]))]}],
                "input": [input]}]})
    }

    /// A label on an element, and references to what may be labelled.
    pub fn link(&self, body: &mut Value) {
        let of = body["resourceType"].as_str().unwrap().to_owned();
        let other =
            format!("{}-{}", self.pick(&["Observation/extra", "Encounter/visit"]), self.below(60));
        let to = json!({ "reference": other });
        match (&*of, self.below(3)) {
            ("Observation", 0) => {
                body["encounter"] =
                    json!({"reference": format!("Encounter/visit-{}", self.below(60))})
            }
            ("Observation", 1) => body["focus"] = json!([to]),
            ("List", _) => body["entry"] = json!([{"item": to}]),
            // No search parameter reads it.
            ("Basic", _) => body["extension"] = json!([{"url": "urn:about", "valueReference": to}]),
            ("Communication", _) => body["about"] = json!([to]),
            // Nor this code.
            ("AllergyIntolerance", _) => {
                let coding = json!({"system": "http://snomed.info/sct", "code": "443999008"});
                body["extension"] = json!([{"url": "urn:of", "valueCoding": coding}]);
            }
            _ => {}
        }
        if of == "Observation" && self.below(6) == 0 {
            let inline =
                json!({"url": INLINE, "valueCoding": label(self.pick(&["PSY", "HIV", "R"]))});
            body["code"]["extension"] = json!([inline]);
        }
    }
}

/// The codes of labels that a version states itself.
pub fn stated(body: &Value) -> BTreeSet<String> {
    let own = all(body, "meta.security").into_iter().filter_map(|l| l["code"].as_str());
    let mut labels: BTreeSet<String> = own.map(str::to_owned).collect();
    inline(body, &mut labels);
    labels
}

fn inline(value: &Value, labels: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| inline(item, labels)),
        Value::Object(members) => {
            if value["url"] == INLINE {
                labels.insert(value["valueCoding"]["code"].as_str().unwrap().to_owned());
            }
            members.values().for_each(|member| inline(member, labels));
        }
        _ => {}
    }
}

/// Everything that a resource refers to, subjects left out.
pub fn links(value: &Value, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        Value::Object(members) => {
            if let Some((kind, id)) = value["reference"].as_str().and_then(|r| r.split_once('/'))
                && !["Patient", "Group", "Person", "RelatedPerson"].contains(&kind)
            {
                found.insert((kind.to_owned(), id.to_owned()));
            }
            members.values().for_each(|member| links(member, found));
        }
        _ => {}
    }
}

/// What a rule in force gives a version.
fn given(rule: &Row, row: &Row, at: usize, labels: &mut BTreeSet<String>) {
    let body = &rule.body;
    let concerns =
        rule.controller == crate::rules::COMMONS || rule.controller == row.controller_at(at);
    let input = &body["action"][0]["input"][0];
    let typed = input["type"] == "Resource" || input["type"] == row.kind.as_str();
    let met = all(input, "codeFilter").into_iter().all(|filter| {
        let (system, code) = (&filter["code"][0]["system"], &filter["code"][0]["code"]);
        match filter["path"].as_str() {
            Some("serviceProvider") => row.content["serviceProvider"]["reference"] == *code,
            Some(path) if path != "$this" => all(&row.content, &format!("{path}.coding"))
                .into_iter()
                .any(|coding| coding["system"] == *system && coding["code"] == *code),
            _ => anywhere(&row.content, system, code),
        }
    });
    if body["status"] == "active" && concerns && typed && met {
        labels.extend(texts(body, "action.code.coding.code").into_iter().map(str::to_owned));
    }
}

fn anywhere(value: &Value, system: &Value, code: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| anywhere(item, system, code)),
        Value::Object(members) => {
            value["system"] == *system && value["code"] == *code
                || members.values().any(|member| anywhere(member, system, code))
        }
        _ => false,
    }
}

/// Labels every version as it is after the last; `rows` in the order in which they were written,
/// each with what it states itself, `writers` who wrote each.
pub fn settle(rows: &mut [Row], writers: &[Option<Role>]) {
    let mut newest: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut targets: Vec<BTreeSet<(String, String)>> = Vec::new();
    for at in 0..rows.len() {
        let mut found = BTreeSet::new();
        if !rows[at].deleted {
            links(&rows[at].content, &mut found);
        }
        targets.push(found);
        let name = (rows[at].kind.clone(), rows[at].id.clone());
        let before = newest.insert(name, at);
        // Who is not the system leaves what was there; a deletion does as well.
        if let Some(before) = before.filter(|_| writers[at] != Some(Role::System)) {
            let had = rows[before].labels.clone();
            rows[at].labels.extend(had);
        }
        let living = newest.values().copied();
        let rules: Vec<usize> = living.filter(|at| is_rule(&rows[*at])).collect();
        let came = |row: &usize| rows[*row].moved.iter().any(|(from, _)| *from == at);
        let concerned = (0..at + 1).filter(|row| rules.contains(&at) || *row == at || came(row));
        let concerned: Vec<usize> = concerned.filter(|row| !rows[*row].deleted).collect();
        for row in concerned {
            let mut labels = BTreeSet::new();
            rules.iter().for_each(|rule| given(&rows[*rule], &rows[row], at, &mut labels));
            rows[row].labels.extend(labels);
        }
        while spread(rows, at, &newest, &targets) {}
    }
    // A version is as protected as any later one.
    for at in (0..rows.len()).rev() {
        let (name, version) = ((rows[at].kind.clone(), rows[at].id.clone()), rows[at].version);
        let later = rows
            .iter()
            .filter(|row| (&row.kind, &row.id) == (&name.0, &name.1) && row.version == version + 1);
        let labels: BTreeSet<String> = later.flat_map(|row| row.labels.clone()).collect();
        rows[at].labels.extend(labels);
    }
}

fn is_rule(row: &Row) -> bool {
    row.kind == "PlanDefinition" && !row.deleted
}

/// Lets labels go one step; whether any did.
fn spread(
    rows: &mut [Row],
    last: usize,
    newest: &BTreeMap<(String, String), usize>,
    targets: &[BTreeSet<(String, String)>],
) -> bool {
    let mut changed = false;
    for at in 0..=last {
        // A deletion is labelled like what was deleted, whenever that is labelled.
        if rows[at].deleted {
            let gone = |row: &Row| {
                (&row.kind, &row.id) == (&rows[at].kind, &rows[at].id)
                    && row.version + 1 == rows[at].version
            };
            let labels = rows[..at].iter().find(|row| gone(row)).unwrap().labels.clone();
            let before = rows[at].labels.len();
            rows[at].labels.extend(labels);
            changed |= rows[at].labels.len() > before;
        }
        for target in &targets[at] {
            let Some(labels) = newest.get(target).map(|target| rows[*target].labels.clone()) else {
                continue;
            };
            let before = rows[at].labels.len();
            rows[at].labels.extend(labels);
            changed |= rows[at].labels.len() > before;
        }
    }
    changed
}
