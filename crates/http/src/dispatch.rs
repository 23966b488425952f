//! From a route and a request to an interaction.

use std::sync::Arc;

use accord_base::ResourceId;
use accord_engine::{
    BundleOptions, CompartmentSearch, HistoryOf, Interaction, MAX_PATCH_BYTES, Operation, Patch,
    PatchFormat, PatchOf, Signature,
};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use crate::app::Options;
use crate::base_url;
use crate::body::{self, BodyLimits, form, json};
use crate::budget::{Budget, Held};
use crate::conditional::{freshness, if_match, if_none_exist, number};
use crate::negotiate::{Wants, check_patch_body};
use crate::params::{check_no_params, decode_into, takes_params};
use crate::path::Target;
use crate::refusal::{Checked, Refusal};
use crate::render::Context;
use crate::routes::{Code, Route, Shape};

/// Longest body that is read and prepared in the thread that serves connections, in bytes.
const MAX_INLINE_BYTES: usize = 64 << 10;

/// A request on its way to an interaction.
pub(crate) struct Ask<'a, B> {
    pub route: &'static Route,
    pub target: Target<'a>,
    pub parts: &'a Parts,
    pub body: B,
    pub options: &'a Options,
    pub budget: &'a Budget,
}

/// What is asked for, and what goes with it.
pub(crate) struct Prepared {
    pub interaction: Interaction,
    pub context: Context,
    /// The memory of the body, if there is one.
    pub held: Option<Held>,
}

/// The interaction that is asked for and how its outcome is to be told. What the client wants of
/// the answer is added to `wants` as soon as it is known, so that refusals honour it too.
///
/// # Errors
/// Whatever is wrong with the request before anything is looked up.
pub(crate) async fn prepare<B>(ask: Ask<'_, B>, wants: &mut Wants) -> Checked<Prepared>
where
    B: Body<Data = Bytes>,
{
    let headers = &ask.parts.headers;
    let code = ask.route.code;
    let mut params = Vec::new();
    decode_into(&mut params, ask.parts.uri.query().unwrap_or_default())?;
    let mut context = Context::new(code, *wants);
    // A search may say what it wants in its form, which is not read yet.
    if !matches!(code, Code::SearchType | Code::SearchSystem) {
        context.negotiate(headers, &mut params, wants)?;
    }
    let conditional = ask.target.shape == Shape::Type
        && matches!(code, Code::Update | Code::Patch | Code::Delete);
    if !takes_params(code) && !conditional {
        check_no_params(&params, wants.lenient)?;
    }
    if !matches!(code, Code::Read | Code::Vread | Code::Delete) {
        context.base = base_url::of(ask.options.base_url.as_ref(), headers)?;
        context.path = link_path(&ask.target);
    }
    let mut held = None;
    let interaction = match code {
        Code::Read => read(&ask, &mut context)?,
        Code::Vread => vread(&ask.target)?,
        Code::HistoryInstance | Code::HistoryType | Code::HistorySystem => {
            Interaction::History { of: history_of(&ask.target)?, params }
        }
        Code::SearchType | Code::SearchSystem => search(ask, params, &mut context, wants).await?,
        Code::Create | Code::Update | Code::Delete => write(ask, params, &mut held).await?,
        Code::Patch => patch(ask, params, &mut held).await?,
        Code::Transaction | Code::Batch => {
            let limits = ask.limits();
            let body = kept(json(headers, ask.body, limits).await?, &mut held);
            context.bundle = Some(Arc::clone(&body));
            Interaction::Bundle { body, options: BundleOptions::default() }
        }
        Code::Operation => operation(ask, params, &mut held).await?,
        Code::Capabilities
        | Code::Health
        | Code::Ready
        | Code::Metrics
        | Code::Identity
        | Code::Page
        | Code::Live
        | Code::HookStatus
        | Code::HookEvents
        | Code::HookReplay
        | Code::HookBinding
        | Code::Socket
        | Code::Unknown => {
            return Err(Refusal::no_route(IssueCode::NotFound, "there is nothing at this path"));
        }
    };
    Ok(Prepared { interaction, context, held })
}

/// An operation, by `POST` with its parameters as a resource, or by `GET` where it allows that.
async fn operation<B>(
    ask: Ask<'_, B>,
    params: Vec<(String, String)>,
    held: &mut Option<Held>,
) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let Some(signature) = ask.target.operation else {
        return Err(Refusal::no_route(IssueCode::NotSupported, "the operation is not supported"));
    };
    let id = if signature.instance { Some(id(&ask.target)?) } else { None };
    let (of, headers) = (ask.target.resource_type, &ask.parts.headers);
    let posted = ask.route.method == Method::POST;
    if !signature.by.allows(posted) {
        return Err(Refusal::method(if posted { "GET, HEAD" } else { "POST" }));
    }
    let body: Arc<[u8]> = if posted {
        let limits = ask.limits();
        kept(json(&ask.parts.headers, ask.body, limits).await?, held)
    } else {
        Arc::from([])
    };
    Ok(match (signature.name(), of, id) {
        ("$meta", Some(resource_type), Some(id)) => Interaction::Meta { resource_type, id },
        ("$meta", of, None) => {
            check_no_params(&params, false)?;
            Interaction::Metas(of)
        }
        (name @ ("$meta-add" | "$meta-delete"), Some(resource_type), Some(id)) => {
            let add = name == "$meta-add";
            let format = if add { PatchFormat::MetaAdd } else { PatchFormat::MetaDelete };
            let (of, if_match) = (PatchOf::Id(id), if_match(headers)?);
            Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match }))
        }
        (_, _, id) => Interaction::Operation(Box::new(Operation { signature, id, params, body })),
    })
}

