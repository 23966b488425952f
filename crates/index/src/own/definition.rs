//! A SearchParameter resource, read and checked: what it defines here, or why it cannot be.

use accord_fhir::json::Value;
use accord_fhirpath::{Expr, ExprKind, Limits, Plan, Read, ast::BinaryOp, compile, parse};
use accord_spec::{ParamKind, ResourceType, TypeId, param};

use crate::extract::takes;
use crate::own::OwnField;

/// What one expression may cost, which is evaluated whenever a resource of its type is written.
pub(super) const LIMITS: Limits = Limits { bytes: 4096, depth: 40, steps: 100_000 };
/// Most bytes of a name.
const MOST_CODE: usize = 64;

/// A search parameter of one resource type, as a SearchParameter resource defines it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Its name in a search.
    pub code: String,
    /// The type it belongs to.
    pub base: ResourceType,
    /// How its values are compared.
    pub kind: ParamKind,
    /// FHIRPath of its values: the alternatives for its base.
    pub expression: String,
    /// Types that its references can name; empty means any.
    pub targets: Vec<ResourceType>,
    /// Canonical address of the resource.
    pub url: String,
}

/// Why a SearchParameter cannot be taken, and which of its elements is at fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The element.
    pub element: &'static str,
    /// Why.
    pub reason: String,
}

/// What a resource defines: nothing, unless it is a SearchParameter whose status is `active`.
///
/// # Errors
/// Everything that keeps it from being searched by as it says: it is not to be taken for another.
pub fn definitions(resource: Value<'_>) -> Result<Vec<Definition>, Vec<Fault>> {
    let is = |name: &str, text: &str| resource.get_str(name).as_deref() == Some(text);
    if !is("resourceType", "SearchParameter") || !is("status", "active") {
        return Ok(Vec::new());
    }
    let mut reader = Reader { resource, faults: Vec::new() };
    let (code, kind) = (reader.code(), reader.kind());
    let (bases, targets) = (reader.bases(&code), reader.targets());
    reader.unsupported();
    let read = match kind {
        Some(kind) => reader.expressions(&bases, kind),
        None => Vec::new(),
    };
    if !reader.faults.is_empty() {
        return Err(reader.faults);
    }
    let url = resource.get_str("url").unwrap_or_default().into_owned();
    let define = |(base, expression)| {
        let (code, targets, url) = (code.clone(), targets.clone(), url.clone());
        Some(Definition { code, base, kind: kind?, expression, targets, url })
    };
    Ok(read.into_iter().filter_map(define).collect())
}

/// Reads one resource and gathers all that is wrong with it.
struct Reader<'a> {
    resource: Value<'a>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, element: &'static str, reason: impl Into<String>) {
        self.faults.push(Fault { element, reason: reason.into() });
    }

    fn code(&mut self) -> String {
        let code = self.resource.get_str("code").unwrap_or_default().into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let named = !code.is_empty() && !code.starts_with('_') && code.len() <= MOST_CODE;
        if !named || !code.chars().all(plain) {
            let text = format!(
                "`{}` is no name for a search: letters, digits, `-` and `_`, at most {MOST_CODE}, not `_` first",
                cut(&code)
            );
            self.fault("SearchParameter.code", text);
        }
        code
    }

    fn kind(&mut self) -> Option<ParamKind> {
        let name = self.resource.get_str("type").unwrap_or_default().into_owned();
        match ParamKind::from_name(&name) {
            None | Some(ParamKind::Composite | ParamKind::Special) => {
                let text = format!("parameters of type `{}` are not supported here", cut(&name));
                self.fault("SearchParameter.type", text);
                None
            }
            kind => kind,
        }
    }

    fn bases(&mut self, code: &str) -> Vec<ResourceType> {
        let mut bases = self.types("base", "SearchParameter.base");
        bases.sort_unstable();
        bases.dedup();
        for base in &bases {
            if *base == ResourceType::AUDIT_EVENT {
                let text = "`AuditEvent` is searched by its own parameters alone";
                self.fault("SearchParameter.base", text);
            }
            if let Some(official) = param(*base, code) {
                let text = format!("`{}` of `{base}` is defined by {}", cut(code), official.url);
                self.fault("SearchParameter.code", text);
            }
        }
        bases
    }

    fn targets(&mut self) -> Vec<ResourceType> {
        self.types("target", "SearchParameter.target")
    }

    fn types(&mut self, member: &str, element: &'static str) -> Vec<ResourceType> {
        let list = self.resource.get(member);
        let names = list.into_iter().flat_map(Value::each).filter_map(Value::as_str);
        let mut types = Vec::new();
        for name in names.map(|name| name.into_owned()).collect::<Vec<_>>() {
            match ResourceType::from_name(&name) {
                Some(of) => types.push(of),
                None => self.fault(element, format!("`{}` is not a resource type", cut(&name))),
            }
        }
        types
    }

    /// What would have to change how it is searched.
    fn unsupported(&mut self) {
        if self.resource.get("component").is_some() {
            self.fault("SearchParameter.component", "composites are not supported here");
        }
        let usage = self.resource.get_str("xpathUsage").map(|usage| usage.into_owned());
        if let Some(usage) = usage.filter(|usage| usage != "normal") {
            let text = format!("values are compared as they are, not `{}`", cut(&usage));
            self.fault("SearchParameter.xpathUsage", text);
        }
    }

    /// For each base the alternatives of the expression that can be evaluated on it.
    fn expressions(
        &mut self,
        bases: &[ResourceType],
        kind: ParamKind,
    ) -> Vec<(ResourceType, String)> {
        let text = self.resource.get_str("expression").unwrap_or_default().into_owned();
        match compiled(&text, bases, kind) {
            Ok(read) => read,
            Err(reasons) => {
                for reason in reasons {
                    self.fault("SearchParameter.expression", reason);
                }
                Vec::new()
            }
        }
    }
}

