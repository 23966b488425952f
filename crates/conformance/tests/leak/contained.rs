//! Contained resources: found in what is seen, and told of as their containers are.

use accord_engine::{Answer, Version};
use serde_json::{Value, json};

use crate::session::Session;
use crate::tokens::may_ask;
use crate::world::World;

/// Types in whose resources something is contained.
const CONTAINERS: [&str; 7] =
    ["Basic", "CareTeam", "Communication", "Condition", "Encounter", "List", "Observation"];

impl World {
    /// Puts an observation of somebody into some resources.
    pub fn hold(&self, body: &mut Value) {
        let kind = body["resourceType"].as_str().unwrap_or_default().to_owned();
        if !CONTAINERS.contains(&kind.as_str()) || self.below(3) > 0 {
            return;
        }
        let code = self.pick(&["8867-4", "85354-9", "29463-7"]);
        body["contained"] = json!([{"resourceType": "Observation", "id": "in",
            "status": self.pick(&["final", "preliminary"]),
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": {"reference": self.patient()},
            "encounter": {"reference": format!("Encounter/visit-{}", self.below(200))},
            "performer": [{"reference": self.person()}]}]);
        let within = json!({"reference": "#in"});
        if kind == "Observation" {
            body["hasMember"] = json!([within]);
        } else {
            let within = json!({"url": "urn:x:within", "valueReference": within});
            match body["extension"].as_array_mut() {
                Some(extensions) => extensions.push(within),
                None => body["extension"] = json!([within]),
            }
        }
    }
}

impl Session<'_> {
    /// Contained resources by themselves: those of the documents that exist for the asker, without
    /// what is left out there, labelled as these are.
    pub fn contained(&mut self) {
        if !may_ask(self.subject, "Observation") {
            return;
        }
        let mut filters = self.asking.filters_within();
        filters.retain(|filter| !filter.starts_with("_has"));
        let which = ["true", "both"][self.asking.below(2)];
        let url = format!(
            "Observation?_contained={which}&_containedType=contained&_count=1000&{}",
            filters.join("&")
        );
        let ours = self.get(self.full, self.subject, &url);
        let theirs = self.get(self.small, self.system, &url);
        let (Ok(Answer::Page(ours)), Ok(Answer::Page(theirs))) = (ours, theirs) else { return };
        self.cases += 1;
        let case = format!("{}\n{url}", self.case);
        assert_eq!(ours.total, theirs.total, "{case}");
        let name = |v: &Version| {
            format!("{}/{}#{:?} {}", v.resource_type.name(), v.id, v.fragment, v.version)
        };
        let names = |all: &[Version]| all.iter().map(name).collect::<Vec<_>>();
        assert_eq!(names(&ours.entries), names(&theirs.entries), "{case}");
        for entry in ours.entries.iter().filter(|entry| entry.fragment.is_some()) {
            let container = format!("{}/{}", entry.resource_type.name(), entry.id);
            let Ok(Answer::Read(whole)) = self.theirs(&container) else {
                panic!("{case}: {container} is not there");
            };
            let whole: Value = serde_json::from_str(&whole.body).unwrap();
            let mut expected = whole["contained"][0].clone();
            if let Some(labels) = whole["meta"].get("security") {
                expected["meta"] = json!({"security": labels});
            }
            let told: Value = serde_json::from_str(&entry.body).unwrap();
            assert_eq!(told, expected, "{case}: {container}");
        }
    }
}