fn read<B>(ask: &Ask<'_, B>, context: &mut Context) -> Checked<Interaction> {
    let fresh = freshness(&ask.parts.headers)?;
    context.any_is_fresh = fresh.any;
    Ok(Interaction::Read {
        resource_type: known(&ask.target)?,
        id: id(&ask.target)?,
        if_none_match: fresh.version,
        if_modified_since: fresh.since_s,
    })
}

fn vread(target: &Target<'_>) -> Checked<Interaction> {
    let (resource_type, id) = (known(target)?, id(target)?);
    let missing = || Refusal::no_route(IssueCode::NotFound, "there is no such version");
    let version = number(&target.version).ok_or_else(missing)?;
    Ok(Interaction::Vread { resource_type, id, version })
}

fn history_of(target: &Target<'_>) -> Checked<HistoryOf> {
    Ok(match (target.resource_type, target.shape) {
        (Some(resource_type), Shape::InstanceHistory) => {
            HistoryOf::Instance(resource_type, id(target)?)
        }
        (Some(resource_type), _) => HistoryOf::Type(resource_type),
        (None, _) => HistoryOf::System,
    })
}

/// A search; by `POST`, the parameters of the form follow those of the URL.
async fn search<B>(
    ask: Ask<'_, B>,
    mut params: Vec<(String, String)>,
    context: &mut Context,
    wants: &mut Wants,
) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let mut raw = ask.parts.uri.query().unwrap_or_default().to_owned();
    if ask.route.method == Method::POST {
        let limits = ask.limits();
        let form = form(&ask.parts.headers, ask.body, limits).await?;
        decode_into(&mut params, &form)?;
        append_query(&mut raw, &form);
    }
    context.negotiate(&ask.parts.headers, &mut params, wants)?;
    let lenient = wants.lenient;
    if matches!(ask.target.shape, Shape::Member | Shape::Members) {
        let (owner, id) = (known(&ask.target)?, id(&ask.target)?);
        let resource_type = ask.target.member;
        let search = CompartmentSearch { owner, id, resource_type, params, raw, lenient };
        return Ok(Interaction::Compartment(Box::new(search)));
    }
    let resource_type = ask.target.resource_type;
    Ok(Interaction::Search { resource_type, params, raw, lenient })
}

async fn write<B>(
    ask: Ask<'_, B>,
    params: Vec<(String, String)>,
    held: &mut Option<Held>,
) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let headers = &ask.parts.headers;
    let (resource_type, limits) = (known(&ask.target)?, ask.limits());
    if ask.route.code == Code::Create {
        let if_none_exist = if_none_exist(headers)?;
        let body = kept(json(headers, ask.body, limits).await?, held);
        return Ok(Interaction::Create { resource_type, body, if_none_exist });
    }
    if ask.target.shape == Shape::Type {
        return write_where(ask, resource_type, params, held).await;
    }
    let (id, if_match) = (id(&ask.target)?, if_match(headers)?);
    if ask.route.code == Code::Delete {
        return Ok(Interaction::Delete { resource_type, id, if_match });
    }
    let body = kept(json(headers, ask.body, limits).await?, held);
    Ok(Interaction::Update { resource_type, id, body, if_match })
}

