//! One store, asked by everyone at several instants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accord_base::{Clock, LogTime, Role, SeededRng, Subject};
use accord_conformance::{Store, id};
use accord_engine::{Answer, Category, Interaction, Outcome};
use accord_spec::ResourceType;

use crate::answers::{one, told};
use crate::masks::masked;
use crate::reduced::{Name, reduced};
use crate::requests::Requests;
use crate::rules::{Row, Rules, rows};
use crate::tokens::may_ask;
use crate::why::explained;
use crate::world::{World, subjects};

/// Between the instants at which is asked: encounters cease to be recent, consents begin and end.
const LATER_US: u64 = 55 * 86_400 * LogTime::SECOND_US;
/// What is told when the token alone forbids it.
const FORBIDDEN: [&str; 2] =
    ["the role may not do this to resources of this type", "the token's scopes do not cover this"];

/// Runs a store's sessions and gives the number of cases, and of answers with markers among them.
pub fn run(seed: u64, requests: u64) -> (u64, u64) {
    let mut world = World::new(seed);
    // In every other store references must lead to something.
    let integrity = seed % 2 == 1;
    world.store = world.store.reopened(64, integrity);
    assert!(world.store.engine.wait_until_indexed());
    let versions = world.store.versions();
    let mut instants: Vec<String> = versions.iter().map(|v| v.last_updated.to_string()).collect();
    instants.dedup();
    let rows = rows(versions, &world.journal, &world.transfers);
    let system = Arc::new(Subject::system("reduced"));
    let (mut cases, mut markers) = (0, 0);
    for turn in 0..2 {
        let now = world.store.clock.now();
        let rules = Rules::new(&rows, now.0 as i64);
        for subject in subjects() {
            let (visible, known) = (rules.visible(&subject), rules.known(&subject));
            let small = reduced(&world.store, &visible, &known, seed).reopened(4096, integrity);
            assert!(small.engine.wait_until_indexed());
            let case = format!(
                "seed {seed}, turn {turn}, {} {:?} of {:?}, {}",
                subject.reference(),
                subject.role,
                subject.organization,
                subject.grant.as_ref().map(|g| g.scopes.to_string()).unwrap_or_default()
            );
            let rng = SeededRng::new(seed ^ now.0 ^ visible.len() as u64);
            let defined = |name: &&str| {
                visible.iter().any(|(of, id, _)| of == "SearchParameter" && id == name)
            };
            let own = crate::requests::OWN.iter().all(|(_, code, ..)| defined(code));
            let asking = Requests { rng: &rng, rows: &rows, instants: &instants, own };
            let mut session = Session {
                full: &world.store,
                small: &small,
                subject: &subject,
                system: &system,
                asking,
                visible: &visible,
                known: &known,
                rules: &rules,
                case,
                cases: 0,
                markers: 0,
            };
            if rules.has_left(&subject) {
                (0..requests).for_each(|_| session.refused());
                cases += session.cases;
                continue;
            }
            session.everything();
            for _ in 0..requests {
                session.request();
            }
            cases += session.cases;
            markers += session.markers;
            if subject.role == Role::PrivacyOfficer && subject.grant.is_none() {
                let (asking, case) = (&session.asking, &session.case);
                cases += explained(&world.store, &subject, &rules, asking, case);
            }
        }
        world.store.clock.advance_us(LATER_US);
    }
    (cases, markers)
}

pub struct Session<'a> {
    pub full: &'a Store,
    pub small: &'a Store,
    pub subject: &'a Arc<Subject>,
    pub system: &'a Arc<Subject>,
    pub asking: Requests<'a>,
    pub visible: &'a BTreeSet<Name>,
    pub known: &'a BTreeMap<Name, Option<String>>,
    pub rules: &'a Rules<'a>,
    pub case: String,
    pub cases: u64,
    /// Answers with a marker in them.
    pub markers: u64,
}

