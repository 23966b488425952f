//! Paths taken apart by hand: this runs for every request.

use std::borrow::Cow;

use accord_engine::{META_OPERATIONS, OPERATIONS, Signature};
use accord_spec::ResourceType;

use crate::params::decode_segment;
use crate::routes::{BASE, Shape};

/// A path that has the form of a route.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Target<'a> {
    pub shape: Shape,
    pub resource_type: Option<ResourceType>,
    /// As in the path; not checked yet.
    pub id: Cow<'a, str>,
    /// As in the path; not checked yet.
    pub version: Cow<'a, str>,
    /// The type searched in a compartment.
    pub member: Option<ResourceType>,
    /// The operation, where the path names one.
    pub operation: Option<&'static Signature>,
    /// The operation of an emergency department, where the path names one.
    pub emergency: Option<&'static accord_emergency::Signature>,
}

/// A path that leads nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Miss {
    /// Not below the FHIR base, and no probe.
    Outside,
    /// A first segment that is no resource type.
    UnknownType(String),
    /// An operation, `$name`.
    Operation(String),
    /// Nothing of the kind.
    NoSuchPath,
    /// Malformed percent-encoding, or not UTF-8.
    Encoding,
}

/// Takes a path apart. A single slash at the end of the base counts for nothing.
pub(crate) fn target(path: &str) -> Result<Target<'_>, Miss> {
    let Some(rest) = path.strip_prefix(BASE).filter(|r| r.is_empty() || r.starts_with('/')) else {
        return probe(path);
    };
    let rest = rest.strip_prefix('/').unwrap_or_default();
    if rest.is_empty() {
        return Ok(plain(Shape::System));
    }
    let mut segments = rest.split('/').map(decode_segment);
    let mut next = || segments.next().transpose().map_err(|_| Miss::Encoding);
    let (first, second, third, fourth) = (next()?, next()?, next()?, next()?);
    if next()?.is_some() {
        return Err(Miss::NoSuchPath);
    }
    let first = first.unwrap_or_default();
    if let Some(shape) = system_shape(&first) {
        return if second.is_none() { Ok(plain(shape)) } else { Err(Miss::NoSuchPath) };
    }
    if second.is_none()
        && let Some(signature) = of_system(&first)
    {
        return Ok(Target { operation: Some(signature), ..plain(Shape::SystemOperation) });
    }
    let last = fourth.as_deref().or(third.as_deref()).or(second.as_deref()).unwrap_or(&first);
    if let ("Subscription", Some(id), Some(name), None) =
        (&*first, &second, third.as_deref(), &fourth)
        && let Some(shape) = hook_shape(name)
    {
        let resource_type = ResourceType::from_name(&first);
        return Ok(Target { resource_type, id: id.clone(), ..plain(shape) });
    }
    if let ("Subscription", Some(name), None) = (&*first, second.as_deref(), &third)
        && let Some(shape) = hooks_shape(name)
    {
        let resource_type = ResourceType::from_name(&first);
        return Ok(Target { resource_type, ..plain(shape) });
    }
    if last.starts_with('$') {
        if let Some(signature) = emergency(&first, second.as_deref(), third.as_deref()) {
            let id = Some(second.unwrap_or_default()).filter(|_| signature.instance);
            let shape = operation_shape(signature.instance);
            let resource_type = ResourceType::from_name(&first);
            let id = id.unwrap_or_default();
            return Ok(Target { resource_type, id, emergency: Some(signature), ..plain(shape) });
        }
        let found = operation(&first, second.as_deref(), third.as_deref(), fourth.is_some());
        let signature = found.ok_or_else(|| Miss::Operation(last.to_owned()))?;
        let shape = operation_shape(signature.instance);
        let id = if signature.instance { second.unwrap_or_default() } else { Cow::Borrowed("") };
        let resource_type = ResourceType::from_name(&first);
        return Ok(Target { resource_type, id, operation: Some(signature), ..plain(shape) });
    }
    let Some(resource_type) = ResourceType::from_name(&first) else {
        return Err(Miss::UnknownType(first.into_owned()));
    };
    let shape = type_shape(second.as_deref(), third.as_deref(), fourth.as_deref())?;
    let member = third.as_deref().filter(|_| shape == Shape::Member);
    Ok(Target {
        shape,
        member: member.and_then(ResourceType::from_name),
        resource_type: Some(resource_type),
        id: second.unwrap_or_default(),
        version: fourth.unwrap_or_default(),
        operation: None,
        emergency: None,
    })
}

