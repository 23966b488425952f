//! From a route and a request to an interaction.

use std::sync::Arc;

use accord_base::ResourceId;
use accord_engine::{BundleOptions, HistoryOf, Interaction};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use crate::app::Options;
use crate::base_url;
use crate::body::{self, BodyLimits};
use crate::conditional::{freshness, if_match, if_none_exist, number};
use crate::negotiate::{Wants, check_form_body, check_json_body};
use crate::params::decode_into;
use crate::path::Target;
use crate::refusal::{Checked, Refusal};
use crate::render::Context;
use crate::routes::{Code, Route, Shape};

/// Longest form of a search, in bytes.
const MAX_FORM_BYTES: usize = 1 << 20;

/// A request on its way to an interaction.
pub(crate) struct Ask<'a, B> {
    pub route: &'static Route,
    pub target: Target<'a>,
    pub parts: &'a Parts,
    pub body: B,
    pub options: &'a Options,
}

/// The interaction that is asked for and how its outcome is to be told. What the client wants of
/// the answer is added to `wants` as soon as it is known, so that refusals honour it too.
///
/// # Errors
/// Whatever is wrong with the request before anything is looked up.
pub(crate) async fn prepare<B>(
    ask: Ask<'_, B>,
    wants: &mut Wants,
) -> Checked<(Interaction, Context)>
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
    if !takes_params(code) {
        check_no_params(&params, wants.lenient)?;
    }
    if !matches!(code, Code::Read | Code::Vread | Code::Delete) {
        context.base = base_url::of(ask.options.base_url.as_ref(), headers)?;
        context.path = link_path(&ask.target);
    }
    let interaction = match code {
        Code::Read => read(&ask, &mut context)?,
        Code::Vread => vread(&ask.target)?,
        Code::HistoryInstance | Code::HistoryType | Code::HistorySystem => {
            Interaction::History { of: history_of(&ask.target)?, params }
        }
        Code::SearchType | Code::SearchSystem => search(ask, params, &mut context, wants).await?,
        Code::Create | Code::Update | Code::Delete => write(ask).await?,
        Code::Transaction | Code::Batch => {
            let body = json(ask.parts, ask.body, ask.options).await?;
            context.bundle = Some(Arc::clone(&body));
            Interaction::Bundle { body, options: BundleOptions::default() }
        }
        Code::Capabilities | Code::Health | Code::Ready | Code::Metrics | Code::Unknown => {
            return Err(Refusal::no_route(IssueCode::NotFound, "there is nothing at this path"));
        }
    };
    Ok((interaction, context))
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
        let form = form(ask.parts, ask.body, ask.options).await?;
        decode_into(&mut params, &form)?;
        append_query(&mut raw, &form);
    }
    context.negotiate(&ask.parts.headers, &mut params, wants)?;
    let resource_type = ask.target.resource_type;
    Ok(Interaction::Search { resource_type, params, raw, lenient: wants.lenient })
}

async fn write<B>(ask: Ask<'_, B>) -> Checked<Interaction>
where
    B: Body<Data = Bytes>,
{
    let headers = &ask.parts.headers;
    let resource_type = known(&ask.target)?;
    if ask.route.code == Code::Create {
        let if_none_exist = if_none_exist(headers)?;
        let body = json(ask.parts, ask.body, ask.options).await?;
        return Ok(Interaction::Create { resource_type, body, if_none_exist });
    }
    let (id, if_match) = (id(&ask.target)?, if_match(headers)?);
    if ask.route.code == Code::Delete {
        return Ok(Interaction::Delete { resource_type, id, if_match });
    }
    let body = json(ask.parts, ask.body, ask.options).await?;
    Ok(Interaction::Update { resource_type, id, body, if_match })
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

/// Whether the interaction is worth a thread of its own: what reads or writes many resources.
pub(crate) fn is_heavy(code: Code) -> bool {
    !matches!(code, Code::Read | Code::Vread | Code::Create | Code::Update | Code::Delete)
}

fn takes_params(code: Code) -> bool {
    matches!(
        code,
        Code::SearchType
            | Code::SearchSystem
            | Code::HistoryInstance
            | Code::HistoryType
            | Code::HistorySystem
    )
}

/// Parameters that mean nothing here are an error, like unknown ones of a search.
fn check_no_params(params: &[(String, String)], lenient: bool) -> Checked<()> {
    let matters = |(name, value): &&(String, String)| !(name == "_summary" && value == "false");
    match params.iter().find(matters) {
        Some((name, _)) if !lenient => {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"_-:.".contains(&b);
            let text = if name.len() <= 64 && name.bytes().all(word) {
                format!("the parameter `{name}` is not supported here")
            } else {
                "a parameter of the query is not supported here".to_owned()
            };
            Err(Refusal::new(accord_engine::Category::Invalid, IssueCode::NotSupported, text))
        }
        _ => Ok(()),
    }
}

/// Path below the base that pages link to: a search by `POST` has the links of one by `GET`.
fn link_path(target: &Target<'_>) -> String {
    let name = target.resource_type.map(ResourceType::name).unwrap_or_default();
    match target.shape {
        Shape::SystemHistory => "_history".to_owned(),
        Shape::TypeHistory => format!("{name}/_history"),
        Shape::InstanceHistory => format!("{name}/{}/_history", target.id),
        _ => name.to_owned(),
    }
}

async fn json<B>(parts: &Parts, body: B, options: &Options) -> Checked<Arc<[u8]>>
where
    B: Body<Data = Bytes>,
{
    check_json_body(&parts.headers)?;
    let limits = BodyLimits { bytes: options.max_body_bytes, time: options.body_time };
    Ok(Arc::from(body::read(&parts.headers, body, limits).await?))
}

async fn form<B>(parts: &Parts, body: B, options: &Options) -> Checked<String>
where
    B: Body<Data = Bytes>,
{
    let limits = BodyLimits { bytes: MAX_FORM_BYTES, time: options.body_time };
    let bytes = body::read(&parts.headers, body, limits).await?;
    check_form_body(&parts.headers, bytes.is_empty())?;
    String::from_utf8(bytes).map_err(|_| Refusal::invalid("the form is not UTF-8"))
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
