//! Structure definitions: the tables of types and of elements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::Error;
use super::bindings::{Systems, without_version};
use super::package::{Package, items, tail, text, texts};

/// A type with the elements that it adds to its base.
pub struct Structure {
    pub name: String,
    pub kind: Kind,
    pub base: String,
    pub elements: Vec<Element>,
}

/// What a type is; the order is that of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Resource,
    Abstract,
    Complex,
    Primitive,
    Backbone,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Abstract => "abstract",
            Self::Complex => "complex",
            Self::Primitive => "primitive",
            Self::Backbone => "backbone",
        }
    }
}

/// An element as its type defines it; a choice is one element with several types.
pub struct Element {
    pub name: String,
    pub min: u64,
    pub max: String,
    pub types: Vec<ElementType>,
    pub summary: bool,
    pub modifier: bool,
    pub attribute: bool,
    pub binding: Option<(String, String)>,
}

/// One allowed type, with what it may refer to.
pub struct ElementType {
    pub name: String,
    pub targets: Vec<String>,
}

/// All R4 types by name; backbone elements are named by their path.
pub type Structures = BTreeMap<String, Structure>;

/// Collects the types that R4 itself defines: no profiles, no logical models.
pub fn collect(package: &Package) -> Result<Structures, Error> {
    let mut all = Structures::new();
    for (_, definition) in package.all("StructureDefinition") {
        let profile = text(definition, "derivation") == "constraint";
        if !profile && text(definition, "kind") != "logical" {
            collect_one(definition, &mut all)?;
        }
    }
    Ok(all)
}

fn collect_one(definition: &Value, all: &mut Structures) -> Result<(), Error> {
    let name = text(definition, "type");
    let kind = match (definition.get("abstract").and_then(Value::as_bool), text(definition, "kind"))
    {
        (Some(true), _) => Kind::Abstract,
        (_, "resource") => Kind::Resource,
        (_, "primitive-type") => Kind::Primitive,
        _ => Kind::Complex,
    };
    let base = tail(text(definition, "baseDefinition")).to_owned();
    let root = Structure { name: name.to_owned(), kind, base, elements: Vec::new() };
    all.insert(name.to_owned(), root);
    let snapshot = definition.get("snapshot").unwrap_or(&Value::Null);
    for element in items(snapshot, "element") {
        let path = text(element, "path");
        let Some((parent, child)) = path.rsplit_once('.') else { continue };
        if let Some(code) = own_backbone(element) {
            let backbone = Structure {
                name: path.to_owned(),
                kind: Kind::Backbone,
                base: code.to_owned(),
                elements: Vec::new(),
            };
            all.insert(path.to_owned(), backbone);
        }
        if !is_own(element, path) || (kind == Kind::Primitive && child == "value") {
            continue;
        }
        let missing = || Error::Missing { name: parent.to_owned(), by: path.to_owned() };
        let parent = all.get_mut(parent).ok_or_else(missing)?;
        parent.elements.push(read_element(element, path, child));
    }
    Ok(())
}

/// The base of the backbone type that this element defines in place, if it does.
fn own_backbone(element: &Value) -> Option<&str> {
    let [only] = items(element, "type") else { return None };
    let code = text(only, "code");
    let inline =
        matches!(code, "BackboneElement" | "Element") && text(element, "path").contains('.');
    inline.then_some(code)
}

/// An element is the type's own if its base is itself; otherwise it is inherited.
fn is_own(element: &Value, path: &str) -> bool {
    element.get("base").is_none_or(|base| text(base, "path") == path)
}

fn read_element(element: &Value, path: &str, child: &str) -> Element {
    let flag = |key| element.get(key).and_then(Value::as_bool).unwrap_or(false);
    let binding = element
        .get("binding")
        .map(|b| (text(b, "strength").to_owned(), without_version(text(b, "valueSet")).to_owned()));
    Element {
        name: child.to_owned(),
        min: element.get("min").and_then(Value::as_u64).unwrap_or(0),
        max: text(element, "max").to_owned(),
        types: element_types(element, path),
        summary: flag("isSummary"),
        modifier: flag("isModifier"),
        attribute: texts(element, "representation").any(|r| r == "xmlAttr"),
        binding: binding.filter(|(_, set)| !set.is_empty()),
    }
}

fn element_types(element: &Value, path: &str) -> Vec<ElementType> {
    if let Some(reference) = text(element, "contentReference").strip_prefix('#') {
        return vec![ElementType { name: reference.to_owned(), targets: Vec::new() }];
    }
    if own_backbone(element).is_some() {
        return vec![ElementType { name: path.to_owned(), targets: Vec::new() }];
    }
    items(element, "type").iter().map(|t| element_type(t, path)).collect()
}

fn element_type(declared: &Value, path: &str) -> ElementType {
    let code = text(declared, "code");
    let name = match path {
        // The definition says string; its grammar (FHIR R4 resource §2.27) is that of id.
        "Resource.id" => "id",
        _ if code.starts_with("http://hl7.org/fhirpath/") => {
            let stated = items(declared, "extension").first();
            stated.map(|e| text(e, "valueUrl")).filter(|u| !u.is_empty()).unwrap_or("string")
        }
        _ => code,
    };
    let mut targets: Vec<String> =
        texts(declared, "targetProfile").map(|p| tail(p).to_owned()).collect();
    if targets.iter().any(|t| t == "Resource") {
        targets.clear();
    }
    ElementType { name: name.to_owned(), targets }
}

/// `name kind base`, resources first so that a resource's number is also its type's number.
pub fn types_table(all: &Structures) -> String {
    let mut out = String::from("# name\tkind\tbase\n");
    for s in in_order(all) {
        let base = if s.base.is_empty() { "-" } else { &s.base };
        let _ = writeln!(out, "{}\t{}\t{base}", s.name, s.kind.name());
    }
    out
}

/// `type element min max types flags strength value-set system`, inherited elements left out.
pub fn elements_table(all: &Structures, package: &Package) -> String {
    let systems = Systems::new(package);
    let mut out = String::from(
        "# type\telement\tmin\tmax\ttypes\tflags S=summary M=modifier A=attribute\tbinding\tvalue set\tsystem of required codes\n",
    );
    for s in in_order(all) {
        for e in &s.elements {
            let (strength, set) =
                e.binding.as_ref().map_or(("-", "-"), |(a, b)| (a.as_str(), b.as_str()));
            let coded = e.types.iter().any(|t| t.name == "code");
            let system = if coded && strength == "required" { systems.of(set) } else { None };
            let _ = writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{}\t{strength}\t{set}\t{}",
                s.name,
                e.name,
                e.min,
                e.max,
                types_cell(&e.types),
                flags_cell(e),
                system.unwrap_or("-"),
            );
        }
    }
    out
}

/// Types sorted by kind, then name.
fn in_order(all: &Structures) -> Vec<&Structure> {
    let mut list: Vec<&Structure> = all.values().collect();
    list.sort_by_key(|s| s.kind);
    list
}

fn types_cell(types: &[ElementType]) -> String {
    let cells: Vec<String> = types
        .iter()
        .map(|t| match t.targets.as_slice() {
            [] => t.name.clone(),
            targets => format!("{}({})", t.name, targets.join("|")),
        })
        .collect();
    cells.join(",")
}

fn flags_cell(e: &Element) -> String {
    let flags = [(e.summary, 'S'), (e.modifier, 'M'), (e.attribute, 'A')];
    let set: String = flags.iter().filter(|(on, _)| *on).map(|(_, c)| *c).collect();
    if set.is_empty() { "-".to_owned() } else { set }
}
