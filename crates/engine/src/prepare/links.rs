//! Links of a transaction's resources to its entries that are no References: elements of type
//! uri, url, oid and uuid, and addresses in narratives (FHIR R4 http §3.1.0.11.2).

use accord_fhir::json::{Kind, Value};
use accord_spec::{Element, Primitive, ResourceType, TypeId};

use super::Resolver;

/// Each string of the resource that is or holds the `fullUrl` of an entry, and what stands there
/// instead.
pub(crate) fn links<'a>(resource: Value<'a>, resolver: &Resolver) -> Vec<(Value<'a>, String)> {
    let mut found = Vec::new();
    if resolver.has_entries() {
        Walk { resolver, found: &mut found }.resource(resource);
    }
    found
}

struct Walk<'w, 'a> {
    resolver: &'w Resolver,
    found: &'w mut Vec<(Value<'a>, String)>,
}

/// As deep as the JSON, which the parser bounds.
impl<'a> Walk<'_, 'a> {
    fn resource(&mut self, resource: Value<'a>) {
        let name = resource.get_str("resourceType").unwrap_or_default();
        if let Some(of) = ResourceType::from_name(&name) {
            self.object(resource, of.type_id());
        }
    }

    fn object(&mut self, object: Value<'a>, ty: TypeId) {
        for (name, member) in object.members() {
            if let Some(element) = ty.element(&name) {
                each(member, |value| self.element(value, element));
            } else if name.starts_with('_') {
                // Extensions of a primitive.
                each(member, |value| self.object(value, TypeId::ELEMENT));
            }
        }
    }

    fn element(&mut self, value: Value<'a>, element: &Element) {
        match (element.ty.primitive(), value.kind()) {
            (Some(primitive), Kind::String) => self.primitive(value, primitive),
            (None, Kind::Object) if element.ty == TypeId::RESOURCE => self.resource(value),
            (None, Kind::Object) => self.object(value, element.ty),
            _ => {}
        }
    }

    fn primitive(&mut self, value: Value<'a>, primitive: Primitive) {
        let Some(text) = value.as_str() else { return };
        let stands = match primitive {
            // A uri that is an address may name what is no entry although one lies there: a code
            // system, a namespace, the resource itself.
            Primitive::Uri if !text.starts_with("urn:") => None,
            Primitive::Uri | Primitive::Url | Primitive::Oid | Primitive::Uuid => {
                self.resolver.entry(&text).map(str::to_owned)
            }
            Primitive::Xhtml => narrative(&text, self.resolver),
            _ => None,
        };
        self.found.extend(stands.map(|stands| (value, stands)));
    }
}

fn each<'a>(member: Value<'a>, mut with: impl FnMut(Value<'a>)) {
    match member.kind() {
        Kind::Array => member.items().for_each(with),
        _ => with(member),
    }
}

/// A narrative with the addresses of links and images replaced that are an entry's `fullUrl`;
/// `None` if none is. The narrative is valid: in a tag, quotes stand around attributes only.
fn narrative(text: &str, resolver: &Resolver) -> Option<String> {
    let (mut out, mut rest, mut changed) = (String::with_capacity(text.len()), text, false);
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        out.push_str(before);
        rest = if let Some(comment) = tag.strip_prefix("<!--") {
            let end = comment.find("-->").map_or(tag.len(), |at| "<!--".len() + at);
            let (comment, after) = tag.split_at(end);
            out.push_str(comment);
            after
        } else {
            replace_in_tag(tag, resolver, &mut out, &mut changed)
        };
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// Copies a tag to `out`, addresses replaced; gives what follows it.
fn replace_in_tag<'t>(
    tag: &'t str,
    resolver: &Resolver,
    out: &mut String,
    changed: &mut bool,
) -> &'t str {
    let mut rest = tag;
    while let Some(at) = rest.find(['"', '\'', '>']) {
        let (name, quoted) = rest.split_at(at);
        out.push_str(name);
        let mut chars = quoted.chars();
        let quote = chars.next().unwrap_or('>');
        out.push(quote);
        if quote == '>' {
            return chars.as_str();
        }
        let (value, after) = chars.as_str().split_once(quote).unwrap_or((chars.as_str(), ""));
        let attribute = name.trim_end().trim_end_matches('=').trim_end();
        let is_address = ["href", "src"].iter().any(|known| {
            attribute.strip_suffix(known).is_some_and(|front| front.ends_with(char::is_whitespace))
        });
        match resolver.entry(&value.replace("&amp;", "&")).filter(|_| is_address) {
            Some(target) => {
                out.push_str(target);
                *changed = true;
            }
            None => out.push_str(value),
        }
        out.push(quote);
        rest = after;
    }
    out.push_str(rest);
    ""
}

