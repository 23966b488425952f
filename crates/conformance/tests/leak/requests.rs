//! Random requests, with values drawn from everything there is, seen or not.

use accord_base::SeededRng;
use accord_conformance::naive::{all, texts};
use serde_json::Value;

use crate::rules::Row;

/// Parameters with the paths their values are drawn from, by type.
const PARAMS: [(&str, &[(&str, &str)]); 12] = [
    (
        "Observation",
        &[
            ("code", "code.coding"),
            ("category", "category.coding"),
            ("status", "status"),
            ("subject", "subject.reference"),
            ("patient", "subject.reference"),
            ("performer", "performer.reference"),
            ("encounter", "encounter.reference"),
            ("date", "effectiveDateTime"),
            ("value-quantity", "valueQuantity.value"),
        ],
    ),
    (
        "Patient",
        &[
            ("identifier", "identifier"),
            ("family", "name.family"),
            ("name", "name.given"),
            ("birthdate", "birthDate"),
            ("gender", "gender"),
            ("organization", "managingOrganization.reference"),
            ("link", "link.other.reference"),
        ],
    ),
    (
        "Encounter",
        &[
            ("status", "status"),
            ("class", "class"),
            ("subject", "subject.reference"),
            ("date", "period.start"),
            ("service-provider", "serviceProvider.reference"),
            ("participant", "participant.individual.reference"),
        ],
    ),
    (
        "Condition",
        &[
            ("code", "code.coding"),
            ("patient", "subject.reference"),
            ("onset-date", "onsetDateTime"),
            ("asserter", "asserter.reference"),
            ("encounter", "encounter.reference"),
        ],
    ),
    (
        "Consent",
        &[
            ("patient", "patient.reference"),
            ("status", "status"),
            ("actor", "provision.actor.reference.reference"),
        ],
    ),
    (
        "Communication",
        &[
            ("subject", "subject.reference"),
            ("sender", "sender.reference"),
            ("recipient", "recipient.reference"),
        ],
    ),
    (
        "List",
        &[("subject", "subject.reference"), ("source", "source.reference"), ("status", "status")],
    ),
    (
        "CareTeam",
        &[
            ("patient", "subject.reference"),
            ("participant", "participant.member.reference"),
            ("status", "status"),
        ],
    ),
    (
        "Task",
        &[
            ("code", "code.coding"),
            ("requester", "requester.reference"),
            ("patient", "for.reference"),
            ("status", "status"),
        ],
    ),
    ("Claim", &[("patient", "patient.reference"), ("status", "status")]),
    ("Contract", &[("authority", "authority.reference"), ("status", "status")]),
    ("Practitioner", &[("family", "name.family"), ("name", "name.given")]),
];

/// Search parameters that the store defines itself: type, code, kind, expression. Protected
/// patients are passed over by those that may read places: none of these may. None reads what a
/// marker has.
pub const OWN: [(&str, &str, &str, &str); 3] = [
    ("Observation", "progress", "token", "Observation.status"),
    ("Observation", "by-whom", "reference", "Observation.performer"),
    ("Condition", "told", "string", "Condition.code.text"),
];

/// Paths that their values are drawn from, by type.
const OWN_PATHS: [(&str, &[(&str, &str)]); 2] = [
    ("Observation", &[("progress", "status"), ("by-whom", "performer.reference")]),
    ("Condition", &[("told", "code.text")]),
];

/// References among the types: from, by, to.
const LINKS: [(&str, &str, &str); 16] = [
    ("Observation", "subject", "Patient"),
    ("Observation", "patient", "Patient"),
    ("Observation", "encounter", "Encounter"),
    ("Observation", "performer", "Practitioner"),
    ("Encounter", "subject", "Patient"),
    ("Encounter", "participant", "Practitioner"),
    ("Condition", "patient", "Patient"),
    ("Condition", "encounter", "Encounter"),
    ("Condition", "asserter", "Practitioner"),
    ("Communication", "subject", "Patient"),
    ("Communication", "recipient", "Patient"),
    ("Consent", "patient", "Patient"),
    ("CareTeam", "patient", "Patient"),
    ("List", "subject", "Patient"),
    ("Claim", "patient", "Patient"),
    ("Task", "patient", "Patient"),
];