impl Session<'_> {
    /// The whole history, which shows at once what is seen that should not be.
    fn everything(&mut self) {
        self.compare("_history?_count=1000");
    }

    /// Whoever has left is answered nothing but that.
    fn refused(&mut self) {
        let url = self.asking.url();
        self.cases += 1;
        let Ok(interaction) = Interaction::get(&url) else { return };
        let outcome = self.full.ask(self.subject, interaction);
        let Err(failure) = outcome else { panic!("{}: {url} is not refused", self.case) };
        assert_eq!(failure.category, Category::Forbidden, "{}: {url}", self.case);
    }

    fn request(&mut self) {
        match self.asking.below(20) {
            18 => self.board(),
            17 => self.live(),
            15 => self.subscribed(),
            19 => self.contained(),
            16 => self.words(),
            4 => self.hidden_patch(),
            5 => self.patch_test(),
            6 => self.refer_to_any(),
            7 => self.delete_any(),
            0 => self.conditional_create(),
            1 => self.hidden_write(),
            2 => self.batch(),
            3 => self.if_none_match(),
            _ => {
                let url = self.asking.url();
                self.compare(&url);
            }
        }
    }

    /// Asks both for an address, and for the pages after it.
    fn compare(&mut self, url: &str) {
        let mut cursors = (String::new(), String::new());
        for _ in 0..4 {
            let ours = self.get(self.full, self.subject, &format!("{url}{}", cursors.0));
            let kind = Interaction::get(url).ok().and_then(|i| i.resource_type());
            if kind.is_some_and(|kind| !may_ask(self.subject, kind.name())) {
                return self.forbidden(url, &ours);
            }
            if url.contains("_explain") && !self.is_told_plans() {
                return self.unexplained(url, ours);
            }
            let theirs = self.theirs(&format!("{url}{}", cursors.1));
            if self.by_place(url, &theirs) {
                return;
            }
            self.equal(url, &told(&ours), &told(&theirs));
            match (ours, theirs) {
                (Ok(Answer::Page(ours)), Ok(Answer::Page(theirs))) => {
                    match (ours.next, theirs.next) {
                        (Some(ours), Some(theirs)) => {
                            cursors = (format!("&_cursor={ours}"), format!("&_cursor={theirs}"));
                        }
                        _ => return,
                    }
                }
                _ => return,
            }
        }
    }

    /// Whether something comes along because it refers to a place, while somebody's whereabouts
    /// are protected: whoever is protected does not, whom the store without the hidden things does
    /// not know to leave out.
    fn by_place(&self, url: &str, theirs: &Outcome) -> bool {
        let place = || told(theirs).contains(r#"{"resourceType":"Location""#);
        url.contains("_revinclude")
            && self.subject.role != Role::System
            && self.rules.protects()
            && place()
    }

    pub fn get(&self, store: &Store, who: &Arc<Subject>, url: &str) -> Outcome {
        store.ask(who, Interaction::get(url)?)
    }

    /// What is expected: the answer of the store without the hidden things, in which references
    /// to what is not there tell nothing of it.
    pub fn theirs(&self, url: &str) -> Outcome {
        self.masked(self.get(self.small, self.system, url))
    }

    pub fn masked(&self, outcome: Outcome) -> Outcome {
        if self.subject.role == Role::System {
            return outcome;
        }
        let exists = |kind: &str, id: &str| self.rules.lives(self.visible, kind, id);
        masked(outcome, &exists, &|version| {
            let (kind, id) = (version.resource_type.name(), version.id.as_str());
            let name = (kind.to_owned(), id.to_owned(), version.version);
            let seen = !self.known.contains_key(&name);
            seen.then(|| self.rules.owed(self.subject, kind, id, version.version))
        })
    }

    pub fn equal(&mut self, what: &str, ours: &str, theirs: &str) {
        self.cases += 1;
        self.markers += u64::from(theirs.contains(r#""code":"BTG""#));
        if ours != theirs {
            let lines = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
            let cut = |text: &str| text.chars().take(900).collect::<String>();
            let (a, b) = lines.unwrap_or((ours, theirs));
            let lengths = (ours.lines().count(), theirs.lines().count());
            panic!(
                "{}\n{what}\nanswered: {}\nexpected: {}\nlines {lengths:?}",
                self.case,
                cut(a),
                cut(b)
            );
        }
    }

    fn forbidden(&mut self, what: &str, outcome: &Outcome) {
        self.cases += 1;
        let Err(failure) = outcome else { panic!("{}: {what} is not forbidden", self.case) };
        assert_eq!(failure.category, Category::Forbidden, "{}: {what}", self.case);
        assert!(FORBIDDEN.contains(&&*failure.issues[0].diagnostics));
    }

    /// Reads in a batch are answered as on their own.
    fn batch(&mut self) {
        let urls: Vec<String> = (0..3).map(|_| self.asking.url()).collect();
        let entry = |url: &String| serde_json::json!({"request": {"method": "GET", "url": url}});
        let entries: Vec<_> = urls.iter().map(entry).collect();
        let bundle =
            serde_json::json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
        let Ok(Answer::Bundle { entries, .. }) =
            self.full.bundle(self.subject, &bundle.to_string(), None)
        else {
            panic!("{}: a batch is answered", self.case);
        };
        for (url, entry) in urls.iter().zip(entries) {
            let alone = self.get(self.full, self.subject, url);
            let (mut ours, mut expected) = (entry, alone);
            for outcome in [&mut ours, &mut expected] {
                if let Err(failure) = outcome {
                    failure.issues.iter_mut().for_each(|issue| issue.expression = None);
                }
            }
            self.equal(url, &told(&ours), &told(&expected));
        }
    }

    fn if_none_match(&mut self) {
        let row = self.asking.row();
        if !may_ask(self.subject, &row.kind) {
            return;
        }
        let interaction = Interaction::Read {
            resource_type: ResourceType::from_name(&row.kind).unwrap(),
            id: id(&row.id),
            if_none_match: Some(row.version),
            if_modified_since: None,
        };
        let ours = self.full.ask(self.subject, interaction.clone());
        let theirs = self.masked(self.small.ask(self.system, interaction));
        self.equal("If-None-Match", &told(&ours), &told(&theirs));
    }

    /// A conditional create of something that the subject may not create: what it finds is told
    /// by a search, and where it finds nothing it is refused as without the condition.
    fn conditional_create(&mut self) {
        if self.subject.role != Role::Clinician || self.subject.grant.is_some() {
            return;
        }
        let condition = self.asking.condition();
        let body = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/never-known"}}"#;
        let create = |if_none_exist| Interaction::Create {
            resource_type: ResourceType::from_name("Observation").unwrap(),
            body: Arc::from(body.as_bytes()),
            if_none_exist,
        };
        let ours = told(&self.full.ask(self.subject, create(Some(condition.clone()))));
        let found = self.theirs(&format!("Observation?_count=2&{condition}"));
        let expected = match found {
            Err(failure) => told(&Err(failure)),
            Ok(Answer::Page(page)) if page.entries.is_empty() => {
                told(&self.full.ask(self.subject, create(None)))
            }
            Ok(Answer::Page(page)) if page.entries.len() == 1 => {
                format!("existing {}", one(&page.entries[0]))
            }
            _ => {
                let precondition =
                    ours.starts_with("Precondition") && ours.contains("more than one");
                assert!(precondition, "{}: {condition}: {ours}", self.case);
                return;
            }
        };
        self.equal(&format!("If-None-Exist: {condition}"), &ours, &expected);
    }

    /// A write onto something hidden is answered as one onto what never was.
    fn hidden_write(&mut self) {
        let row = self.asking.row();
        let hidden =
            !self.visible.iter().any(|(kind, name, _)| *kind == row.kind && *name == row.id);
        let assigns = matches!(self.subject.role, Role::System | Role::Integration);
        if !hidden || assigns || row.deleted {
            return;
        }
        let never = "never-was-here";
        let writes = self.asking.below(9);
        // A condition finds a marker, as a search does.
        let named = |kind: &str| self.known.keys().any(|(k, n, _)| k == kind && *n == row.id);
        if writes == 6 && named("Patient") || writes > 6 && named(&row.kind) {
            return;
        }
        // Whoever treats a patient may name them, wherever their Patient resource is kept.
        if writes == 6 && self.rules.treats(&row.id, self.subject) {
            return;
        }
        let ours = self.write(writes, row, &row.id);
        let expected = self.write(writes, row, never);
        let plain = |outcome: Outcome, name: &str| told(&outcome).replace(name, "it");
        let (ours, expected) = (plain(ours, &row.id), plain(expected, never));
        self.equal(&format!("write {writes} onto {}/{}", row.kind, row.id), &ours, &expected);
    }

    fn write(&self, how: usize, row: &Row, name: &str) -> Outcome {
        let resource_type = ResourceType::from_name(&row.kind).unwrap();
        let url = format!("{}/{name}", row.kind);
        // What refers to itself does so under the other name.
        let text = row
            .body
            .to_string()
            .replace(&format!("\"{}/{}\"", row.kind, row.id), &format!("\"{url}\""));
        let mut body: serde_json::Value = serde_json::from_str(&text).unwrap();
        body["id"] = name.into();
        let if_match = (how % 2 == 1).then_some(row.version);
        let bundle = |entry: serde_json::Value| serde_json::json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
        match how {
            0 | 1 => {
                let body = Arc::from(body.to_string().into_bytes());
                self.full.ask(
                    self.subject,
                    Interaction::Update { resource_type, id: id(name), body, if_match },
                )
            }
            2 | 3 => self
                .full
                .ask(self.subject, Interaction::Delete { resource_type, id: id(name), if_match }),
            4 => {
                let entry =
                    serde_json::json!({"resource": body, "request": {"method": "PUT", "url": url}});
                self.full.bundle(self.subject, &bundle(entry).to_string(), None)
            }
            5 => {
                let entry = serde_json::json!({"request": {"method": "DELETE", "url": url}});
                self.full.bundle(self.subject, &bundle(entry).to_string(), None)
            }
            7 => {
                let condition = vec![("_id".to_owned(), name.to_owned())];
                let delete = Interaction::ConditionalDelete { resource_type, condition, if_match };
                self.full.ask(self.subject, delete)
            }
            8 => {
                let condition = vec![("_id".to_owned(), name.to_owned())];
                let body = Arc::from(body.to_string().into_bytes());
                let update =
                    Interaction::ConditionalUpdate { resource_type, condition, body, if_match };
                self.full.ask(self.subject, update)
            }
            _ => self.refer(name, &bundle),
        }
    }

    /// A transaction with a conditional reference, and a resource that names a patient.
    fn refer(
        &self,
        name: &str,
        bundle: &dyn Fn(serde_json::Value) -> serde_json::Value,
    ) -> Outcome {
        if !matches!(self.subject.role, Role::Clinician | Role::Pharmacist) {
            return Err(accord_engine::Failure::new(
                Category::Busy,
                accord_fhir::IssueCode::Value,
                "",
            ));
        }
        let reference = match self.asking.rows.len() % 2 {
            0 => format!("Patient?_id={name}"),
            _ => format!("Patient/{name}"),
        };
        let entry = serde_json::json!({
            "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": reference},
                // Someone never known keeps it from being stored where the other is.
                "performer": [{"reference": "Patient/never-known"}, {"reference": "Practitioner/dr-alder"}]},
            "request": {"method": "POST", "url": "Observation"}});
        self.full.bundle(self.subject, &bundle(entry).to_string(), None)
    }
}
