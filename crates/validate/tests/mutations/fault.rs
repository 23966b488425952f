//! The kinds of faults: each makes one in a place where it can be, and says where it should be told.

use accord_spec::{Primitive, ResourceType, TypeId, element};
use serde_json::{Map, Value, json};

use crate::site::Site;

/// A resource about to be spoilt at one place.
pub struct Mutant<'m> {
    pub root: &'m mut Value,
    pub site: &'m Site,
}

/// A kind of fault; the result is the path expected, or none where the fault cannot be.
pub type Fault = fn(&mut Mutant<'_>) -> Option<String>;

/// Every kind of fault by name.
pub const FAULTS: &[(&str, Fault)] = &[
    ("unknown element", unknown),
    ("wrong JSON type", wrong_type),
    ("null", null),
    ("array flipped", array_flipped),
    ("empty array", empty_array),
    ("empty object", empty_object),
    ("missing element", missing),
    ("second type of a choice", second_choice),
    ("malformed primitive", malformed),
    ("malformed sibling", bad_sibling),
    ("sibling of a complex element", foreign_sibling),
    ("sibling array too long", long_sibling),
    ("extension without content", bare_extension),
    ("extension with both contents", double_extension),
    ("reference of no form", formless_reference),
    ("reference to an unknown type", unknown_target),
    ("reference to a type not allowed", wrong_target),
    ("reference to nothing contained", lost_fragment),
    ("unknown resource type", unknown_resource),
    ("contained inside contained", nested_contained),
    ("version of a contained resource", contained_version),
];

impl Mutant<'_> {
    fn value(&mut self) -> &mut Value {
        self.root.pointer_mut(&self.site.pointer()).expect("the place exists")
    }

    fn holder(&mut self) -> &mut Map<String, Value> {
        let holder = self.root.pointer_mut(&self.site.holder).expect("the place exists");
        holder.as_object_mut().expect("holders are objects")
    }

    fn is(&self, ty: TypeId) -> bool {
        self.site.element.ty == ty
    }

    fn primitive(&self) -> Option<Primitive> {
        self.site.element.ty.primitive()
    }

    /// Runs `spoil` on the value if it is an object.
    fn object(&mut self, spoil: impl FnOnce(&mut Map<String, Value>)) -> Option<()> {
        self.value().as_object_mut().map(spoil)
    }
}

fn unknown(m: &mut Mutant<'_>) -> Option<String> {
    m.object(|o| drop(o.insert("noSuchElement".to_owned(), json!(1))))?;
    Some(m.site.path() + ".noSuchElement")
}

fn wrong_type(m: &mut Mutant<'_>) -> Option<String> {
    let value = m.value();
    *value = if value.is_string() { json!(12) } else { json!("text") };
    Some(m.site.path())
}

fn null(m: &mut Mutant<'_>) -> Option<String> {
    // A null may stand for a primitive whose extension is beside it.
    let name = format!("_{}", m.site.element.name);
    if m.holder().contains_key(&name) {
        return None;
    }
    *m.value() = Value::Null;
    Some(m.site.path())
}

fn array_flipped(m: &mut Mutant<'_>) -> Option<String> {
    let name = m.site.element.name;
    let flipped = match m.holder().get(name)? {
        Value::Array(items) => items.first()?.clone(),
        single => json!([single]),
    };
    m.holder().insert(name.to_owned(), flipped);
    let beside = m.holder().contains_key(&format!("_{name}"));
    (!beside).then(|| m.site.element_path())
}

fn empty_array(m: &mut Mutant<'_>) -> Option<String> {
    let name = m.site.element.name;
    let beside = m.holder().contains_key(&format!("_{name}"));
    m.holder().insert(name.to_owned(), json!([]));
    (!beside).then(|| m.site.element_path())
}

fn empty_object(m: &mut Mutant<'_>) -> Option<String> {
    let ty = m.site.element.ty;
    // Where something is required, or the object is a resource, more is told than emptiness.
    let sole = ty.required() == 0 && ty != TypeId::RESOURCE;
    m.object(|o| o.clear())?;
    sole.then(|| m.site.path())
}

fn missing(m: &mut Mutant<'_>) -> Option<String> {
    let (name, min) = (m.site.element.name, m.site.element.min);
    let holder = m.holder();
    holder.shift_remove(name);
    holder.shift_remove(&format!("_{name}"));
    let rest = holder.keys().any(|k| k != "id");
    (min > 0 && rest).then(|| m.site.element_path())
}

fn second_choice(m: &mut Mutant<'_>) -> Option<String> {
    if !m.site.element.is_choice {
        return None;
    }
    let (name, slot) = (m.site.element.name, m.site.element.slot);
    let mut others = m.site.holder_type.elements().iter();
    let other = others.find(|e| e.slot == slot && e.name != name)?;
    let value = match other.ty.primitive() {
        Some(Primitive::Boolean) => json!(true),
        Some(Primitive::Base64Binary) => json!("TQ=="),
        Some(Primitive::Decimal | Primitive::Integer | Primitive::PositiveInt) => json!(1),
        Some(Primitive::Uri | Primitive::Canonical) => json!("urn:x"),
        Some(Primitive::Date | Primitive::DateTime) => json!("2020"),
        Some(Primitive::String | Primitive::Code | Primitive::Markdown) => json!("x"),
        // Nothing is required of these, and the element that comes first lets them differ.
        None if other.ty.required() == 0 => {
            json!({ "extension": [{ "url": "u:x", "valueCode": "x" }] })
        }
        _ => return None,
    };
    m.holder().insert(other.name.to_owned(), value);
    Some(m.site.element_path())
}

