//! The shared directory: organisations, places and people who work there.

use std::sync::LazyLock;

use crate::bundle::Outbox;
use crate::code::{Code, SNOMED, hl7};
use crate::draw::Draw;
use crate::moment::{Day, Moment};
use crate::table::{Fields, Line, Table};

/// Number of resources in the directory.
pub(crate) fn size() -> u64 {
    let people = PRACTITIONERS.lines().len() * 2;
    (ORGANIZATIONS.lines().len() + LOCATIONS.lines().len() + people) as u64
}

pub(crate) const ORGANIZATIONS_TSV: &str = include_str!("../data/organizations.tsv");
pub(crate) const LOCATIONS_TSV: &str = include_str!("../data/locations.tsv");
pub(crate) const PRACTITIONERS_TSV: &str = include_str!("../data/practitioners.tsv");

/// The organisations.
pub(crate) static ORGANIZATIONS: LazyLock<Table<Organization>> =
    LazyLock::new(|| Table::parse(ORGANIZATIONS_TSV));
/// Their places.
pub(crate) static LOCATIONS: LazyLock<Table<Location>> =
    LazyLock::new(|| Table::parse(LOCATIONS_TSV));
/// Their people.
pub(crate) static PRACTITIONERS: LazyLock<Table<Practitioner>> =
    LazyLock::new(|| Table::parse(PRACTITIONERS_TSV));

/// An organisation.
#[derive(Default)]
pub(crate) struct Organization {
    pub id: &'static str,
    ods: &'static str,
    name: &'static str,
    kind: (&'static str, &'static str),
    line: &'static str,
    city: &'static str,
    postcode: &'static str,
    phone: &'static str,
}

impl Line for Organization {
    fn read(f: &mut Fields) -> Organization {
        Organization {
            id: f.text(),
            ods: f.text(),
            name: f.text(),
            kind: (f.text(), f.text()),
            line: f.text(),
            city: f.text(),
            postcode: f.text(),
            phone: f.text(),
        }
    }
}

/// A place of an organisation.
#[derive(Default)]
pub(crate) struct Location {
    pub id: &'static str,
    organization: &'static str,
    name: &'static str,
    kind: (&'static str, &'static str),
    physical: (&'static str, &'static str),
    class: &'static str,
}

impl Line for Location {
    fn read(f: &mut Fields) -> Location {
        Location {
            id: f.text(),
            organization: f.text(),
            name: f.text(),
            kind: (f.text(), f.text()),
            physical: (f.text(), f.text()),
            class: f.text(),
        }
    }
}

/// Someone who works for an organisation.
#[derive(Default)]
pub(crate) struct Practitioner {
    pub id: &'static str,
    pub organization: &'static str,
    prefix: &'static str,
    given: &'static str,
    family: &'static str,
    gender: &'static str,
    role: Code,
    specialty: Code,
    treats: bool,
}

impl Line for Practitioner {
    fn read(f: &mut Fields) -> Practitioner {
        Practitioner {
            id: f.text(),
            organization: f.text(),
            prefix: f.text(),
            given: f.text(),
            family: f.text(),
            gender: f.text(),
            role: Code::new(SNOMED, f.text(), f.text()),
            specialty: Code::new(SNOMED, f.text(), f.text()),
            treats: f.text() == "yes",
        }
    }
}

/// Someone who treats patients at the organisation.
pub(crate) fn clinician(organization: &str, draw: &Draw) -> &'static Practitioner {
    let works = |p: &Practitioner| p.organization == organization && p.treats;
    PRACTITIONERS.draw_fit(draw, works).unwrap_or_else(|| PRACTITIONERS.first(works))
}

/// A place of the organisation where encounters of this class are held.
pub(crate) fn place(organization: &str, class: &str, draw: &Draw) -> &'static Location {
    let held = |l: &Location| l.organization == organization && l.class == class;
    LOCATIONS.draw_fit(draw, held).unwrap_or_else(|| LOCATIONS.first(held))
}

/// Writes the whole directory, targets of references first.
pub(crate) fn write(out: &mut Outbox) {
    let since = Day::of(2015, 1, 1).start();
    for organization in ORGANIZATIONS.lines() {
        write_organization(out, organization, since);
    }
    for location in LOCATIONS.lines() {
        write_location(out, location, since);
    }
    for practitioner in PRACTITIONERS.lines() {
        write_practitioner(out, practitioner, since);
        write_role(out, practitioner, since);
    }
}

fn write_organization(out: &mut Outbox, o: &Organization, since: Moment) {
    out.put(("Organization", o.id), "", since, |j| {
        j.identifier("https://fhir.nhs.uk/Id/ods-organization-code", o.ods);
        j.flag("active", true);
        j.concepts("type", &[hl7!("organization-type", o.kind.0, o.kind.1)]);
        j.text("name", o.name);
        j.list("telecom", |j| j.contact("phone", o.phone, "work"));
        j.list("address", |j| j.address("work", o.line, o.city, o.postcode));
    });
}

fn write_location(out: &mut Outbox, l: &Location, since: Moment) {
    out.put(("Location", l.id), "", since, |j| {
        j.text("status", "active");
        j.text("name", l.name);
        j.text("mode", "instance");
        j.concepts("type", &[hl7!("v3-RoleCode", l.kind.0, l.kind.1)]);
        j.concept("physicalType", hl7!("location-physical-type", l.physical.0, l.physical.1));
        j.refer("managingOrganization", &format!("Organization/{}", l.organization));
    });
}

fn write_practitioner(out: &mut Outbox, p: &Practitioner, since: Moment) {
    out.put(("Practitioner", p.id), "", since, |j| {
        j.identifier("https://synthetic.example/staff", p.id);
        j.flag("active", true);
        j.list("name", |j| {
            j.item(|j| {
                j.text("use", "official");
                j.text("family", p.family);
                j.texts("given", &[p.given]);
                if !p.prefix.is_empty() {
                    j.texts("prefix", &[p.prefix]);
                }
            });
        });
        j.list("telecom", |j| {
            j.contact("email", &format!("{}@{}.example", p.id, p.organization), "work");
        });
        j.text("gender", p.gender);
    });
}

fn write_role(out: &mut Outbox, p: &Practitioner, since: Moment) {
    let place = LOCATIONS.first(|l| l.organization == p.organization);
    out.put(("PractitionerRole", &format!("role-{}", p.id)), "", since, |j| {
        j.flag("active", true);
        j.period("period", since.day(), None);
        j.refer("practitioner", &format!("Practitioner/{}", p.id));
        j.refer("organization", &format!("Organization/{}", p.organization));
        j.concepts("code", &[p.role]);
        if !p.specialty.code.is_empty() {
            j.concepts("specialty", &[p.specialty]);
        }
        if !place.id.is_empty() {
            j.refers("location", &[&format!("Location/{}", place.id)]);
        }
    });
}
