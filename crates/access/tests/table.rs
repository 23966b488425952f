//! `docs/access-table.md` is what the running engine says. `UPDATE_EXPECT=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write;
use std::path::Path;

use accord_access::{AccessRequest, Class, Decision, Interaction, PolicyIndex, Rule, decide};
use accord_base::{LogTime, Purpose, Role, Subject};
use accord_spec::ResourceType;
use common::{Directory, subject};

const HEAD: &str = "# Who may do what

Printed by the tests of `accord-access` from the running engine; `UPDATE_EXPECT=1 cargo test -p
accord-access --test table` writes it anew. It shows what the token alone decides. Which single
resources a role then reaches is in [access.md](access.md).
";

fn permitted(subject: &Subject, interaction: Interaction, on: Option<ResourceType>) -> bool {
    let request = AccessRequest { interaction, resource_type: on };
    let (index, directory) = (PolicyIndex::new(), Directory::new());
    match decide(subject, request, &index, &directory, LogTime(0)) {
        Decision::Permit(_) => true,
        Decision::Deny { reasons } => {
            assert!(!reasons.is_empty());
            false
        }
    }
}

fn in_role(role: Role) -> Subject {
    let organization =
        (!matches!(role, Role::System | Role::Patient | Role::Proxy)).then_some("o1");
    subject(role, "someone", organization)
}

fn types_of(class: Class) -> Vec<ResourceType> {
    ResourceType::ALL.into_iter().filter(|t| Class::of(*t) == class).collect()
}

/// Permitted for every type of the class, or for none: anything between is a fault of the table.
fn permitted_class(role: Role, interaction: Interaction, class: Class) -> bool {
    let types = types_of(class);
    let subject = in_role(role);
    let permitted = types.iter().filter(|t| permitted(&subject, interaction, Some(**t))).count();
    assert!(permitted == 0 || permitted == types.len(), "{interaction:?} {class:?}");
    permitted > 0
}

fn table() -> String {
    let mut out = HEAD.to_owned();
    let on_type: Vec<_> = Interaction::ALL
        .into_iter()
        .filter(|(interaction, _)| {
            permitted(&in_role(Role::System), *interaction, Some(ResourceType::PATIENT))
        })
        .filter(|(interaction, _)| !permitted(&in_role(Role::System), *interaction, None))
        .collect();
    let columns: Vec<&str> = on_type.iter().map(|(_, code)| *code).collect();
    write!(out, "\n## By type\n\n| role | class | {} |\n", columns.join(" | ")).unwrap();
    writeln!(out, "|---|---|{}", "---|".repeat(columns.len())).unwrap();
    for (role, name) in Role::ALL {
        for (class, class_name) in Class::ALL {
            let cells = on_type.iter().map(|(interaction, _)| {
                if permitted_class(role, *interaction, class) { " yes |" } else { " – |" }
            });
            writeln!(out, "| {name} | {class_name} |{}", cells.collect::<String>()).unwrap();
        }
    }
    out.push_str("\n## The store as a whole\n\n");
    for (role, name) in Role::ALL {
        let whole = Interaction::ALL.into_iter();
        let whole = whole.filter(|(interaction, _)| permitted(&in_role(role), *interaction, None));
        let codes: Vec<&str> = whole.map(|(_, code)| code).collect();
        writeln!(out, "- {name}: {}", codes.join(", ")).unwrap();
    }
    out.push_str("\n## Purposes\n\n");
    for (role, name) in Role::ALL {
        let purposes = Purpose::ALL.into_iter().filter(|(purpose, _)| {
            let subject = Subject { purpose: *purpose, ..in_role(role) };
            permitted(&subject, Interaction::Capabilities, None)
        });
        let codes: Vec<&str> = purposes.map(|(_, code)| code).collect();
        writeln!(out, "- {name}: {}", codes.join(", ")).unwrap();
    }
    out.push_str("\n## Classes\n\n");
    for (class, name) in Class::ALL {
        let names: Vec<&str> = types_of(class).iter().map(|t| t.name()).collect();
        let names = match class {
            Class::Clinical => "every type that no other class lists".to_owned(),
            _ => names.join(", "),
        };
        writeln!(out, "- **{name}**: {names}").unwrap();
    }
    out.push_str("\n## Rules that a decision names\n\n| code | rule |\n|---|---|\n");
    for (_, code, _, sentence) in Rule::ALL {
        writeln!(out, "| {code} | {sentence} |").unwrap();
    }
    out
}

#[test]
fn the_printed_table_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access-table.md");
    let table = table();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let printed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(printed == table, "docs/access-table.md is old; UPDATE_EXPECT=1 writes it anew");
}

#[test]
fn a_token_that_does_not_fit_is_refused() {
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    let reasons = |subject: &Subject| match decide(
        subject,
        request,
        &PolicyIndex::new(),
        &Directory::new(),
        LogTime(0),
    ) {
        Decision::Permit(_) => Vec::new(),
        Decision::Deny { reasons } => reasons,
    };
    let clinician = in_role(Role::Clinician);
    assert_eq!(reasons(&clinician), []);
    let homeless = Subject { organization: None, ..clinician.clone() };
    assert_eq!(reasons(&homeless), [Rule::OrganizationMissing]);
    let of_commons = subject(Role::Clinician, "someone", Some("commons"));
    assert_eq!(reasons(&of_commons), [Rule::OrganizationMissing]);
    let device = in_role(Role::Integration).principal;
    let odd = Subject { principal: device, purpose: Purpose::Hpaymt, ..clinician.clone() };
    assert_eq!(reasons(&odd), [Rule::PurposeNotAllowed, Rule::PrincipalMismatch]);
    // No role but the system's own lets a principal be the system, and the other way round.
    for (role, _) in Role::ALL {
        let system = Subject { role, ..Subject::system("test") };
        assert_eq!(reasons(&system).is_empty(), role == Role::System, "{role:?}");
        let person = Subject { role: Role::System, ..in_role(role) };
        assert_eq!(reasons(&person).is_empty(), role == Role::System, "{role:?}");
    }
}

#[test]
fn the_lists_of_types_name_types() {
    let sizes: Vec<usize> = Class::ALL.iter().map(|(class, _)| types_of(*class).len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), ResourceType::ALL.len());
    for (class, _) in Class::ALL {
        assert!(types_of(class).into_iter().all(|t| class.types().contains(t)));
    }
    // As many as the lists in the source have entries: none is misspelt.
    let source = include_str!("../src/types.rs");
    let quoted = source.lines().filter(|line| {
        let line = line.trim();
        line.starts_with('"') && line.ends_with("\",")
    });
    let listed = [Class::Directory, Class::Administrative, Class::Coverage, Class::Claims];
    let known: usize = listed.iter().map(|class| types_of(*class).len()).sum();
    assert_eq!(quoted.count(), known);
}
