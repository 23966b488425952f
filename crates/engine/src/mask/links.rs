//! What can be taken out of a document for an audience: found once, taken out as often as needed.

use std::ops::Range;

use accord_access::Class;
use accord_base::ResourceId;
use accord_fhir::Reference;
use accord_fhir::json::{self, Kind, Limits, Value};
use accord_spec::ResourceType;

use super::Marks;

/// Members of a Reference that tell of its target: everything but its address and type. What an
/// extension says there is not known, so it counts as telling.
const TELLING: [&str; 4] = ["display", "_display", "identifier", "extension"];

/// Where a document tells of others, and where marks are put. Places are bytes of the document as
/// it is served.
#[derive(Debug)]
pub(crate) struct Links {
    /// References that can be to something hidden.
    pub links: Box<[Link]>,
    /// Narratives, which repeat what references say.
    pub narratives: Box<[Range<usize>]>,
    /// Where a label goes into `meta.security`.
    place: Place,
    /// Marks that the document has of its own.
    stated: Marks,
}

/// A reference to a resource of this server, of a type of which resources can be hidden.
#[derive(Debug)]
pub(crate) struct Link {
    pub resource_type: ResourceType,
    pub id: ResourceId,
    /// The members that tell of the target, each with a comma.
    pub telling: Vec<Range<usize>>,
}

/// Where the next label stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the end of the list of labels.
    Next(usize),
    /// At the end of `meta`, which has no labels.
    First(usize),
}

impl Links {
    /// Those of a document as it is served; `None` if it cannot be read as one.
    pub fn of(text: &str) -> Option<Links> {
        let tape = json::parse(text.as_bytes(), Limits::default()).ok()?;
        // Places in what was parsed are places in the text only if there was nothing to minify.
        let root = tape.root();
        let same = tape.text().len() == text.len();
        let meta = root.get("meta").filter(|_| same)?;
        let labels = meta.get("security").filter(|labels| labels.kind() == Kind::Array);
        let place = match labels {
            Some(labels) => Place::Next(labels.span().end.checked_sub(1)?),
            None => Place::First(meta.span().end.checked_sub(1)?),
        };
        let stated = Marks::stated(root);
        let (mut links, mut narratives) = (Vec::new(), Vec::new());
        walk(root, true, &mut links, &mut narratives);
        if narratives.is_empty() {
            links.retain(|link| !link.telling.is_empty());
        }
        if links.is_empty() {
            narratives.clear();
        }
        let (links, narratives) = (links.into(), narratives.into());
        Some(Links { links, narratives, place, stated })
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let link =
            |link: &Link| size_of::<Link>() + link.id.as_str().len() + 16 * link.telling.len();
        size_of::<Links>() + 16 * self.narratives.len() + self.links.iter().map(link).sum::<usize>()
    }

    /// The document without what tells of targets that are not `there`, and labelled with what
    /// was done and what is owed; `None` if it stays as it is.
    pub fn seen(
        &self,
        text: &str,
        owed: Marks,
        there: impl Fn(&Link) -> bool,
    ) -> Option<(String, Marks)> {
        let mut cuts: Vec<Range<usize>> = Vec::new();
        let mut gone = false;
        for link in self.links.iter().filter(|link| !there(link)) {
            gone = true;
            cuts.extend(link.telling.iter().cloned());
        }
        if gone {
            cuts.extend(self.narratives.iter().cloned());
        }
        let marks = if cuts.is_empty() { owed } else { owed.with(Marks::REDACTED) };
        if marks == Marks::NONE {
            return None;
        }
        cuts.sort_unstable_by_key(|cut| cut.start);
        Some((self.cut(text, &cuts, marks.without(self.stated)), marks))
    }

    /// The document without these places, which are in order and of which some may lie in others.
    fn cut(&self, text: &str, cuts: &[Range<usize>], marks: Marks) -> String {
        let labels = marks.labels();
        let (at, label) = match self.place {
            _ if labels.is_empty() => (0, String::new()),
            Place::Next(at) if text.get(..at).is_some_and(|t| t.ends_with('[')) => (at, labels),
            Place::Next(at) => (at, format!(",{labels}")),
            Place::First(at) => (at, format!(",\"security\":[{labels}]")),
        };
        let mut out = String::with_capacity(text.len() + label.len());
        let (mut from, mut label) = (0, Some(label));
        for cut in cuts.iter().filter(|cut| !cut.is_empty()) {
            if cut.start < from {
                continue;
            }
            // `meta` holds no narrative; a reference in it stands before or after its labels.
            if cut.start >= at
                && let Some(label) = label.take()
            {
                out.push_str(text.get(from..at).unwrap_or_default());
                out.push_str(&label);
                from = at;
            }
            out.push_str(text.get(from..cut.start).unwrap_or_default());
            from = cut.end;
        }
        if let Some(label) = label {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push_str(&label);
            from = at;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }
}

/// As deep as the JSON, which the parser bounds. The resource itself is no Reference, whatever
/// its members are called.
fn walk(value: Value<'_>, root: bool, links: &mut Vec<Link>, narratives: &mut Vec<Range<usize>>) {
    if value.kind() == Kind::Array {
        return value.items().for_each(|item| walk(item, false, links, narratives));
    }
    let reference = if root { None } else { value.get_str("reference") };
    let target = reference.and_then(|text| local(&text));
    let (mut telling, mut kept) = (Vec::new(), false);
    let mut members = value.members();
    while let Some((name_span, name, member)) = members.next_spanned() {
        // The comma before goes with the member once something is kept, the one after it while
        // nothing is: the address or the type of the resource always stays.
        let (start, end) = (name_span.start, member.span().end);
        let place = if kept { start - 1..end } else { start..end + 1 };
        if target.is_some() && TELLING.contains(&&*name) {
            telling.push(place);
        } else if name == "text" && member.kind() == Kind::Object {
            narratives.push(place);
            continue;
        } else {
            kept = true;
        }
        walk(member, false, links, narratives);
    }
    links.extend(target.map(|(resource_type, id)| Link { resource_type, id, telling }));
}

/// What a reference names on this server, if it is of a type of which resources can be hidden.
/// The directory is open to everyone.
fn local(text: &str) -> Option<(ResourceType, ResourceId)> {
    let Some(Reference::Relative { resource_type, id, .. }) = Reference::parse(text) else {
        return None;
    };
    let resource_type = ResourceType::from_name(resource_type)?;
    let hides = Class::of(resource_type) != Class::Directory;
    hides.then_some(resource_type).zip(ResourceId::new(id).ok())
}