fn malformed(m: &mut Mutant<'_>) -> Option<String> {
    *m.value() = match m.primitive()? {
        Primitive::Boolean | Primitive::Decimal => return None,
        Primitive::Integer => json!(2_147_483_648_u32),
        Primitive::UnsignedInt => json!(-1),
        Primitive::PositiveInt => json!(0),
        Primitive::Base64Binary => json!("TQ="),
        Primitive::Code => json!(" x"),
        Primitive::String | Primitive::Markdown => json!("\u{1}"),
        Primitive::Id => json!("a/b"),
        Primitive::Canonical | Primitive::Uri | Primitive::Url => json!("a b"),
        Primitive::Oid => json!("urn:oid:9.1"),
        Primitive::Uuid => json!("urn:uuid:1"),
        Primitive::Date | Primitive::DateTime | Primitive::Instant => json!("2023-02-29"),
        Primitive::Time => json!("24:00:00"),
        Primitive::Xhtml => json!("<div>x</div>"),
    };
    Some(m.site.path())
}

fn bad_sibling(m: &mut Mutant<'_>) -> Option<String> {
    let name = format!("_{}", m.site.element.name);
    let plain = !m.site.element.is_attribute && m.primitive()? != Primitive::Xhtml;
    if !plain || m.site.element.many || m.holder().contains_key(&name) {
        return None;
    }
    m.holder().insert(name, json!({ "extension": [{ "url": "u:x" }] }));
    Some(m.site.element_path() + ".extension[0]")
}

fn foreign_sibling(m: &mut Mutant<'_>) -> Option<String> {
    let none = m.primitive().is_none() || m.site.element.is_attribute;
    let name = format!("_{}", m.site.element.name);
    m.holder().insert(name, json!({ "id": "x" }));
    none.then(|| m.site.element_path())
}

fn long_sibling(m: &mut Mutant<'_>) -> Option<String> {
    m.primitive().filter(|_| m.site.element.many)?;
    let name = m.site.element.name;
    let length = m.holder().get(name)?.as_array()?.len();
    let mut beside = vec![json!({ "id": "x" }); length];
    // Where a value is null, an id alone is another fault.
    if m.holder().get(name)?.as_array()?.iter().any(Value::is_null) {
        return None;
    }
    beside.push(json!({ "extension": [{ "url": "u:x", "valueCode": "x" }] }));
    m.holder().insert(format!("_{name}"), Value::Array(beside));
    Some(m.site.element_path())
}

fn bare_extension(m: &mut Mutant<'_>) -> Option<String> {
    let extension = m.is(TypeId::EXTENSION);
    m.object(|o| o.retain(|key, _| key == "url"))?;
    extension.then(|| m.site.path())
}

fn double_extension(m: &mut Mutant<'_>) -> Option<String> {
    if !m.is(TypeId::EXTENSION) {
        return None;
    }
    m.object(|o| {
        o.retain(|key, _| key == "url");
        o.insert("valueCode".to_owned(), json!("x"));
        o.insert("extension".to_owned(), json!([{ "url": "u:x", "valueCode": "x" }]));
    })?;
    Some(m.site.path())
}

/// Sets the text of a reference.
fn refer(m: &mut Mutant<'_>, text: String) -> Option<String> {
    if !m.is(TypeId::REFERENCE) {
        return None;
    }
    m.object(|o| drop(o.insert("reference".to_owned(), json!(text))))?;
    Some(m.site.path() + ".reference")
}

fn formless_reference(m: &mut Mutant<'_>) -> Option<String> {
    refer(m, "Patient/1/2".to_owned())
}

fn unknown_target(m: &mut Mutant<'_>) -> Option<String> {
    refer(m, "Patience/1".to_owned())
}

fn wrong_target(m: &mut Mutant<'_>) -> Option<String> {
    let targets = m.site.element.targets;
    let wrong = ResourceType::ALL.into_iter().find(|t| !targets.contains(t))?;
    let path = refer(m, format!("{wrong}/1"));
    path.filter(|_| !targets.is_empty())
}

fn lost_fragment(m: &mut Mutant<'_>) -> Option<String> {
    // Outside contained resources `#` alone means nothing.
    if m.site.contained { None } else { refer(m, "#".to_owned()) }
}

fn unknown_resource(m: &mut Mutant<'_>) -> Option<String> {
    let resource = m.is(TypeId::RESOURCE);
    m.object(|o| drop(o.insert("resourceType".to_owned(), json!("Patience"))))?;
    resource.then(|| m.site.path())
}

fn nested_contained(m: &mut Mutant<'_>) -> Option<String> {
    if m.site.element.name != "contained" {
        return None;
    }
    let name = m.value()["resourceType"].as_str()?.to_owned();
    let ty = ResourceType::from_name(&name)?.type_id();
    element(ty, "contained")?;
    m.object(|o| {
        drop(o.insert("contained".to_owned(), json!([{ "resourceType": "Basic", "id": "x" }])));
    })?;
    Some(m.site.path() + ".contained[0]")
}

fn contained_version(m: &mut Mutant<'_>) -> Option<String> {
    let contained = m.site.element.name == "contained";
    m.object(|o| drop(o.insert("meta".to_owned(), json!({ "versionId": "1" }))))?;
    contained.then(|| m.site.path() + ".meta.versionId")
}