#[cfg(test)]
mod tests {
    use accord_base::ResourceId;
    use accord_fhir::json::{Limits, parse};

    use super::*;

    const URN: &str = "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9";

    fn resolver() -> Resolver {
        let mut resolver = Resolver::default();
        let id = ResourceId::new("1").unwrap();
        for url in [URN, "http://x.org/Binary/b", "http://x.org/f?a=1&b=2"] {
            assert!(resolver.add_entry(url, ResourceType::PATIENT, &id));
        }
        resolver.add("Patient?identifier=1", ResourceType::PATIENT, &id);
        resolver
    }

    fn check(text: &str, replaced: &[&str]) {
        let tape = parse(text.as_bytes(), Limits::default()).unwrap();
        let found = links(tape.root(), &resolver());
        let found: Vec<_> = found.into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, replaced, "{text}");
    }

    #[test]
    fn elements_are_told_by_their_types() {
        let extension = |value: &str| {
            format!(r#"{{"resourceType":"Patient","extension":[{{"url":"x",{value}}}]}}"#)
        };
        for kind in ["Uri", "Url", "Oid", "Uuid"] {
            check(&extension(&format!(r#""value{kind}":"{URN}""#)), &["Patient/1"]);
        }
        for kind in ["String", "Canonical", "Markdown", "Code", "Id"] {
            check(&extension(&format!(r#""value{kind}":"{URN}""#)), &[]);
        }
        check(&extension(r#""valueUrl":"http://x.org/Binary/b""#), &["Patient/1"]);
        check(&extension(r#""valueUri":"http://x.org/Binary/b""#), &[]);
        check(&extension(r#""valueUrl":"http://x.org/Binary/b2""#), &[]);
        check(&extension(r#""valueUrl":"Patient?identifier=1""#), &[]);
        let photo = format!(
            r#"{{"resourceType":"Patient","photo":[{{"url":"{URN}"}},{{"url":"y"}}],
            "_gender":{{"extension":[{{"url":"{URN}","valueUri":"{URN}"}}]}},
            "contained":[{{"resourceType":"Device","id":"d","url":"{URN}"}}],"name":[{{"text":"{URN}"}}]}}"#
        );
        check(&photo, &["Patient/1"; 4]);
    }

    #[test]
    fn narratives_have_their_addresses_replaced_and_nothing_else() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(narrative(text, &resolver()).as_deref(), expected, "{text}");
        };
        let of = |text: &str| text.replace("URN", URN);
        check(
            &of(r#"<div><a class="x" href="URN">URN</a><img alt='href="URN"' src = 'URN'/></div>"#),
            Some(&of(
                r#"<div><a class="x" href="Patient/1">URN</a><img alt='href="URN"' src = 'Patient/1'/></div>"#,
            )),
        );
        check(r#"<a href="http://x.org/f?a=1&amp;b=2"/>"#, Some(r#"<a href="Patient/1"/>"#));
        for kept in [
            r##"<a href="#URN">x</a>"##,
            r#"<a title="URN">href="URN"</a>"#,
            r#"<a xhref="URN"/>"#,
            r#"<!-- <a href="URN"> --><p>href='URN'</p>"#,
            "<!-- ",
            "<a href=\"",
            "no tag",
        ] {
            check(&of(kept), None);
        }
    }
}