fn compiled(
    text: &str,
    bases: &[ResourceType],
    kind: ParamKind,
) -> Result<Vec<(ResourceType, String)>, Vec<String>> {
    if text.is_empty() {
        return Err(vec!["an expression is needed".to_owned()]);
    }
    let whole = parse(text, LIMITS).map_err(|error| vec![error.to_string()])?;
    let mut parts = Vec::new();
    alternatives(&whole, &mut parts);
    let (mut of_bases, mut reasons) = (vec![Vec::new(); bases.len()], Vec::new());
    for part in parts {
        let mut wrong = None;
        for (base, kept) in bases.iter().zip(&mut of_bases) {
            if let Some(other) = begins_with(part).filter(|of| of != base) {
                wrong = wrong.or_else(|| Some(format!("`{other}` is none of its bases")));
                continue;
            }
            match compile(part, base.type_id(), LIMITS) {
                Ok(plan) => match unfit(&plan, kind) {
                    None => kept.push(part.to_string()),
                    Some(reason) => wrong = Some(reason),
                },
                Err(error) => wrong = wrong.or_else(|| Some(error.to_string())),
            }
        }
        // One that is of another base is nothing to complain of; one that is of none is.
        let of_none = |kept: &Vec<String>| kept.last() != Some(&part.to_string());
        if let Some(wrong) = wrong.filter(|_| of_bases.iter().all(of_none)) {
            reasons.push(wrong);
        }
    }
    for (base, kept) in bases.iter().zip(&of_bases) {
        if kept.is_empty() && reasons.is_empty() {
            reasons.push(format!("no alternative is of `{base}`"));
        }
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let joined = of_bases.into_iter().map(|kept| kept.join(" | "));
    let joined: Vec<(ResourceType, String)> = bases.iter().copied().zip(joined).collect();
    // Written out and side by side they may be longer, or deeper, than they were sent.
    for (base, text) in &joined {
        if OwnField::compile(0, (*base, kind), text, LIMITS).is_none() {
            return Err(vec![format!("too long or too deep for `{base}`")]);
        }
    }
    Ok(joined)
}

fn alternatives<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Binary { op: BinaryOp::Union, left, right } => {
            alternatives(left, parts);
            alternatives(right, parts);
        }
        _ => parts.push(expr),
    }
}

/// The type that a path begins with, if it does with one: of others it yields nothing.
fn begins_with(expr: &Expr) -> Option<ResourceType> {
    match &expr.kind {
        ExprKind::Member { on: None, name } => ResourceType::from_name(name),
        ExprKind::Member { on: Some(on), .. }
        | ExprKind::Call { on: Some(on), .. }
        | ExprKind::Index { on, .. }
        | ExprKind::Type { on, .. } => begins_with(on),
        _ => None,
    }
}

/// Why nothing can be searched for in what an expression yields.
fn unfit(plan: &Plan, kind: ParamKind) -> Option<String> {
    let Some(reads) = plan.reads() else {
        let text = "it must name what it reads, and rest on the resource alone: no `descendants()`, `repeat()`, `now()`, no elements compared whole";
        return Some(text.to_owned());
    };
    if let Some(read) = reads.iter().find(|read| tells_of_others(read)) {
        let text =
            "may tell of another resource, which not everyone may see, or be part of a narrative";
        return Some(format!("`{}` {text}; say which type it is of", cut(read.name)));
    }
    if plan.types().is_empty() {
        let text = "it computes its values: of those only true and false are searched, by a token";
        return (kind != ParamKind::Token).then(|| text.to_owned());
    }
    let fits = plan.types().iter().any(|ty| is_open(*ty) || takes(kind, *ty));
    let names = || plan.types().iter().map(|ty| ty.name()).collect::<Vec<_>>().join("`, `");
    (!fits).then(|| {
        format!("parameters of type `{}` have no values of `{}`", kind.name(), cut(&names()))
    })
}

/// Types that stand for any that specialises them.
fn is_open(ty: TypeId) -> bool {
    matches!(ty.name(), "Element" | "Resource" | "DomainResource")
}

/// Whether a step leads to what is taken out of a document where a reference leads to what does
/// not exist for the asker: everything that a Reference says but its address and type, and
/// narratives, which repeat it. A search by it would tell what the document does not.
fn tells_of_others(read: &Read<'_>) -> bool {
    let of_reference = matches!(read.name, "display" | "identifier" | "extension");
    let of_narrative = matches!(read.name, "div" | "status" | "extension" | "id");
    let holds = |name: &str| read.holders.iter().any(|holder| holder.name() == name);
    of_reference && (read.open || holds("Reference"))
        || holds("Narrative")
        || read.open && of_narrative && read.name == "div"
}

fn cut(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
