//! Who asks, and within which compartment or list.

use std::collections::BTreeSet;
use std::sync::Arc;

use accord_base::{Principal, Purpose, Role, Subject};
use accord_conformance::naive::texts;
use accord_conformance::{Store, id};
use accord_engine::Interaction;
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::queries::Queries;
use crate::{Shelf, Shelves};

/// What puts a resource into a compartment: whose, which type, by which elements. From the
/// compartments' definitions.
const COMPARTMENTS: [(&str, &str, &str); 8] = [
    ("Patient", "Patient", "link.other.reference"),
    ("Patient", "Observation", "subject.reference|performer.reference"),
    ("Patient", "Encounter", "subject.reference"),
    ("Patient", "Condition", "subject.reference|asserter.reference"),
    ("Patient", "RiskAssessment", "subject.reference"),
    ("Encounter", "Encounter", ""),
    ("Encounter", "Observation", "encounter.reference"),
    ("Encounter", "Condition", "encounter.reference"),
];

/// What is searched besides the conditions.
pub enum Within {
    All,
    /// Type and id of a compartment's resource, and the elements by which others are in it.
    Compartment(&'static str, String, &'static str),
    /// Id of a List.
    List(String),
}

impl Within {
    /// Draws one for a search of a type.
    pub fn draw(kind: &str, shelves: &Shelves, queries: &Queries<'_>) -> Within {
        let fitting = COMPARTMENTS.iter().filter(|(_, of, _)| *of == kind);
        let fitting: Vec<_> = fitting.collect();
        match queries.below(8) {
            0 if !fitting.is_empty() => {
                let (owner, _, paths) = *fitting[queries.below(fitting.len())];
                let ids = &shelves[owner].ids;
                match ids.get(queries.below(ids.len().max(1))) {
                    Some(id) => Within::Compartment(owner, id.clone(), paths),
                    None => Within::All,
                }
            }
            1 => Within::List(format!("list-{}", queries.below(LISTS + 1))),
            _ => Within::All,
        }
    }

    /// The ids of a type that are in it.
    pub fn ids<'a>(&self, kind: &str, shelves: &'a Shelves) -> BTreeSet<&'a str> {
        let shelf = &shelves[kind];
        let all = shelf.ids.iter().map(String::as_str);
        match self {
            Within::All => all.collect(),
            Within::Compartment(owner, id, paths) => {
                let named = format!("{owner}/{id}");
                let refers = |document: &Value| texts(document, paths).contains(&named.as_str());
                let members = all.zip(&shelf.documents);
                let within = members
                    .filter(|(own, document)| (kind == *owner && own == id) || refers(document));
                within.map(|(own, _)| own).collect()
            }
            Within::List(list) => {
                let lists = &shelves["List"];
                let at = lists.ids.iter().position(|id| id == list);
                let items = at.map(|at| texts(&lists.documents[at], "entry.item.reference"));
                let items: BTreeSet<&str> = items.into_iter().flatten().collect();
                all.filter(|id| items.contains(format!("{kind}/{id}").as_str())).collect()
            }
        }
    }

    /// The interaction with these parameters.
    pub fn interaction(&self, kind: &str, mut params: Vec<(String, String)>) -> Interaction {
        let resource_type = ResourceType::from_name(kind);
        match self {
            Within::Compartment(owner, own, _) => {
                Interaction::Compartment(Box::new(accord_engine::CompartmentSearch {
                    owner: ResourceType::from_name(owner).unwrap(),
                    id: id(own),
                    resource_type,
                    params,
                    raw: String::new(),
                    lenient: false,
                }))
            }
            _ => {
                if let Within::List(list) = self {
                    params.push(("_list".to_owned(), list.clone()));
                }
                Interaction::Search { resource_type, params, raw: String::new(), lenient: false }
            }
        }
    }
}

/// How many Lists there are.
const LISTS: usize = 4;

/// Lists of resources of the store, as entries of a transaction.
pub fn lists(store: &Store, below: &dyn Fn(usize) -> usize) -> Vec<Value> {
    let all = store.versions();
    let list = |n: usize| {
        let items = (0..60).map(|_| {
            let version = &all[below(all.len())];
            let name = format!("{}/{}", version.resource_type.name(), version.id);
            json!({"item": {"reference": name}})
        });
        let items: Vec<Value> = items.collect();
        let id = format!("list-{n}");
        json!({"request": {"method": "PUT", "url": format!("List/{id}")},
            "resource": {"resourceType": "List", "id": id, "status": "current",
                "mode": "working", "entry": items}})
    };
    (0..LISTS).map(list).collect()
}

/// Who asks: the operator, a patient, and somebody who treats where most are treated.
pub fn askers(shelves: &Shelves) -> Vec<Arc<Subject>> {
    let encounters: &Shelf = &shelves["Encounter"];
    let mut places: Vec<&str> = Vec::new();
    for document in &encounters.documents {
        places.extend(texts(document, "serviceProvider.reference"));
    }
    places.sort_unstable();
    let count = |place: &&&str| places.iter().filter(|other| *other == *place).count();
    let most = places.iter().max_by_key(count).and_then(|place| place.rsplit('/').next());
    let subject = |principal, role, organization: Option<&str>, purpose| {
        Arc::new(Subject {
            principal,
            role,
            organization: organization.map(id),
            purpose,
            token_id: "t".to_owned(),
            test: true,
            grant: None,
        })
    };
    let patient = shelves["Patient"].ids.last().unwrap();
    vec![
        Arc::new(Subject::system("search")),
        subject(Principal::Patient(id(patient)), Role::Patient, None, Purpose::Patrqt),
        subject(Principal::Practitioner(id("somebody")), Role::Clinician, most, Purpose::Treat),
    ]
}