/// The operation that the segments of a path name.
fn operation(
    first: &str,
    second: Option<&str>,
    third: Option<&str>,
    more: bool,
) -> Option<&'static Signature> {
    let (instance, name) = match (second, third) {
        _ if more => return None,
        (Some(name), None) => (false, name),
        (Some(_), Some(name)) => (true, name),
        (None, _) => return None,
    };
    let own =
        OPERATIONS.iter().find(|o| o.on == first && o.instance == instance && o.name() == name);
    own.or_else(|| {
        let known = ResourceType::from_name(first).is_some();
        META_OPERATIONS.iter().find(|o| known && o.instance == instance && o.name() == name)
    })
}

/// The operation of the whole system that has a name.
fn of_system(name: &str) -> Option<&'static Signature> {
    META_OPERATIONS.iter().find(|o| !o.instance && o.name() == name)
}

/// The operation of an emergency department that the segments name.
fn emergency(
    first: &str,
    second: Option<&str>,
    third: Option<&str>,
) -> Option<&'static accord_emergency::Signature> {
    let (instance, name) = third.map_or((false, second), |name| (true, Some(name)));
    let named = |o: &&accord_emergency::Signature| {
        first == accord_emergency::ON && o.instance == instance && Some(o.called) == name
    };
    accord_emergency::OPERATIONS.iter().find(named)
}

fn operation_shape(instance: bool) -> Shape {
    if instance { Shape::InstanceOperation } else { Shape::TypeOperation }
}

fn probe(path: &str) -> Result<Target<'_>, Miss> {
    match path {
        "/health" => Ok(plain(Shape::Health)),
        "/ready" => Ok(plain(Shape::Ready)),
        "/metrics" => Ok(plain(Shape::Metrics)),
        _ => Err(Miss::Outside),
    }
}

fn system_shape(segment: &str) -> Option<Shape> {
    match segment {
        "metadata" => Some(Shape::Metadata),
        "_search" => Some(Shape::SystemSearch),
        "_history" => Some(Shape::SystemHistory),
        "$live" => Some(Shape::Live),
        _ => None,
    }
}

fn hooks_shape(name: &str) -> Option<Shape> {
    match name {
        "$status" => Some(Shape::HookStatuses),
        "$get-ws-binding-token" => Some(Shape::HookBindings),
        _ => None,
    }
}

fn hook_shape(name: &str) -> Option<Shape> {
    match name {
        "$status" => Some(Shape::HookStatus),
        "$get-ws-binding-token" => Some(Shape::HookBinding),
        "$events" => Some(Shape::HookEvents),
        "$replay" => Some(Shape::HookReplay),
        _ => None,
    }
}

fn type_shape(
    second: Option<&str>,
    third: Option<&str>,
    fourth: Option<&str>,
) -> Result<Shape, Miss> {
    match (second, third, fourth) {
        (None, ..) => Ok(Shape::Type),
        (Some("_search"), None, None) => Ok(Shape::TypeSearch),
        (Some("_history"), None, None) => Ok(Shape::TypeHistory),
        (Some("" | "_search" | "_history"), ..) => Err(Miss::NoSuchPath),
        (Some(_), None, None) => Ok(Shape::Instance),
        (Some(_), Some("_history"), None) => Ok(Shape::InstanceHistory),
        (Some(_), Some("_history"), Some(_)) => Ok(Shape::Version),
        (Some(_), Some("*"), None) => Ok(Shape::Members),
        (Some(_), Some(of), None) if ResourceType::from_name(of).is_some() => Ok(Shape::Member),
        _ => Err(Miss::NoSuchPath),
    }
}

fn plain(shape: Shape) -> Target<'static> {
    Target {
        shape,
        resource_type: None,
        id: Cow::Borrowed(""),
        version: Cow::Borrowed(""),
        member: None,
        operation: None,
        emergency: None,
    }
}
