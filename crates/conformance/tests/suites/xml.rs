//! Resources in XML as JSON, for suites that have no JSON.

use accord_spec::{ResourceType, TypeId};
use roxmltree::Node;
use serde_json::{Map, Value, json};

/// A resource.
pub fn resource(node: Node<'_, '_>) -> Value {
    let name = node.tag_name().name();
    let mut members = Map::from_iter([("resourceType".to_owned(), json!(name))]);
    members.extend(object(node, ResourceType::from_name(name).unwrap().type_id()));
    Value::Object(members)
}

fn object(node: Node<'_, '_>, ty: TypeId) -> Map<String, Value> {
    let mut members = Map::new();
    for attribute in ["id", "url"] {
        if let Some(text) = node.attribute(attribute) {
            members.insert(attribute.to_owned(), json!(text));
        }
    }
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let element = ty.element(name).unwrap_or_else(|| panic!("{ty:?} has no {name}"));
        let (value, sibling) = if element.ty == TypeId::RESOURCE {
            (Some(resource(child.first_element_child().unwrap())), None)
        } else if element.ty.primitive().is_some() {
            primitive(child, element.ty)
        } else {
            (Some(Value::Object(object(child, element.ty))), None)
        };
        let sibling_name = format!("_{name}");
        if !element.many {
            members.extend(value.map(|value| (name.to_owned(), value)));
            members.extend(sibling.map(|sibling| (sibling_name, sibling)));
            continue;
        }
        for (name, value) in [(name.to_owned(), value), (sibling_name, sibling)] {
            if let Some(value) = value {
                let list = members.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(value);
            }
        }
    }
    members
}

fn primitive(node: Node<'_, '_>, ty: TypeId) -> (Option<Value>, Option<Value>) {
    if ty.name() == "xhtml" {
        // Quotes stand for themselves in a text.
        let text = node.document().input_text()[node.range()].replace("&quot;", "\"");
        return (Some(json!(text.split_whitespace().collect::<Vec<_>>().join(" "))), None);
    }
    let value = node.attribute("value").map(|text| match ty.name() {
        "boolean" | "integer" | "decimal" | "positiveInt" | "unsignedInt" => {
            serde_json::from_str(text).unwrap()
        }
        // Markup in a text is told apart by its words, not by its spaces.
        _ if text.starts_with("<div") => {
            json!(text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        _ => json!(text),
    });
    let sibling = object(node, TypeId::ELEMENT);
    (value, if sibling.is_empty() { None } else { Some(Value::Object(sibling)) })
}