/// An update or a delete of what the query finds.
async fn write_where<B>(
    ask: Ask<'_, B>,
    resource_type: ResourceType,
    condition: Vec<(String, String)>,
    held: &mut Option<Held>,
) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let (headers, limits) = (&ask.parts.headers, ask.limits());
    let if_match = if_match(headers)?;
    if ask.route.code == Code::Delete {
        return Ok(Interaction::ConditionalDelete { resource_type, condition, if_match });
    }
    let body = kept(json(headers, ask.body, limits).await?, held);
    Ok(Interaction::ConditionalUpdate { resource_type, condition, body, if_match })
}

/// Changes to one resource, or to what the query finds.
async fn patch<B>(
    ask: Ask<'_, B>,
    condition: Vec<(String, String)>,
    held: &mut Option<Held>,
) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let headers = &ask.parts.headers;
    let (resource_type, if_match) = (known(&ask.target)?, if_match(headers)?);
    let of = match ask.target.shape {
        Shape::Type => PatchOf::Where(condition),
        _ => PatchOf::Id(id(&ask.target)?),
    };
    let format = check_patch_body(headers)?;
    let limits = BodyLimits { bytes: MAX_PATCH_BYTES.min(ask.limits().bytes), ..ask.limits() };
    let (bytes, share) = body::read(headers, ask.body, limits).await?;
    let body = kept((Arc::from(bytes), share), held);
    Ok(Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match })))
}

impl<'a, B> Ask<'a, B> {
    fn limits(&self) -> BodyLimits<'a> {
        let Options { max_body_bytes: bytes, body_time: time, .. } = *self.options;
        BodyLimits { bytes, time, budget: self.budget }
    }
}

impl Context {
    fn new(code: Code, wants: Wants) -> Context {
        Context {
            code,
            wants,
            base: String::new(),
            path: String::new(),
            shaping: Vec::new(),
            any_is_fresh: false,
            bundle: None,
        }
    }

    fn negotiate(
        &mut self,
        headers: &HeaderMap,
        params: &mut Vec<(String, String)>,
        wants: &mut Wants,
    ) -> Checked<()> {
        self.shaping = wants.negotiate(headers, params)?;
        self.wants = *wants;
        Ok(())
    }
}

/// What the rendering of a single resource depends on.
pub(crate) fn plain_context(code: Code, wants: Wants) -> Context {
    Context::new(code, wants)
}

/// A body, with its share of the memory put where it stays until the request is answered.
fn kept((body, share): (Arc<[u8]>, Held), held: &mut Option<Held>) -> Arc<[u8]> {
    *held = Some(share);
    body
}

/// Whether the interaction is worth a thread of its own: what reads or writes many resources, or
/// a large one.
pub(crate) fn is_heavy(interaction: &Interaction) -> bool {
    match interaction {
        Interaction::Read { .. } | Interaction::Vread { .. } | Interaction::Delete { .. } => false,
        Interaction::Create { body, if_none_exist, .. } => {
            if_none_exist.is_some() || body.len() > MAX_INLINE_BYTES
        }
        Interaction::Update { body, .. } => body.len() > MAX_INLINE_BYTES,
        _ => true,
    }
}

/// Path below the base that pages link to: a search by `POST` has the links of one by `GET`.
fn link_path(target: &Target<'_>) -> String {
    let name = target.resource_type.map(ResourceType::name).unwrap_or_default();
    match target.shape {
        Shape::SystemHistory => "_history".to_owned(),
        Shape::TypeHistory => format!("{name}/_history"),
        Shape::InstanceHistory => format!("{name}/{}/_history", target.id),
        Shape::Members => format!("{name}/{}/*", target.id),
        Shape::Member => {
            format!("{name}/{}/{}", target.id, target.member.map_or("", ResourceType::name))
        }
        Shape::TypeOperation => {
            format!("{name}/{}", target.operation.map_or("", Signature::name))
        }
        Shape::InstanceOperation => {
            let operation = target.operation.map_or("", Signature::name);
            format!("{name}/{}/{operation}", target.id)
        }
        _ => name.to_owned(),
    }
}

fn append_query(raw: &mut String, more: &str) {
    if !raw.is_empty() && !more.is_empty() {
        raw.push('&');
    }
    raw.push_str(more);
}

fn id(target: &Target<'_>) -> Checked<ResourceId> {
    ResourceId::new(&target.id).map_err(|e| Refusal::invalid(e.to_string()))
}

fn known(target: &Target<'_>) -> Checked<ResourceType> {
    target.resource_type.ok_or_else(|| Refusal::invalid("a resource type is needed"))
}
