//! The places of a resource: every element that has a value, with its definition.

use accord_spec::{Element, ResourceType, TypeId, element};
use serde_json::Value;

/// One value of an element.
pub struct Site {
    /// JSON pointer of the object that holds the element.
    pub holder: String,
    /// The holder's type.
    pub holder_type: TypeId,
    /// FHIRPath of the holder.
    pub holder_path: String,
    /// The element.
    pub element: &'static Element,
    /// Which of its repetitions, if it repeats.
    pub item: Option<usize>,
    /// Whether it is inside a contained resource.
    pub contained: bool,
}

impl Site {
    /// FHIRPath of the element.
    pub fn element_path(&self) -> String {
        format!("{}.{}", self.holder_path, self.element.path_name)
    }

    /// FHIRPath of the value.
    pub fn path(&self) -> String {
        let item = self.item.map(|i| format!("[{i}]")).unwrap_or_default();
        self.element_path() + &item
    }

    /// JSON pointer of the value.
    pub fn pointer(&self) -> String {
        let item = self.item.map(|i| format!("/{i}")).unwrap_or_default();
        format!("{}/{}{item}", self.holder, self.element.name)
    }
}

/// Every place of a valid resource.
pub fn sites(root: &Value) -> Vec<Site> {
    let mut sites = Vec::new();
    let ty = resource_type(root);
    walk(root, ty, String::new(), ty.name().to_owned(), false, &mut sites);
    sites
}

fn walk(
    object: &Value,
    ty: TypeId,
    pointer: String,
    path: String,
    contained: bool,
    sites: &mut Vec<Site>,
) {
    for (key, value) in object.as_object().expect("complex values are objects") {
        let Some(element) = element(ty, key) else { continue };
        let values: Vec<(Option<usize>, &Value)> = match value.as_array() {
            Some(items) => items.iter().enumerate().map(|(i, v)| (Some(i), v)).collect(),
            None => vec![(None, value)],
        };
        for (item, value) in values.into_iter().filter(|(_, v)| !v.is_null()) {
            let site = Site {
                holder: pointer.clone(),
                holder_type: ty,
                holder_path: path.clone(),
                element,
                item,
                contained,
            };
            if element.ty.primitive().is_none() {
                let resource = element.ty == TypeId::RESOURCE;
                let ty = if resource { resource_type(value) } else { element.ty };
                let contained = contained || element.name == "contained";
                walk(value, ty, site.pointer(), site.path(), contained, sites);
            }
            sites.push(site);
        }
    }
}

fn resource_type(resource: &Value) -> TypeId {
    let name = resource["resourceType"].as_str().expect("resources state their type");
    ResourceType::from_name(name).expect("the type exists").type_id()
}