/// Draws requests.
pub struct Requests<'a> {
    pub rng: &'a SeededRng,
    pub rows: &'a [Row],
    /// Instants of versions, as text.
    pub instants: &'a [String],
    /// Whether whoever asks sees the definitions of the store's own search parameters.
    pub own: bool,
}

impl<'a> Requests<'a> {
    pub fn below(&self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    fn pick<'t>(&self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    pub fn row(&self) -> &'a Row {
        // Half of the time one of the rarer things, which lie at the end.
        let tail = self.rows.len().min(260);
        match self.below(2) {
            0 => &self.rows[self.rows.len() - 1 - self.below(tail)],
            _ => &self.rows[self.below(self.rows.len())],
        }
    }

    /// An address below the base.
    pub fn url(&self) -> String {
        let row = self.row();
        let (kind, id) = (&row.kind, &row.id);
        match self.below(20) {
            0..3 => format!("{kind}/{id}"),
            3 => format!("{kind}/{}", self.row().id),
            4 | 5 => format!("{kind}/{id}/_history/{}", 1 + self.below(4)),
            6 | 7 => format!("{kind}/{id}/_history{}", self.range()),
            8 => format!("{kind}/_history{}", self.range()),
            9 => format!("_history{}", self.range()),
            10 => format!("?{}", self.controls(self.everywhere())),
            12 => {
                let of = self.pick(&["*", "Observation", "Condition", "Task", "Communication"]);
                let owner = self.pick(&["Patient", "Patient", "Encounter", "Practitioner"]);
                let of_owner: Vec<&Row> = self.rows.iter().filter(|r| r.kind == owner).collect();
                let Some(owner) = of_owner.get(self.below(of_owner.len().max(1))) else {
                    return "?".to_owned();
                };
                format!("{}/{}/{of}?{}", owner.kind, owner.id, self.controls(Vec::new()))
            }
            13 => {
                let lists: Vec<&Row> = self.rows.iter().filter(|r| r.kind == "List").collect();
                let list = lists.get(self.below(lists.len().max(1))).map_or("l", |row| &row.id);
                format!("{kind}?{}", self.controls(vec![format!("_list={list}")]))
            }
            11 => format!("{kind}?{}", self.controls(vec![self.common()])),
            14 if self.below(2) == 0 => self.operation(),
            _ => self.search(),
        }
    }

    /// An operation that is a search under another name.
    fn operation(&self) -> String {
        let of_kind = |kind: &str| {
            let all: Vec<&Row> = self.rows.iter().filter(|row| row.kind == kind).collect();
            all.get(self.below(all.len().max(1))).map_or("none", |row| row.id.as_str()).to_owned()
        };
        let mut parts = vec![format!("_count={}", 1 + self.below(12))];
        if self.below(3) == 0 {
            parts.push(format!("_type={},Observation,Practitioner", self.row().kind));
        }
        if self.below(4) == 0 {
            parts.push(format!("_since={}", self.instant()));
        }
        let days = || self.pick(&["start=2026-06", "end=2026-11-01", "start=2026&end=2026-12"]);
        match self.below(8) {
            6 => "$meta".to_owned(),
            7 => format!("{}/$meta", self.row().kind),
            0 => format!("Encounter/{}/$everything?{}", of_kind("Encounter"), parts.join("&")),
            1 => format!("Patient/$everything?{}", parts.join("&")),
            2 => format!("Observation/$lastn?patient={}", of_kind("Patient")),
            3 => {
                let (max, patient) = (1 + self.below(3), of_kind("Patient"));
                format!("Observation/$lastn?max={max}&subject=Patient/{patient}&status=final")
            }
            4 => {
                let patient = of_kind("Patient");
                format!("Patient/{patient}/$everything?{}&{}", days(), parts.join("&"))
            }
            _ => format!("Patient/{}/$everything?{}", of_kind("Patient"), parts.join("&")),
        }
    }

    fn range(&self) -> String {
        let mut parts = Vec::new();
        if self.below(2) == 0 {
            parts.push(format!("_count={}", 1 + self.below(9)));
        }
        if self.below(3) == 0 {
            parts.push(format!("_since={}", self.instant()));
        }
        format!("?{}", parts.join("&"))
    }

    fn instant(&self) -> &str {
        &self.instants[self.below(self.instants.len())]
    }

    /// A search by a parameter of the store's own.
    fn own_search(&self) -> String {
        let (kind, params) = OWN_PATHS[self.below(2)];
        let clause = self.clause(kind, params);
        match self.below(8) {
            0 => format!("Patient?_has:{kind}:subject:{clause}"),
            1 => format!("Practitioner?_has:Observation:by-whom:{}", self.clause(kind, params)),
            2 => format!("Observation?by-whom:Practitioner.family={}", self.pick(&["a", "b", "e"])),
            3 => {
                format!("{kind}?_sort={}&{clause}", self.pick(&["", "-"]).to_owned() + params[0].0)
            }
            4 => format!("Observation?_include=Observation:by-whom&{}", self.common()),
            5 => format!("Practitioner?_revinclude=Observation:by-whom&_count={}", self.below(4)),
            _ => format!("{kind}?{}", self.controls(vec![clause])),
        }
    }

    fn search(&self) -> String {
        if self.own && self.below(8) == 0 {
            return self.own_search();
        }
        if self.below(8) == 0 {
            return self.contained();
        }
        let (kind, params) = PARAMS[self.below(PARAMS.len())];
        let mut clauses: Vec<String> =
            (0..self.below(3)).map(|_| self.filter(kind, params, 0)).collect();
        if self.below(3) == 0 {
            clauses.extend((0..=self.below(2)).map(|_| self.include(kind)));
        }
        if self.below(5) == 0 {
            let code = params[self.below(params.len())].0;
            clauses
                .push(format!("_sort={}{code}", self.pick(&["", "-", "_id,", "-_lastUpdated,"])));
            return format!("{kind}?_count={}&{}", self.below(12), clauses.join("&"));
        }
        format!("{kind}?{}", self.controls(clauses))
    }

    /// A search that may go on.
    pub fn criterion(&self) -> String {
        let (kind, params) = PARAMS[self.below(PARAMS.len())];
        let clauses: Vec<String> =
            (0..self.below(3)).map(|_| self.filter(kind, params, 0)).collect();
        format!("{kind}?{}", clauses.join("&"))
    }

    /// A search for what is contained, or through a reference into it.
    fn contained(&self) -> String {
        let filters = self.filters_within();
        if self.below(3) == 0 {
            let behind = |filter: &String| {
                format!("has-member{}.{filter}", self.pick(&["", ":Observation"]))
            };
            let filters = filters.iter().filter(|filter| !filter.starts_with("_has"));
            return format!("Observation?{}", self.controls(filters.map(behind).collect()));
        }
        let which = self.pick(&["_contained=true", "_contained=both"]).to_owned();
        format!("Observation?{}", self.controls([filters, vec![which]].concat()))
    }

    /// Conditions on what is contained.
    pub fn filters_within(&self) -> Vec<String> {
        let (kind, params) = PARAMS[0];
        let one = |_| match self.below(3) {
            0 => format!("status={}", self.pick(&["final", "preliminary"])),
            1 => self.clause(kind, params),
            _ => self.filter(kind, params, 0),
        };
        (0..=self.below(2)).map(one).collect()
    }

    /// A condition for `If-None-Exist`.
    pub fn condition(&self) -> String {
        let (kind, params) = PARAMS[0];
        (0..=self.below(2)).map(|_| self.clause(kind, params)).collect::<Vec<_>>().join("&")
    }

    /// What is to come with matches.
    fn include(&self, kind: &str) -> String {
        let again = self.pick(&["", "", ":iterate"]);
        let joined = LINKS.iter().filter(|(from, _, to)| *from == kind || *to == kind);
        let joined: Vec<_> = joined.collect();
        if joined.is_empty() || self.below(4) == 0 {
            let reverse = self.pick(&["", "rev"]);
            return format!("_{reverse}include{again}={}", self.pick(&["*", "*:*"]));
        }
        let (from, by, to) = *joined[self.below(joined.len())];
        let reverse = if from == kind { "" } else { "rev" };
        let only = if self.below(3) == 0 { format!(":{to}") } else { String::new() };
        format!("_{reverse}include{again}={from}:{by}{only}")
    }

    /// A condition on a type, or on what references join to it.
    fn filter(&self, kind: &str, params: &[(&str, &str)], depth: usize) -> String {
        let joined = LINKS.iter().filter(|(from, _, to)| *from == kind || *to == kind);
        let joined: Vec<_> = joined.collect();
        if joined.is_empty() || depth == 3 || self.below(3) > 0 {
            return self.clause(kind, params);
        }
        let (from, by, to) = *joined[self.below(joined.len())];
        let other = if from == kind { to } else { from };
        let (_, params) = PARAMS.iter().find(|(name, _)| *name == other).unwrap();
        let rest = self.filter(other, params, depth + 1);
        if from != kind {
            return format!("_has:{from}:{by}:{rest}");
        }
        let only = if self.below(2) == 0 { format!(":{to}") } else { String::new() };
        format!("{by}{only}.{rest}")
    }

    fn clause(&self, kind: &str, params: &[(&str, &str)]) -> String {
        if self.below(6) == 0 {
            return self.common();
        }
        if self.below(8) == 0
            && let Some(clause) = self.modified(kind)
        {
            return clause;
        }
        let (code, paths) = params[self.below(params.len())];
        match self.below(12) {
            0 => return format!("{code}:missing={}", self.pick(&["true", "false"])),
            1 => {
                return format!(
                    "{code}={}",
                    self.pick(&["nothing", "Patient/none", "lt", "2026-99"])
                );
            }
            _ => {}
        }
        let values: Vec<String> =
            (0..=self.below(2)).filter_map(|_| self.value(kind, code, paths)).collect();
        let modifier = match code {
            "code" | "status" | "gender" | "class" | "category" if self.below(5) == 0 => ":not",
            "family" | "name" => self.pick(&["", ":exact", ":contains"]),
            _ => "",
        };
        format!("{code}{modifier}={}", values.join(","))
    }

    /// A composite, or a modifier that asks for texts or identifiers; values of a resource.
    fn modified(&self, kind: &str) -> Option<String> {
        let of_kind: Vec<&Row> =
            self.rows.iter().filter(|row| row.kind == kind && !row.deleted).collect();
        let row = of_kind.get(self.below(of_kind.len().max(1)))?;
        let first = |paths: &str| texts(&row.body, paths).first().map(|text| (*text).to_owned());
        let reference = ["subject", "patient", "encounter"][self.below(3)];
        Some(match (kind, self.below(4)) {
            ("Observation", 0) => {
                let amount = all(&row.body, "valueQuantity.value").first()?.to_string();
                let prefix = self.pick(&["", "ge", "lt", "ne"]);
                let name = self.pick(&["code-value-quantity", "combo-code-value-quantity"]);
                format!("{name}={}${prefix}{amount}", first("code.coding.code")?)
            }
            ("Observation", 1) => {
                let code = first("valueCodeableConcept.coding.code").unwrap_or("x".to_owned());
                format!("code-value-concept={}${code}", first("code.coding.code")?)
            }
            ("Observation" | "Condition", 2) => {
                let text = first("code.coding.display|code.text")?;
                format!(
                    "code:text={}",
                    text.chars().take(4).collect::<String>().replace(' ', "%20")
                )
            }
            ("Patient", _) => {
                let value = first("identifier.value")?;
                let system = "http://terminology.hl7.org/CodeSystem/v2-0203";
                format!("identifier:of-type={system}|{}|{value}", self.pick(&["MR", "SS"]))
            }
            ("Observation" | "Condition", _) => {
                let of = if reference == "subject" && kind == "Condition" {
                    "patient"
                } else {
                    reference
                };
                format!(
                    "{of}:identifier={}",
                    first("subject.identifier.value").unwrap_or("1".to_owned())
                )
            }
            _ => return None,
        })
    }

    fn value(&self, kind: &str, code: &str, paths: &str) -> Option<String> {
        let of_kind: Vec<&Row> =
            self.rows.iter().filter(|row| row.kind == kind && !row.deleted).collect();
        let row = of_kind.get(self.below(of_kind.len().max(1)))?;
        let found = all(&row.body, paths);
        let value = *found.get(self.below(found.len()))?;
        Some(match value {
            Value::Object(_) => {
                let system = texts(value, "system").first().copied().unwrap_or_default().to_owned();
                let code = texts(value, "code|value").first().copied()?.to_owned();
                if self.below(2) == 0 || system.is_empty() {
                    code
                } else {
                    format!("{system}|{code}")
                }
            }
            Value::Number(number) => format!("{}{number}", self.pick(&["", "gt", "le", "ne"])),
            Value::String(text) if code.ends_with("date") => {
                let cut = [4, 7, 10, text.len()][self.below(4)].min(text.len());
                format!(
                    "{}{}",
                    self.pick(&["", "ge", "lt", "ne", "sa", "eb"]),
                    text[..cut].replace('+', "%2B")
                )
            }
            Value::String(text) if matches!(code, "family" | "name") => {
                text.chars().take(1 + self.below(6)).collect()
            }
            Value::String(text) => text.clone(),
            _ => return None,
        })
    }

    fn common(&self) -> String {
        match self.below(5) {
            4 => self
                .pick(&[
                    "_security=REDACTED",
                    "_security=http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG,R",
                    "_security=http://terminology.hl7.org/CodeSystem/v3-ActReason|",
                    "_security=|BTG",
                    "_security:not=BTG",
                    "_security:missing=true",
                    "_tag:missing=true",
                ])
                .to_owned(),
            0 => format!("_id={},{},{}", self.row().id, self.row().id, self.row().id),
            1 => format!("_lastUpdated={}{}", self.pick(&["gt", "le", "ge", ""]), self.instant()),
            2 => "_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R".to_owned(),
            _ => format!("_id={}", self.row().id),
        }
    }

    fn everywhere(&self) -> Vec<String> {
        let mut clauses: Vec<String> = (0..self.below(2)).map(|_| self.common()).collect();
        if self.below(3) > 0 {
            clauses.push(format!("_type={},{}", self.row().kind, self.row().kind));
        }
        clauses
    }

    fn controls(&self, mut parts: Vec<String>) -> String {
        if self.below(3) > 0 {
            parts.push(format!("_count={}", self.below(12)));
        }
        if self.below(3) == 0 {
            parts.push(format!(
                "_sort={}",
                self.pick(&["_id", "-_id", "_lastUpdated", "-_lastUpdated", "_lastUpdated,-_id"])
            ));
        }
        match self.below(8) {
            0 => parts.push("_total=none".to_owned()),
            1 => parts.push("_total=accurate".to_owned()),
            2 => parts.push("_summary=count".to_owned()),
            4 if self.below(3) == 0 => parts.push("_explain=true".to_owned()),
            3 if self.below(4) == 0 => parts.push(
                self.pick(&["unknown=1", "_sort=code", "_count=x", "_cursor=AAAA"]).to_owned(),
            ),
            _ => {}
        }
        parts.join("&")
    }
}
